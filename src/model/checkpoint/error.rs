//! What can be wrong with a checkpoint.

use super::Format;
use std::fmt;

/// A checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct CheckpointError {
    /// The file, or the name of an embedded one.
    pub path: String,
    /// What is wrong with it.
    #[source]
    pub problem: Problem,
}

impl Problem {
    pub(super) fn at(self, path: &str) -> CheckpointError {
        CheckpointError {
            path: path.to_owned(),
            problem: self,
        }
    }

    pub(in crate::model) fn metadata(
        key: &str,
        expected: &'static str,
        found: &dyn fmt::Display,
    ) -> Self {
        Self::Metadata {
            key: key.to_owned(),
            expected,
            found: shorten(&found.to_string()),
        }
    }

    pub(super) fn damaged(format: Format, problem: impl Into<String>) -> Self {
        Self::Damaged {
            format,
            problem: problem.into(),
        }
    }
}

/// What is wrong with a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The operating system refused.
    #[error("cannot be {doing}: {source}; check that it exists and that you may use it")]
    Io {
        /// `read` or `written`.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not a kind of file that holds a model.
    #[error(
        "is not a model: expected a safetensors or PyTorch file (.safetensors, .pt, .pth, .ckpt), \
         found {found}; open it as what it is, or choose another file"
    )]
    NotAModel {
        /// What it looks like.
        found: String,
    },
    /// The right kind of file, but cut short or altered.
    #[error("damaged {format} file: {problem}; copy or download it again")]
    Damaged {
        /// The kind of file.
        format: Format,
        /// Where it breaks its own rules.
        problem: String,
    },
    /// A kind of file or entry that is known and not read.
    #[error("holds {what}, which is not read; {advice}")]
    Unsupported {
        /// What it holds.
        what: String,
        /// What to do.
        advice: &'static str,
    },
    /// A tensor that the network needs is not there.
    #[error(
        "lacks the tensor {name}: expected the state dict or module of a DNA transformer, \
         found {found}; save the whole model"
    )]
    Missing {
        /// The tensor, as the original names it.
        name: String,
        /// A few words on what there is.
        found: String,
    },
    /// A tensor whose sizes fit neither the network nor the other tensors.
    #[error(
        "tensor {name} has the wrong shape: expected {expected}, found {found:?}; check the script that saved it"
    )]
    Shape {
        /// The tensor.
        name: String,
        /// The shape that the other tensors ask for.
        expected: String,
        /// Its shape.
        found: Vec<usize>,
    },
    /// A tensor whose numbers are of a kind that weights are not.
    #[error(
        "tensor {name} holds {found}: expected f32, f64, f16 or bf16; save the weights as floating-point numbers"
    )]
    ElementType {
        /// The tensor.
        name: String,
        /// Its element type.
        found: String,
    },
    /// A number that is not finite.
    #[error(
        "tensor {name} holds {value} at index {index:?}: expected finite numbers; training may have diverged, take an earlier checkpoint"
    )]
    NotFinite {
        /// The tensor.
        name: String,
        /// Where in it, one index a dimension, 0-based.
        index: Vec<usize>,
        /// `NaN` or an infinity.
        value: f64,
    },
    /// Sizes outside what the program computes.
    #[error("{what} is {found}: expected {expected}; this is not a network that can be run here")]
    Size {
        /// Which size.
        what: &'static str,
        /// What is allowed.
        expected: String,
        /// What there is.
        found: u64,
    },
    /// A network that computes something else than the DNA transformer.
    #[error(
        "tensor {name} belongs to {part}, which the DNA transformer does not have and which is not computed; use a checkpoint without it"
    )]
    OtherNetwork {
        /// The tensor.
        name: String,
        /// The part of a network that it belongs to.
        part: &'static str,
    },
    /// Several networks in one file.
    #[error("holds several networks ({}); save the one to be used alone", .prefixes.join(", "))]
    Ambiguous {
        /// The names that come before their tensors' names.
        prefixes: Vec<String>,
    },
    /// A field of the metadata cannot be read.
    #[error("metadata field {key}: expected {expected}, found {found}; correct it or leave it out")]
    Metadata {
        /// The field.
        key: String,
        /// What belongs there.
        expected: &'static str,
        /// What there is.
        found: String,
    },
}

/// The first characters of a text that may be long or hold control characters.
pub(super) fn shorten(text: &str) -> String {
    const CHARACTERS: usize = 80;
    let mut short: String = text
        .chars()
        .take(CHARACTERS)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if text.chars().nth(CHARACTERS).is_some() {
        short.push('…');
    }
    short
}
