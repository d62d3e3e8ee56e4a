//! What a run may change about the network: borders, heads, bases.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::attention::HeadId;
use crate::genome::Interval;

/// How a run treats the borders of segments and of the contig.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// As the original evaluation: segments of `context` bases counted from the strand's first
    /// base, zero padding at their borders, a cold start, no wrapping.
    #[default]
    Faithful,
    /// Convolutions see their neighbours everywhere; circular contigs wrap; only the ends of
    /// linear contigs are padded.
    Seamless,
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Faithful => "faithful",
            Self::Seamless => "seamless",
        })
    }
}

/// A set of heads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HeadMask {
    heads: BTreeSet<HeadId>,
}

impl HeadMask {
    /// Adds `head`; `false` if it was in already.
    pub fn insert(&mut self, head: HeadId) -> bool {
        self.heads.insert(head)
    }

    /// Takes `head` out; `false` if it was not in.
    pub fn remove(&mut self, head: HeadId) -> bool {
        self.heads.remove(&head)
    }

    /// Whether `head` is in the set.
    #[must_use]
    pub fn contains(&self, head: HeadId) -> bool {
        self.heads.contains(&head)
    }

    /// Whether no head is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The heads, layer by layer.
    pub fn iter(&self) -> impl Iterator<Item = HeadId> + '_ {
        self.heads.iter().copied()
    }
}

impl FromIterator<HeadId> for HeadMask {
    fn from_iter<I: IntoIterator<Item = HeadId>>(heads: I) -> Self {
        Self {
            heads: heads.into_iter().collect(),
        }
    }
}

/// What stands in for a head.
#[derive(Clone, Debug, PartialEq)]
pub enum Replacement {
    /// This output at every query, `[d_head]`, before `o_net`: the head's mean over a genome.
    Output(Arc<[f32]>),
    /// These weights by distance, from 0 on, whatever the sequence: the head's expected weights.
    /// They are made to sum to 1 over the keys that a query sees.
    Weights(Arc<[f32]>),
}

/// How to run the network. The default changes nothing and is faithful.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Treatment of borders.
    pub mode: Mode,
    /// Heads whose share of the layer's output is dropped. Their attention can still be had.
    pub heads_off: HeadMask,
    /// Heads that look at every visible key alike.
    pub uniform: HeadMask,
    /// Heads that something else stands in for. A head that is off stays off.
    pub replaced: BTreeMap<HeadId, Replacement>,
    /// Bases, 0-based along the strand that is read, that enter as N does (the mean of the four
    /// embeddings) without making the outputs over them NaN.
    pub masked: Vec<Interval>,
}

impl Settings {
    /// Nothing changed, with these borders.
    #[must_use]
    pub fn with_mode(mode: Mode) -> Self {
        Self {
            mode,
            ..Self::default()
        }
    }

    /// Whether every head does what it has learned.
    #[must_use]
    pub fn leaves_heads_alone(&self) -> bool {
        self.heads_off.is_empty() && self.uniform.is_empty() && self.replaced.is_empty()
    }

    /// What the head gives at every query instead of mixing values, if anything.
    pub(in crate::model) fn output_of(&self, head: HeadId) -> Option<&[f32]> {
        match self.replaced.get(&head) {
            Some(Replacement::Output(output)) => Some(output),
            _ => None,
        }
    }

    /// The weight at `distance` that the head has whatever the sequence; `None` if it looks.
    pub(in crate::model) fn weight_of(&self, head: HeadId, distance: usize) -> Option<f32> {
        match self.replaced.get(&head) {
            Some(Replacement::Weights(weights)) => {
                Some(weights.get(distance).copied().unwrap_or(0.0))
            }
            _ => self.uniform.contains(head).then_some(1.0),
        }
    }
}
