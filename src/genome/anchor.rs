//! Single bases that windows are laid around, above all transcription start sites.

use super::locus::Strand;

/// One base of one strand: a transcription start site's +1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Anchor {
    /// Index of the contig in its genome.
    pub contig: usize,
    /// The base, 0-based on the forward strand.
    pub position: usize,
    /// The strand that is read from it.
    pub strand: Strand,
}
