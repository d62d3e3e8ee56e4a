//! From the statistics of draws to p, q and the maximum over the table.
//!
//! - p = (1 + exceedances) / (1 + draws). A draw exceeds where it lies at least as far from the
//!   centre, in either direction, as what was observed. The centre is the mean of the observed and
//!   all drawn statistics, so that all of them are treated alike and p is exact.
//! - q by Benjamini-Hochberg over the table.
//! - `p_max` (Westfall and Young's single step): every cell's statistics become z over the observed
//!   and the drawn ones; a draw exceeds where its largest |z| of any cell reaches the cell's own.

use crate::analysis::q_values::benjamini_hochberg;
use serde::{Deserialize, Serialize};

/// One cell against its null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Significance {
    /// Mean of the drawn statistics.
    pub null_mean: f64,
    /// Their standard deviation.
    pub null_sd: f64,
    /// How many of these the observed one lies above their mean.
    pub z: f64,
    /// Draws at least as far from the centre as the observed one.
    pub exceedances: usize,
    /// Draws that were made for this cell.
    pub draws: usize,
    /// (1 + exceedances) / (1 + draws).
    pub p: f64,
    /// Share of draws whose largest |z| over the table reaches this cell's.
    pub p_max: f64,
    /// Benjamini and Hochberg's q over the table.
    pub q: f64,
}

/// Where a cell's observed statistic lies, for draws that are made later.
#[derive(Clone, Copy, Debug)]
pub struct Centre {
    mean: f64,
    deviation: f64,
}

impl Centre {
    fn of(observed: f64, drawn: &[f64]) -> Self {
        let mean = (observed + drawn.iter().sum::<f64>()) / (1 + drawn.len()) as f64;
        Self {
            mean,
            deviation: (observed - mean).abs(),
        }
    }

    /// Whether a draw lies at least as far out. What differs by rounding alone is level.
    #[must_use]
    pub fn is_exceeded_by(&self, drawn: f64) -> bool {
        (drawn - self.mean).abs() >= self.deviation - 1e-12
    }
}

/// Every cell of a table against its draws: `drawn[cell]` belongs to `observed[cell]`, draw by draw.
///
/// q is left to [`adjust`], for cells may go on to more draws.
#[must_use]
pub fn significances(observed: &[f64], drawn: &[Vec<f64>]) -> (Vec<Significance>, Vec<Centre>) {
    let draws = drawn.first().map_or(0, Vec::len);
    let mut largest = vec![0.0_f64; draws];
    let mut own = Vec::with_capacity(observed.len());
    let mut found = Vec::with_capacity(observed.len());
    let mut centres = Vec::with_capacity(observed.len());
    for (&observed, drawn) in observed.iter().zip(drawn) {
        let count = draws.max(1) as f64;
        let null_mean = drawn.iter().sum::<f64>() / count;
        let squares: f64 = drawn.iter().map(|value| (value - null_mean).powi(2)).sum();
        let null_sd = (squares / (count - 1.0).max(1.0)).sqrt();
        let centre = Centre::of(observed, drawn);
        // The same centre and spread for observed and drawn: neither is favoured.
        let all = drawn.iter().copied().chain(std::iter::once(observed));
        let spread = (all.map(|value| (value - centre.mean).powi(2)).sum::<f64>() / count).sqrt();
        let z = |value: f64| {
            if spread > 1e-12 {
                (value - centre.mean).abs() / spread
            } else {
                0.0
            }
        };
        for (largest, &value) in largest.iter_mut().zip(drawn) {
            *largest = largest.max(z(value));
        }
        own.push(z(observed));
        let exceedances = drawn.iter().filter(|&&d| centre.is_exceeded_by(d)).count();
        found.push(Significance {
            null_mean,
            null_sd,
            z: if null_sd > 1e-12 {
                (observed - null_mean) / null_sd
            } else {
                0.0
            },
            exceedances,
            draws,
            ..Significance::default()
        });
        centres.push(centre);
    }
    largest.sort_unstable_by(f64::total_cmp);
    for (cell, own) in found.iter_mut().zip(own) {
        let reached = draws - largest.partition_point(|&value| value < own - 1e-9);
        cell.p_max = (1 + reached) as f64 / (1 + draws) as f64;
    }
    (found, centres)
}

/// Sets p from the counts, and q from the p of all cells.
pub fn adjust(cells: &mut [Significance]) {
    for cell in cells.iter_mut() {
        cell.p = (1 + cell.exceedances) as f64 / (1 + cell.draws) as f64;
    }
    let p: Vec<f64> = cells.iter().map(|cell| cell.p).collect();
    for (cell, q) in cells.iter_mut().zip(benjamini_hochberg(&p)) {
        cell.q = q;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_maxima() {
        let drawn = vec![vec![1.0, -1.0, 0.5, -0.5], vec![0.1, 0.2, -0.2, -0.1]];
        let (mut found, _) = significances(&[0.0, 3.0], &drawn);
        adjust(&mut found);
        assert_eq!((found[0].exceedances, found[1].exceedances), (4, 0));
        assert!((found[1].p - 0.2).abs() < 1e-12);
        assert!((found[1].p_max - 0.2).abs() < 1e-12 && found[1].z > 10.0);
        assert!((found[0].p_max - 1.0).abs() < 1e-12);
        // Low as well as high.
        let (found, _) = significances(&[0.0, -3.0], &drawn);
        assert!((found[1].p_max - 0.2).abs() < 1e-12 && found[1].z < -10.0);
        let (found, _) = significances(&[0.5], &[vec![0.5; 9]]);
        assert_eq!((found[0].exceedances, found[0].z), (9, 0.0));
    }

    /// Expected values are statsmodels' `multipletests(p, method="fdr_bh")` on the same numbers.
    #[test]
    fn q_values_are_those_of_statsmodels() {
        let p = [0.01, 0.04, 0.03, 0.005, 0.5, 0.02];
        let expected = [0.03, 0.048, 0.045, 0.03, 0.5, 0.04];
        for (found, expected) in benjamini_hochberg(&p).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }
}
