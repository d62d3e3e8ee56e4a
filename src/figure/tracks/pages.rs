//! Values along a contig that arrive in pieces.

use super::frame::Frame;
use crate::figure::raster::{Reduce, Sampling, reduce_row};

/// Values of one track for neighbouring bases of the forward strand.
#[derive(Clone, Copy, Debug)]
pub struct TrackPage<'a> {
    /// The first base, 0-based on the forward strand.
    pub start: usize,
    /// Bases that one value stands for; 1 unless it was reduced before.
    pub bp_per_value: usize,
    /// The values from left to right on the forward strand; NaN where unknown.
    pub values: &'a [f32],
}

/// Values of every head for neighbouring bases of the forward strand.
#[derive(Clone, Copy, Debug)]
pub struct StripPage<'a> {
    /// The first base, 0-based on the forward strand.
    pub start: usize,
    /// Bases that one value stands for; 1 unless it was reduced before.
    pub bp_per_value: usize,
    /// Number of values for each head.
    pub columns: usize,
    /// `values[row * columns + column]`: rows layer by layer as [`crate::attention::HeadShape::row`]
    /// counts them, columns from left to right on the forward strand.
    pub values: &'a [f32],
}

impl<'a> StripPage<'a> {
    /// One row as a page of its own; empty where the page has no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> TrackPage<'a> {
        let from = row * self.columns;
        TrackPage {
            start: self.start,
            bp_per_value: self.bp_per_value,
            values: self
                .values
                .get(from..from + self.columns)
                .unwrap_or_default(),
        }
    }

    fn end(&self) -> usize {
        self.start + self.columns * self.bp_per_value.max(1)
    }
}

/// Columns of a picture on a grid that moves with the bases, so that panning does not shimmer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Columns {
    /// Left edge of the first column in base coordinates; at or left of the view.
    pub first_bp: f64,
    /// Bases for each column, at least 1.
    pub bp: f64,
    /// How many reach over the view.
    pub count: usize,
}

impl Columns {
    /// One column a pixel, or one a base where bases are wider than pixels.
    pub fn of(frame: &Frame) -> Self {
        let view = &frame.viewport;
        let pixels = f64::from(frame.width * frame.pixels_per_point).max(1.0);
        let bp = (view.width_bp() / pixels).max(1.0);
        let first = (view.start / bp + 1e-9).floor();
        let end = (view.end / bp - 1e-9).ceil();
        Self {
            first_bp: first * bp,
            bp,
            count: ((end - first).max(1.0)) as usize,
        }
    }

    /// Left edge of column `index` in base coordinates.
    pub fn bp_of(&self, index: usize) -> f64 {
        self.first_bp + index as f64 * self.bp
    }

    fn sampling(&self, start: usize, bp_per_value: usize) -> Sampling {
        let each = bp_per_value.max(1) as f64;
        Sampling {
            first: (self.first_bp - start as f64) / each,
            per: self.bp / each,
        }
    }
}

/// The values of one track for each column; finer pages win over coarser ones, NaN where there is none.
pub(super) fn reduced<'a>(
    pages: impl IntoIterator<Item = TrackPage<'a>>,
    columns: &Columns,
    reduce: Reduce,
) -> Vec<f32> {
    let mut out = vec![f32::NAN; columns.count];
    let mut pages: Vec<_> = pages.into_iter().collect();
    pages.sort_by_key(|page| std::cmp::Reverse(page.bp_per_value));
    let mut level = Vec::new();
    for same in pages.chunk_by(|a, b| a.bp_per_value == b.bp_per_value) {
        level.clear();
        level.resize(columns.count, f32::NAN);
        for page in same {
            let sampling = columns.sampling(page.start, page.bp_per_value);
            reduce_row(page.values, sampling, reduce, &mut level);
        }
        for (slot, value) in out.iter_mut().zip(&level) {
            if !value.is_nan() {
                *slot = *value;
            }
        }
    }
    out
}

/// [`reduced`] for some rows of a strip, one after the other.
pub(super) fn reduced_rows(
    pages: &[StripPage<'_>],
    rows: &[usize],
    columns: &Columns,
    reduce: Reduce,
) -> Vec<f32> {
    let end = columns.bp_of(columns.count);
    let seen: Vec<_> = pages
        .iter()
        .filter(|page| (page.start as f64) < end && page.end() as f64 > columns.first_bp)
        .collect();
    // On the thread that draws: the pool may be busy with the model for seconds.
    rows.iter()
        .flat_map(|row| reduced(seen.iter().map(|page| page.row(*row)), columns, reduce))
        .collect()
}

/// Stretches of the view, in base coordinates, that no page holds.
pub(super) fn uncovered(
    held: impl IntoIterator<Item = (usize, usize)>,
    start: f64,
    end: f64,
) -> Vec<(f64, f64)> {
    let mut held: Vec<_> = held.into_iter().collect();
    held.sort_unstable();
    let mut gaps = Vec::new();
    let mut reached = start;
    for (from, to) in held {
        if from as f64 > reached {
            gaps.push((reached, (from as f64).min(end)));
        }
        reached = reached.max(to as f64);
        if reached >= end {
            return gaps;
        }
    }
    gaps.push((reached, end));
    gaps
}

/// Bases of the widest value that is seen between `start` and `end`, finer pages lying over coarser ones.
pub(super) fn coarsest(pages: &[StripPage<'_>], start: f64, end: f64) -> usize {
    let mut levels: Vec<usize> = pages.iter().map(|page| page.bp_per_value).collect();
    levels.sort_unstable();
    levels.dedup();
    let covered = |level: &usize| {
        let finer = pages.iter().filter(|page| page.bp_per_value <= *level);
        uncovered(finer.map(extent), start, end)
            .iter()
            .all(|(from, to)| to - from < 1.0)
    };
    let enough = levels.iter().copied().find(|level| covered(level));
    enough.or(levels.last().copied()).unwrap_or(1)
}

/// First base and one past the last of a page of a strip.
pub(super) fn extent(page: &StripPage<'_>) -> (usize, usize) {
    (page.start, page.end())
}

/// First base and one past the last of a page of a track.
pub(super) fn track_extent(page: &TrackPage<'_>) -> (usize, usize) {
    (
        page.start,
        page.start + page.values.len() * page.bp_per_value.max(1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finer_pages_win_and_gaps_stay_open() {
        let columns = Columns {
            first_bp: 0.0,
            bp: 2.0,
            count: 6,
        };
        let coarse = [1.0, 2.0];
        let fine = [5.0, 0.0, 3.0];
        let pages = [
            TrackPage {
                start: 2,
                bp_per_value: 1,
                values: &fine,
            },
            TrackPage {
                start: 0,
                bp_per_value: 4,
                values: &coarse,
            },
        ];
        let values = reduced(pages, &columns, Reduce::Max);
        assert_eq!(&values[..4], &[1.0, 5.0, 3.0, 2.0]);
        assert!(values[4].is_nan() && values[5].is_nan());
        let gaps = uncovered(pages.iter().map(track_extent), 0.0, 12.0);
        assert_eq!(gaps, [(8.0, 12.0)]);
        assert_eq!(uncovered([], 1.0, 2.0), [(1.0, 2.0)]);
    }

    proptest! {
        #[test]
        fn cutting_a_track_into_pages_changes_nothing(length in 1_usize..400, cut in 0.0_f64..1.0, per in 1.0_f64..20.0, first in 0.0_f64..50.0) {
            let values: Vec<f32> = (0..length).map(|i| ((i * 7919) % 101) as f32).collect();
            let cut = (cut * length as f64) as usize;
            let columns = Columns { first_bp: first, bp: per, count: 30 };
            let page = |from: usize, to: usize| TrackPage { start: 10 + from, bp_per_value: 1, values: &values[from..to] };
            let whole = reduced([page(0, length)], &columns, Reduce::Max);
            let parts = reduced([page(0, cut), page(cut, length)], &columns, Reduce::Max);
            prop_assert!(whole.iter().zip(&parts).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}
