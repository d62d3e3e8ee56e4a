//! The reference numbers: what the original PyTorch code computed for a few stretches.
//!
//! `logits` and `probs` are `[position, batch, class]`; `attn.seg{s}.layer{l}` are
//! `[query, key, batch, head]`, the keys of segment `s` being the memory and then the segment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::shared::shared;
use headlight::genome::Base;
use safetensors::{Dtype, SafeTensors};
use std::path::{Path, PathBuf};

/// One array of a golden file, row-major.
#[derive(Clone, Debug, Default)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

impl Array {
    /// The value at a position of as many coordinates as the array has dimensions.
    pub fn at(&self, coordinates: &[usize]) -> f32 {
        assert_eq!(coordinates.len(), self.shape.len());
        let mut index = 0;
        for (coordinate, size) in coordinates.iter().zip(&self.shape) {
            assert!(coordinate < size, "{coordinates:?} of {:?}", self.shape);
            index = index * size + coordinate;
        }
        self.values[index]
    }
}

/// Attention of one layer in one segment.
#[derive(Clone, Debug)]
pub struct GoldenAttention {
    pub segment: usize,
    pub layer: usize,
    /// Which queries of the segment the file holds, 0-based.
    pub queries: Vec<usize>,
    /// `[query, key, batch, head]`.
    pub weights: Array,
}

/// One reference case.
#[derive(Clone, Debug)]
pub struct Golden {
    /// The checkpoint that it was computed with (safetensors).
    pub model: PathBuf,
    /// Segment and memory length.
    pub context: usize,
    /// `[batch][position]`: the forward strand, then the reverse complement of the same stretch.
    pub tokens: Vec<Vec<u8>>,
    /// `[position, batch, class]`; absent for the trained case.
    pub logits: Option<Array>,
    /// `[position, batch, class]`.
    pub probabilities: Array,
    pub attention: Vec<GoldenAttention>,
}

impl Golden {
    /// The attention of a layer in a segment, where the file holds it.
    pub fn attention_of(&self, segment: usize, layer: usize) -> Option<&GoldenAttention> {
        self.attention
            .iter()
            .find(|golden| golden.segment == segment && golden.layer == layer)
    }
}

/// The base that a token of the original stands for.
pub fn base(token: u8) -> Base {
    [Base::A, Base::T, Base::C, Base::G][usize::from(token)]
}

/// Names of all cases, cheapest first.
pub const CASES: [&str; 4] = ["tiny", "trained", "paper_short", "paper"];

/// Reads a case; `None` where the shared folder is absent.
pub fn golden(name: &'static str) -> Option<Golden> {
    let (model, numbers, context) = match name {
        "tiny" => ("tiny", "tiny", 64),
        "paper" => ("paper", "paper", 512),
        "paper_short" => ("paper", "paper_short", 512),
        "trained" => {
            let stem = "trained/ecoli_tss_context128";
            (stem, stem, 128)
        }
        _ => panic!("no case {name}"),
    };
    let model = shared(&format!("reference/{model}.safetensors"))?;
    let numbers = shared(&format!("reference/{numbers}.golden.safetensors"))?;
    let bytes = std::fs::read(&numbers).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();

    let tokens = array(&file, "tokens").unwrap();
    let positions = tokens.shape[1];
    let tokens = tokens
        .values
        .chunks(positions)
        .map(|row| row.iter().map(|&token| token as u8).collect())
        .collect();
    let mut attention = Vec::new();
    for segment in 0..positions.div_ceil(context) {
        for layer in 0.. {
            let Some(weights) = array(&file, &format!("attn.seg{segment}.layer{layer}")) else {
                break;
            };
            let queries = rows(name, segment, weights.shape[0]);
            attention.push(GoldenAttention {
                segment,
                layer,
                queries,
                weights,
            });
        }
    }
    Some(Golden {
        model,
        context,
        tokens,
        logits: array(&file, "logits"),
        probabilities: array(&file, "probs").unwrap(),
        attention,
    })
}

/// Which queries of a segment the golden file of a case keeps, as its description says.
fn rows(name: &str, segment: usize, count: usize) -> Vec<usize> {
    let rows: Vec<usize> = match (name, segment) {
        ("tiny", _) => (0..count).collect(),
        ("trained", _) => vec![0, 1, 63, 126, 127],
        ("paper_short", 2) => vec![0, 1, 2, 3, 100, 138, 274, 275],
        _ => vec![0, 1, 2, 3, 100, 256, 510, 511],
    };
    assert_eq!(rows.len(), count);
    rows
}

/// Reads one array of a safetensors file as f32.
pub fn array(file: &SafeTensors<'_>, name: &str) -> Option<Array> {
    let tensor = file.tensor(name).ok()?;
    let words = tensor.data().as_chunks::<4>().0.iter();
    let values = match tensor.dtype() {
        Dtype::F32 => words.map(|&word| f32::from_le_bytes(word)).collect(),
        Dtype::I32 => words.map(|&word| i32::from_le_bytes(word) as f32).collect(),
        other => panic!("{name} is {other:?}"),
    };
    Some(Array {
        shape: tensor.shape().to_vec(),
        values,
    })
}

/// Reads every tensor of a safetensors file of f32 values.
pub fn arrays(path: &Path) -> std::collections::BTreeMap<String, Array> {
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let names = file.names().into_iter().map(str::to_owned);
    names
        .map(|name| (name.clone(), array(&file, &name).unwrap()))
        .collect()
}

/// Whether an attention weight agrees with the reference: within 2e-5 + 1e-3 of it.
pub fn attention_agrees(found: f32, expected: f32) -> bool {
    (found - expected).abs() <= 2e-5 + 1e-3 * expected
}
