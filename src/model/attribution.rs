//! One output taken apart by its gradient and by attention.
//!
//! - The gradient of the score, logit 1 less logit 0, with respect to the one-hot bases, by
//!   automatic differentiation of the network in burn.
//! - Attention of the query itself, plain and norm-weighted: the length of a · v · `W_o` of one head
//!   and key (Kobayashi et al. 2020), where v includes the bias of its convolution.
//! - Rollout (Abnar and Zuidema 2020): per layer half identity and half the mean of the heads,
//!   multiplied down to the bases. Convolutions, which smear by 3 bases a layer, are left out.

use super::fused::{Mode, Settings};
use super::network::Network;
use super::open::Model;
use super::predict::StrandSequence;
use super::weights::Weights;
use crate::attention::{HeadId, HeadShape};
use crate::progress::{Cancel, Cancelled};

/// What one output owes to the bases before and just after it, along the strand that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// Strand position of the output.
    pub query: isize,
    /// Strand position of the first base of [`Self::gradient`] and [`Self::rollout`]; negative left
    /// of the origin of a circular contig.
    pub first: isize,
    /// Logit 1 less logit 0.
    pub score: f32,
    /// By base that the output can depend on, the derivative of the score with respect to A, C, G
    /// and T there, as the strand reads.
    pub gradient: Vec<[f32; 4]>,
    /// By base, the share of the output that rollout gives it; sums to 1.
    pub rollout: Vec<f32>,
    /// `[head row, distance]`: the weights of the query.
    pub(super) attention: Vec<f32>,
    /// `[head row, distance]`: each times the length of what the head takes from the key.
    pub(super) norm_weighted: Vec<f32>,
    /// Distances that a query sees.
    pub context: usize,
    /// Layers and heads.
    pub shape: HeadShape,
}

impl Attribution {
    /// The weights of the query in a head, by distance.
    #[must_use]
    pub fn attention(&self, head: HeadId) -> &[f32] {
        &self.attention[self.shape.row(head) * self.context..][..self.context]
    }

    /// The norm-weighted attention of the query in a head, by distance.
    #[must_use]
    pub fn norm_weighted(&self, head: HeadId) -> &[f32] {
        &self.norm_weighted[self.shape.row(head) * self.context..][..self.context]
    }

    /// The index in [`Self::gradient`] and [`Self::rollout`] of a strand position.
    #[must_use]
    pub fn index(&self, position: isize) -> Option<usize> {
        let index = usize::try_from(position - self.first).ok()?;
        (index < self.gradient.len()).then_some(index)
    }
}

/// A network that outputs are taken apart with, on the processor. Milliseconds to make.
#[derive(Debug)]
pub struct Attributor {
    network: Network,
    weights: Weights,
}

impl Attributor {
    /// For the weights of `model`.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self::of_weights(&model.weights)
    }

    /// For these weights.
    #[must_use]
    pub fn of_weights(weights: &Weights) -> Self {
        Self {
            network: Network::for_attribution(weights),
            weights: weights.clone(),
        }
    }

    /// Takes the output at strand position `query` apart, in seamless mode; `None` where the strand
    /// has no such output.
    ///
    /// # Errors
    /// [`Cancelled`] soon after `cancel` is set.
    pub fn attribute(
        &self,
        sequence: StrandSequence<'_>,
        query: usize,
        cancel: &Cancel,
    ) -> Result<Option<Attribution>, Cancelled> {
        let settings = Settings::with_mode(Mode::Seamless);
        let strip = sequence.strip(&self.weights.config, &settings, query..query + 1);
        if strip.queries.is_empty() {
            return Ok(None);
        }
        self.network.attribute(&strip, cancel).map(Some)
    }
}
