//! The kernel against the network in burn: two programs, one answer.

use crate::networks::{bases, config, contig, random_tokens, random_weights};
use burn::tensor::Device;
use headlight::attention::block::AttentionBlock;
use headlight::genome::Strand;
use headlight::model::predict::{self, StrandSequence};
use headlight::model::{Kernel, KernelPath, Network, Settings};
use headlight::progress::{Cancel, Progress};

#[test]
fn an_odd_sized_network_gives_the_same_on_every_path() {
    let config = config(2, 5, 20, 12, 9, 80);
    let weights = random_weights(config, 31);
    // Three whole segments and a short one.
    let tokens = random_tokens(3 * 80 + 33, 31);
    let contig = contig(&tokens, false);
    let network = Network::new(&weights, &Device::flex());
    for path in KernelPath::ALL {
        let Some(kernel) = Kernel::with_path(&weights, path) else {
            continue;
        };
        for layer in 0..config.layers {
            let mut block = AttentionBlock::new(layer, config.heads, 0, tokens.len(), 80);
            let found = predict::run(
                &kernel,
                StrandSequence::new(&contig, Strand::Forward),
                0..tokens.len(),
                &Settings::default(),
                &mut block,
                &Progress::default(),
                &Cancel::default(),
            )
            .unwrap();
            let mut segments = 0;
            network.run_cold(&[&bases(&tokens)], |start, mut segment| {
                segments += 1;
                let [_, length, classes] = segment.logits.dims();
                let logits: Vec<f32> = segment.logits.try_into_vec_as().unwrap();
                for (row, expected) in logits.chunks(classes).enumerate() {
                    for (found, expected) in found.logits(start + row).iter().zip(expected) {
                        assert!(
                            (found - expected).abs() < 5e-5,
                            "{path}: {found} {expected}"
                        );
                    }
                }
                let attention = segment.attention.swap_remove(layer);
                let [_, heads, queries, keys] = attention.dims();
                assert_eq!(queries, length);
                let expected: Vec<f32> = attention.try_into_vec_as().unwrap();
                for (row, expected) in expected.chunks(keys).enumerate() {
                    let (head, query) = (row / queries, row % queries);
                    assert!(head < heads);
                    for (distance, found) in block.row(head, start + query).iter().enumerate() {
                        let key = (query + keys - length).checked_sub(distance);
                        let expected = key.map_or(0.0, |key| expected[key]);
                        assert!(
                            crate::golden::attention_agrees(*found, expected),
                            "{path}: layer {layer}, head {head}, query {}, distance {distance}: \
                             {found} {expected}",
                            start + query
                        );
                    }
                }
            });
            assert_eq!(segments, 4);
        }
    }
}
