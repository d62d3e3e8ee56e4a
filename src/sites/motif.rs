//! Motifs as counts (PFM) and probabilities (PPM), their information content and consensus.

use crate::genome::Base;

/// Position frequency matrix: how often each base was counted at each position.
///
/// Rows are positions, columns A, C, G, T. Counts may be fractional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pfm {
    /// Name of the motif.
    pub name: String,
    /// `counts[position][base]`, bases in the order A, C, G, T.
    pub counts: Vec<[f64; 4]>,
}
/// Base probabilities without regard to position, in the order A, C, G, T; they sum to 1.
pub type Background = [f64; 4];

/// All four bases equally likely.
pub const UNIFORM: Background = [0.25; 4];

impl Pfm {
    /// Counts the bases of equally long windows; N counts nowhere, longer windows are cut to `length`.
    #[must_use]
    pub fn from_windows<'a>(
        name: &str,
        length: usize,
        windows: impl IntoIterator<Item = &'a [Base]>,
    ) -> Self {
        let mut counts = vec![[0.0; 4]; length];
        for window in windows {
            for (row, base) in counts.iter_mut().zip(window) {
                if let Some(column) = base.index() {
                    row[column] += 1.0;
                }
            }
        }
        Self {
            name: name.to_owned(),
            counts,
        }
    }
}
