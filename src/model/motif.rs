//! The exact motif of a head of layer 1: what each base around a key adds to its attention.
//!
//! In layer 1 a row is the embedding of one base, and embedding, projection and convolution are
//! linear. So u·k is a sum of one number for each base and position that the convolution sees, and
//! of a constant. It holds away from the borders of segments and contigs, where the convolution
//! sees zeros instead of bases.

use super::config::Config;
use super::fused::{Part, folded, padded};
use super::network::token;
use super::weights::Weights;
use crate::attention::HeadId;
use crate::genome::base::ACGT;

/// u·k / √`d_head` of a head of layer 1 as a matrix of contributions to the attention logit.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FirstLayerMotif {
    /// The head as `L1H1`.
    pub head: String,
    /// A row for each position from `-reach` to `reach` relative to the key, 5′ to 3′; columns A, C, G, T.
    pub contributions: Vec<[f64; 4]>,
    /// What the convolution's bias adds: the same for every key, so that softmax takes it out again.
    pub constant: f64,
}

impl FirstLayerMotif {
    /// How far the matrix reaches to either side of the key.
    #[must_use]
    pub fn reach(&self) -> usize {
        self.contributions.len() / 2
    }

    /// The contributions less their mean over the four bases, position by position: what a base adds
    /// over one that is not known. Attention depends on these alone.
    #[must_use]
    pub fn centred(&self) -> Vec<[f64; 4]> {
        self.contributions
            .iter()
            .map(|row| {
                let mean = row.iter().sum::<f64>() / 4.0;
                row.map(|value| value - mean)
            })
            .collect()
    }

    /// The letters that add most, 5′ to 3′, and the standard deviation of the logit over all
    /// sequences, each equally likely.
    #[must_use]
    pub fn best(&self) -> (String, f64) {
        let mut variance = 0.0;
        let mut letters = String::new();
        for row in self.centred() {
            variance += row.iter().map(|value| value * value).sum::<f64>() / 4.0;
            let higher = |best, base| if row[base] > row[best] { base } else { best };
            letters.push(ACGT[(0..4).fold(0, higher)].letter());
        }
        (letters, variance.sqrt())
    }
}

/// The motif of every head of layer 1; none for a network without layers.
#[must_use]
pub fn first_layer_motifs(weights: &Weights) -> Vec<FirstLayerMotif> {
    let Config {
        heads,
        d_model,
        layers,
        ..
    } = weights.config;
    let root = (d_model as f64).sqrt();
    let embedded = |base| {
        let row = usize::from(token(base)) * d_model;
        &weights.embedding[row..row + d_model]
    };
    (0..if layers > 0 { heads } else { 0 })
        .map(|head| {
            let id = HeadId { layer: 0, head };
            let (weights_of_rows, constant) = content_weights(weights, id);
            let contributions = weights_of_rows
                .chunks_exact(d_model)
                .map(|row| {
                    ACGT.map(|base| {
                        let products = row.iter().zip(embedded(base));
                        root * products.map(|(w, x)| w * f64::from(*x)).sum::<f64>()
                    })
                })
                .collect();
            FirstLayerMotif {
                head: id.to_string(),
                contributions,
                constant,
            }
        })
        .collect()
}

/// u·k / √`d_head` of a head as weights of the rows around a key, `[taps, d_model]`, and its constant.
pub(super) fn content_weights(weights: &Weights, id: HeadId) -> (Vec<f64>, f64) {
    let d_head = weights.config.d_head;
    let root = (d_head as f64).sqrt();
    let u = &weights.u[id.head * d_head..(id.head + 1) * d_head];
    let (k, bias) = folded(weights, &weights.layers[id.layer], id.head, Part::K, 1.0);
    let dot = |numbers: &[f32]| {
        let products = u.iter().zip(numbers);
        products
            .map(|(u, x)| f64::from(*u) * f64::from(*x))
            .sum::<f64>()
            / root
    };
    (
        k.chunks_exact(padded(d_head)).map(dot).collect(),
        dot(&bias),
    )
}
