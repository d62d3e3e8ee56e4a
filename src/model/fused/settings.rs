//! What a run may change about the network: borders, heads, bases.

use std::collections::BTreeSet;

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

/// How to run the network. The default changes nothing and is faithful.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Treatment of borders.
    pub mode: Mode,
    /// Heads whose share of the layer's output is dropped. Their attention can still be had.
    pub heads_off: HeadMask,
    /// Heads that look at every visible key alike.
    pub uniform: HeadMask,
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
}
