//! The training step against reference numbers and against automatic differentiation.

use crate::networks::{Dice, config, random_weights};
use crate::shared::shared;
use burn::tensor::Device;
use headlight::model::train::{Adam, Example, Learner, Objective};
use headlight::model::{KernelPath, Network, Overrides, read_checkpoint};
use safetensors::SafeTensors;

fn f32s(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let bytes = file.tensor(name).unwrap().data();
    bytes
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

fn bytes_of_i32s(file: &SafeTensors<'_>, name: &str) -> Vec<u8> {
    let bytes = file.tensor(name).unwrap().data();
    let numbers = bytes
        .chunks_exact(4)
        .map(|b| i32::from_le_bytes(b.try_into().unwrap()));
    numbers.map(|x| u8::try_from(x).unwrap()).collect()
}

/// Names of the learned tensors in the order of `Weights::learned`.
fn names(layers: usize) -> Vec<String> {
    let mut names = vec![
        "word_emb.emb_layers.0.weight".to_owned(),
        "r_w_bias".into(),
        "r_r_bias".into(),
    ];
    for layer in 0..layers {
        for part in [
            "qkv_net.weight",
            "r_net.weight",
            "o_net.weight",
            "motif_net_q.weight",
            "motif_net_q.bias",
            "motif_net_k.weight",
            "motif_net_k.bias",
            "motif_net_v.weight",
            "motif_net_v.bias",
            "layer_norm.weight",
            "layer_norm.bias",
        ] {
            names.push(format!("layers.{layer}.dec_attn.{part}"));
        }
    }
    names.extend(["out_layer.weight".to_owned(), "out_layer.bias".into()]);
    names
}

fn worst(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |m, x| if x > m || x.is_nan() { x } else { m })
}

#[test]
fn three_steps_match_the_original_code() {
    let (Some(case), Some(start)) = (
        shared("reference/tiny.train.safetensors"),
        shared("reference/tiny.safetensors"),
    ) else {
        return;
    };
    let bytes = std::fs::read(case).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (tokens, labels) = (
        bytes_of_i32s(&file, "tokens"),
        bytes_of_i32s(&file, "labels"),
    );
    let overrides = Overrides {
        context: Some(64),
        ..Overrides::default()
    };
    let start = read_checkpoint(&start, overrides).unwrap().weights;
    for path in KernelPath::ALL {
        let Some(mut learner) = Learner::with_path(start.config, 64, path) else {
            continue;
        };
        let mut weights = start.clone();
        let mut gradient = weights.clone();
        let mut adam = Adam::new(&weights);
        for step in 0..3 {
            let rows: Vec<_> = (0..4)
                .map(|row| row * 192 + step * 64..row * 192 + (step + 1) * 64)
                .collect();
            let batch: Vec<_> = rows
                .into_iter()
                .map(|row| Example {
                    tokens: &tokens[row.clone()],
                    classes: &labels[row],
                    weights: &[],
                    key: 0,
                })
                .collect();
            let objective = Objective {
                gamma: 0.8,
                dropout: 0.0,
            };
            let loss = learner.gradient(&weights, &batch, objective, 0, &mut gradient);
            let expected = f64::from(f32s(&file, "losses")[step]);
            assert!(
                (loss - expected).abs() < 1e-6,
                "{path} step {step}: {loss} {expected}"
            );
            if step == 0 {
                for (name, found) in names(2).iter().zip(gradient.learned()) {
                    let off = worst(found, &f32s(&file, &format!("grad0.{name}")));
                    assert!(off < 1e-5, "{path} {name}: {off}");
                }
            }
            let norm = adam.update(&mut weights, &gradient, 2e-4, 0.25);
            let expected = f64::from(f32s(&file, "grad_norms")[step]);
            assert!(
                (norm - expected).abs() < 1e-5,
                "{path} step {step}: {norm} {expected}"
            );
            let mut noise = 0;
            for (name, found) in names(2).iter().zip(weights.learned()) {
                let expected = f32s(&file, &format!("after_step{step}.{name}"));
                let gradient = f32s(&file, &format!("grad0.{name}"));
                for ((found, expected), gradient) in found.iter().zip(&expected).zip(&gradient) {
                    // What all keys share changes no attention: the gradients of the keys' bias and
                    // of the slowest codes are 0 but for rounding, which Adam turns into steps of
                    // the learning rate.
                    let rounding = gradient.abs() < 1e-6;
                    noise += usize::from(rounding);
                    let bar = if rounding {
                        2e-4 * (step + 1) as f32
                    } else {
                        1e-5
                    };
                    let off = (found - expected).abs();
                    assert!(
                        off < bar,
                        "{path} step {step} {name}: {off}, gradient {gradient}"
                    );
                }
            }
            assert!(noise < 600, "{noise}");
        }
    }
}

/// Every gradient against burn's, with dropout, classes, weights of positions and unknown bases.
fn gradients_agree(sizes: [usize; 5], longest: usize, lengths: &[usize], dropout: f32) {
    let [layers, heads, d_model, d_head, kernel] = sizes;
    let mut config = config(layers, heads, d_model, d_head, kernel, 64);
    config.classes = 3;
    let weights = random_weights(config, 5);
    let mut dice = Dice::new(6);
    let network = Network::new(&weights, &Device::flex().autodiff());
    let objective = Objective {
        gamma: 0.8,
        dropout,
    };
    for path in KernelPath::ALL {
        let Some(mut learner) = Learner::with_path(config, longest, path) else {
            continue;
        };
        for &length in lengths {
            let count = 11;
            let mut draw = |bound| {
                (0..count * length)
                    .map(|_| dice.below(bound) as u8)
                    .collect::<Vec<_>>()
            };
            let (tokens, classes, coins) = (draw(5), draw(3), draw(4));
            let factors: Vec<f32> = coins.iter().map(|&coin| 0.5 * f32::from(coin)).collect();
            let batch: Vec<Example<'_>> = (0..count)
                .map(|row| row * length..(row + 1) * length)
                .enumerate()
                .map(|(row, at)| Example {
                    tokens: &tokens[at.clone()],
                    classes: &classes[at.clone()],
                    weights: &factors[at],
                    key: 77 + row as u64,
                })
                .collect();
            let mut found = weights.clone();
            let loss = learner.gradient(&weights, &batch, objective, 3, &mut found);
            let rows = learner.longest();
            let (expected_loss, expected) = network.gradient(&batch, objective, 3, rows);
            assert!(
                (loss - expected_loss).abs() < 1e-5,
                "{path}: {loss} {expected_loss}"
            );
            for (index, (found, expected)) in found
                .learned()
                .into_iter()
                .zip(expected.learned())
                .enumerate()
            {
                let largest = expected.iter().map(|x| x.abs()).fold(0.0, f32::max);
                let off = worst(found, expected);
                assert!(
                    off <= 2e-5 + 1e-4 * largest,
                    "{path} tensor {index} length {length}: {off} of {largest}"
                );
            }
        }
    }
}

#[test]
fn gradients_agree_with_automatic_differentiation() {
    gradients_agree([2, 5, 20, 12, 9], 37, &[37, 25, 1], 0.0);
    gradients_agree([2, 2, 16, 20, 0], 50, &[50, 7], 0.0);
    gradients_agree([2, 3, 32, 32, 7], 130, &[130, 101], 0.0);
}

#[test]
fn gradients_agree_under_dropout() {
    gradients_agree([2, 5, 20, 12, 9], 37, &[37, 25, 1], 0.1);
    gradients_agree([1, 6, 32, 32, 7], 64, &[64], 0.5);
}
