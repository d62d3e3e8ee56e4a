//! What a fixed-axis position-weight matrix makes of the same positions: the bar for a model.

use crate::genome::Base;
use crate::genome::base::ACGT;

/// The first column, in bases relative to the +1 base (0-based).
pub const FIRST: isize = -45;

/// Number of columns: −45…+14.
pub const COLUMNS: usize = 60;

/// Log-odds of bases around start sites.
#[derive(Clone, Debug, PartialEq)]
pub struct TssMatrix {
    /// `[column][A, C, G, T]`, natural logarithms.
    log_odds: Vec<[f32; 4]>,
}

fn index(base: Base) -> Option<usize> {
    ACGT.iter().position(|known| *known == base)
}

impl TssMatrix {
    /// Counts windows of [`COLUMNS`] bases with one pseudo-count a base, against the `background`
    /// frequencies of A, C, G and T.
    #[must_use]
    pub fn new(windows: &[Vec<Base>], background: [f64; 4]) -> Self {
        let mut counts = vec![[1.0_f64; 4]; COLUMNS];
        for window in windows {
            for (column, base) in counts.iter_mut().zip(window) {
                if let Some(index) = index(*base) {
                    column[index] += 1.0;
                }
            }
        }
        let log_odds = counts
            .into_iter()
            .map(|column| {
                let total: f64 = column.iter().sum();
                std::array::from_fn(|i| (column[i] / total / background[i].max(1e-9)).ln() as f32)
            })
            .collect();
        Self { log_odds }
    }

    /// The score of every base of `strand` as +1; NaN where the window leaves it or holds an N.
    #[must_use]
    pub fn scores(&self, strand: &[Base]) -> Vec<f32> {
        let codes: Vec<Option<usize>> = strand.iter().map(|base| index(*base)).collect();
        (0..strand.len())
            .map(|position| {
                let first = position.checked_add_signed(FIRST);
                let window = first.and_then(|first| codes.get(first..first + COLUMNS));
                let Some(window) = window else {
                    return f32::NAN;
                };
                let columns = window.iter().zip(&self.log_odds);
                columns
                    .map(|(code, odds)| code.map_or(f32::NAN, |code| odds[code]))
                    .sum()
            })
            .collect()
    }
}
