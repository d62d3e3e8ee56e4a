//! The network's numbers against those of the original PyTorch code.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use crate::golden::{self, Golden};
use burn::tensor::Device;
use headlight::genome::Base;
use headlight::model::{Checkpoint, Network, Overrides, read_checkpoint};

fn open(case: &Golden) -> Checkpoint {
    let overrides = Overrides {
        context: Some(case.context),
        ..Overrides::default()
    };
    read_checkpoint(&case.model, overrides).unwrap()
}

/// Runs the burn network over a case and compares everything that the case holds.
fn compare(name: &'static str) {
    let Some(case) = golden::golden(name) else {
        return;
    };
    let network = Network::new(&open(&case).weights, &Device::flex());
    let strands: Vec<Vec<Base>> = case
        .tokens
        .iter()
        .map(|row| row.iter().map(|&token| golden::base(token)).collect())
        .collect();
    let strands: Vec<&[Base]> = strands.iter().map(Vec::as_slice).collect();
    let mut worst_logit = 0_f32;
    let mut worst_probability = 0_f32;
    let mut compared = 0;
    network.run_cold(&strands, |start, segment| {
        let [batch, length, classes] = segment.logits.dims();
        let logits: Vec<f32> = segment.logits.try_into_vec_as().unwrap();
        for (row, found) in logits.chunks(classes).enumerate() {
            let (strand, position) = (row / length, start + row % length);
            let total: f32 = found.iter().map(|logit| logit.exp()).sum();
            for (class, logit) in found.iter().enumerate() {
                let at = [position, strand, class];
                if let Some(expected) = &case.logits {
                    worst_logit = worst_logit.max((logit - expected.at(&at)).abs());
                }
                let expected = case.probabilities.at(&at);
                worst_probability = worst_probability.max((logit.exp() / total - expected).abs());
            }
        }
        for (layer, attention) in segment.attention.into_iter().enumerate() {
            let Some(golden) = case.attention_of(start / case.context, layer) else {
                continue;
            };
            let [_, heads, queries, keys] = attention.dims();
            assert_eq!(golden.weights.shape[1], keys);
            let found: Vec<f32> = attention.try_into_vec_as().unwrap();
            // The larger cases hold the attention of the forward strand only.
            for strand in 0..batch.min(golden.weights.shape[2]) {
                for (row, &query) in golden.queries.iter().enumerate() {
                    for (key, head) in (0..keys).flat_map(|k| (0..heads).map(move |h| (k, h))) {
                        let found = found[((strand * heads + head) * queries + query) * keys + key];
                        let expected = golden.weights.at(&[row, key, strand, head]);
                        assert!(
                            golden::attention_agrees(found, expected),
                            "{name}: layer {layer}, head {head}, query {} and key {key}: \
                             {found} is not {expected}",
                            start + query
                        );
                        compared += 1;
                    }
                }
            }
        }
    });
    println!(
        "{name}: logits {worst_logit:e}, probabilities {worst_probability:e}, {compared} weights"
    );
    assert!(
        worst_logit <= 5e-5,
        "{name}: logits differ by {worst_logit}"
    );
    assert!(
        worst_probability <= 5e-5,
        "{name}: probabilities differ by {worst_probability}"
    );
    assert!(compared > 0);
}

#[test]
fn tiny_agrees() {
    compare("tiny");
}

#[test]
fn trained_agrees() {
    compare("trained");
}

#[test]
fn paper_agrees() {
    compare("paper");
}

#[test]
fn paper_with_a_short_last_segment_agrees() {
    compare("paper_short");
}

#[test]
fn every_case_is_complete() {
    for name in golden::CASES {
        let Some(case) = golden::golden(name) else {
            return;
        };
        let [positions, strands, _] = case.probabilities.shape[..] else {
            panic!("{name}: {:?}", case.probabilities.shape);
        };
        assert_eq!(strands, case.tokens.len());
        assert_eq!(positions, case.tokens[0].len());
        let heads = open(&case).weights.config.head_shape();
        assert!(case.attention.len() >= 2 * heads.layers);
    }
}

#[test]
fn weights_survive_the_network() {
    let Some(case) = golden::golden("tiny") else {
        return;
    };
    let weights = open(&case).weights;
    assert_eq!(Network::new(&weights, &Device::flex()).weights(), weights);
}
