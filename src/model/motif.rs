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
use crate::genome::Base;
use crate::genome::base::ACGT;
use std::fmt;

/// What of a query a motif is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum QueryPart {
    /// u alone: the same whatever the query is.
    #[serde(rename = "u")]
    U,
    /// The mean query over some positions, and u.
    #[serde(rename = "mean query + u")]
    MeanQueryAndU,
}

impl fmt::Display for QueryPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U => "u",
            Self::MeanQueryAndU => "mean query + u",
        })
    }
}

/// u·k / √`d_head` of a head of layer 1, or (q̄ + u)·k, as a matrix of contributions to the attention logit.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FirstLayerMotif {
    /// The head as `L1H1`.
    pub head: String,
    /// What is multiplied with the keys.
    pub query_part: QueryPart,
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

/// u·k of every head of layer 1; none for a network without layers.
#[must_use]
pub fn first_layer_motifs(weights: &Weights) -> Vec<FirstLayerMotif> {
    motifs(weights, QueryPart::U, |head| own_bias(weights, head))
}

/// The same for (q̄ + u)·k, where q̄ is the mean query over some positions: what the sequence at a key
/// adds to the logit on average over them.
///
/// `shares` has a row for each position that the query's convolution sees, 5′ to 3′, with the shares
/// of A, C, G, T there; a query is linear in its bases, so that nothing else is needed.
#[must_use]
pub fn mean_query_motifs(weights: &Weights, shares: &[[f64; 4]]) -> Vec<FirstLayerMotif> {
    let Config {
        d_model, d_head, ..
    } = weights.config;
    motifs(weights, QueryPart::MeanQueryAndU, |head| {
        let (q, bias) = folded(weights, &weights.layers[0], head, Part::Q, 1.0);
        let mut query = own_bias(weights, head);
        for (sum, x) in query.iter_mut().zip(&bias) {
            *sum += f64::from(*x);
        }
        for (tap, shares) in q.chunks_exact(d_model * padded(d_head)).zip(shares) {
            for (base, share) in ACGT.into_iter().zip(shares) {
                for (row, x) in tap
                    .chunks_exact(padded(d_head))
                    .zip(embedded(weights, base))
                {
                    for (sum, number) in query.iter_mut().zip(row) {
                        *sum += share * x * f64::from(*number);
                    }
                }
            }
        }
        query
    })
}

/// u of a head.
fn own_bias(weights: &Weights, head: usize) -> Vec<f64> {
    let d_head = weights.config.d_head;
    let u = &weights.u[head * d_head..(head + 1) * d_head];
    u.iter().copied().map(f64::from).collect()
}

/// The row of a base as it enters layer 1.
fn embedded(weights: &Weights, base: Base) -> impl Iterator<Item = f64> {
    let d_model = weights.config.d_model;
    let row = usize::from(token(base)) * d_model;
    let root = (d_model as f64).sqrt();
    weights.embedding[row..row + d_model]
        .iter()
        .map(move |x| root * f64::from(*x))
}

fn motifs(
    weights: &Weights,
    query_part: QueryPart,
    query: impl Fn(usize) -> Vec<f64>,
) -> Vec<FirstLayerMotif> {
    let Config {
        heads,
        d_model,
        layers,
        ..
    } = weights.config;
    (0..if layers > 0 { heads } else { 0 })
        .map(|head| {
            let id = HeadId { layer: 0, head };
            let (weights_of_rows, constant) = content_weights(weights, id, &query(head));
            let contribution = |row: &[f64], base| {
                let products = row.iter().zip(embedded(weights, base));
                products.map(|(weight, x)| weight * x).sum::<f64>()
            };
            FirstLayerMotif {
                head: id.to_string(),
                query_part,
                contributions: weights_of_rows
                    .chunks_exact(d_model)
                    .map(|row| ACGT.map(|base| contribution(row, base)))
                    .collect(),
                constant,
            }
        })
        .collect()
}

/// x·k / √`d_head` of a head, for a column x of `d_head` numbers, as weights of the rows around a key,
/// `[taps, d_model]`, and its constant.
pub(super) fn content_weights(weights: &Weights, id: HeadId, column: &[f64]) -> (Vec<f64>, f64) {
    let d_head = weights.config.d_head;
    let root = (d_head as f64).sqrt();
    let (k, bias) = folded(weights, &weights.layers[id.layer], id.head, Part::K, 1.0);
    let dot = |numbers: &[f32]| {
        let products = column.iter().zip(numbers);
        products.map(|(u, x)| u * f64::from(*x)).sum::<f64>() / root
    };
    let rows = k.chunks_exact(padded(d_head)).map(dot).collect();
    (rows, dot(&bias))
}
