//! What part of a contig is shown.

use crate::genome::Interval;
use std::fmt;

/// The narrowest view in base pairs.
pub const NARROWEST_BP: f64 = 20.0;

/// A stretch of one contig, with fractions of a base at its ends.
///
/// 0-based: base `i` covers `i..i + 1`. Always inside the contig and at least [`NARROWEST_BP`]
/// wide, unless the contig itself is shorter.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Viewport {
    /// Index of the contig in its genome.
    pub contig: usize,
    /// Length of the contig in base pairs.
    pub contig_bp: usize,
    /// Left edge.
    pub start: f64,
    /// Right edge.
    pub end: f64,
}

impl Viewport {
    /// The view from `start` to `end`, moved and widened until it fits the contig.
    #[must_use]
    pub fn new(contig: usize, contig_bp: usize, start: f64, end: f64) -> Self {
        let length = contig_bp as f64;
        let (start, end) = if start.is_finite() && end.is_finite() {
            (start.min(end), end.max(start))
        } else {
            (0.0, length)
        };
        let width = (end - start).max(NARROWEST_BP).min(length);
        // What is too narrow or too wide keeps its middle; the rest keeps its left edge to the last digit.
        let left = start + (end - start - width) / 2.0;
        let left = left.min(length - width).max(0.0);
        Self {
            contig,
            contig_bp,
            start: left,
            end: left + width,
        }
    }

    /// The whole contig.
    #[must_use]
    pub fn whole(contig: usize, contig_bp: usize) -> Self {
        Self::new(contig, contig_bp, 0.0, contig_bp as f64)
    }

    /// An interval with `margin` times its width on either side.
    #[must_use]
    pub fn around(contig: usize, contig_bp: usize, interval: Interval, margin: f64) -> Self {
        let extra = interval.len() as f64 * margin;
        Self::new(
            contig,
            contig_bp,
            interval.start as f64 - extra,
            interval.end as f64 + extra,
        )
    }

    /// Width in base pairs.
    #[must_use]
    pub fn width_bp(&self) -> f64 {
        self.end - self.start
    }

    /// The bases that it shows, wholly or in part.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval::new(
            self.start.max(0.0).floor() as usize,
            (self.end.ceil() as usize).min(self.contig_bp),
        )
    }

    /// Where a base coordinate lies on screen when the view fills `width` points from `left` on.
    #[must_use]
    pub fn x_from_bp(&self, bp: f64, left: f32, width: f32) -> f32 {
        let share = (bp - self.start) / self.width_bp();
        (f64::from(left) + share * f64::from(width)) as f32
    }

    /// The base coordinate at `x`, the inverse of [`Self::x_from_bp`].
    #[must_use]
    pub fn bp_from_x(&self, x: f32, left: f32, width: f32) -> f64 {
        self.start + f64::from(x - left) / f64::from(width) * self.width_bp()
    }

    /// Shows `factor` times as many bases, keeping `at_bp` where it is as far as the contig allows.
    #[must_use]
    pub fn zoom_at(&self, factor: f64, at_bp: f64) -> Self {
        if !(factor.is_finite() && factor > 0.0) {
            return *self;
        }
        let width = (self.width_bp() * factor)
            .max(NARROWEST_BP)
            .min(self.contig_bp as f64);
        let share = (at_bp - self.start) / self.width_bp();
        let start = at_bp - share * width;
        Self::new(self.contig, self.contig_bp, start, start + width)
    }

    /// Moves right by `by_bp` (left if negative), as far as the contig allows.
    #[must_use]
    pub fn pan(&self, by_bp: f64) -> Self {
        let by = if by_bp.is_finite() { by_bp } else { 0.0 };
        Self::new(self.contig, self.contig_bp, self.start + by, self.end + by)
    }

    /// Moves so that `at_bp` is in the middle, as far as the contig allows.
    #[must_use]
    pub fn centred(&self, at_bp: f64) -> Self {
        self.pan(at_bp - f64::midpoint(self.start, self.end))
    }
}

/// The bases shown, 1-based closed: `366,305-366,400`.
impl fmt::Display for Viewport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.interval().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_contig_is_shown_whole() {
        let view = Viewport::new(0, 12, 3.0, 5.0);
        assert_eq!((view.start, view.end), (0.0, 12.0));
        assert_eq!(view.to_string(), "1-12");
    }

    proptest! {
        #[test]
        fn a_view_stays_inside(length in 1_usize..5_000_000, start in -1e7_f64..1e7, width in 0.0_f64..1e7, factor in 0.01_f64..100.0, by in -1e7_f64..1e7, share in 0.0_f64..1.0) {
            let view = Viewport::new(0, length, start, start + width);
            let at = view.start + share * view.width_bp();
            for view in [view, view.zoom_at(factor, at), view.pan(by), view.centred(by)] {
                prop_assert!(view.start >= 0.0 && view.end <= length as f64 + 1e-6);
                prop_assert!(view.width_bp() + 1e-6 >= NARROWEST_BP.min(length as f64));
                prop_assert!(view.interval().end <= length);
            }
        }

        #[test]
        fn pixels_and_bases_invert(start in 0.0_f64..4e6, width in 20.0_f64..5e5, x in 0.0_f32..1400.0) {
            let view = Viewport::new(0, 5_000_000, start, start + width);
            let bp = view.bp_from_x(x, 56.0, 1400.0);
            prop_assert!((view.x_from_bp(bp, 56.0, 1400.0) - x).abs() < 0.01);
        }

        #[test]
        fn the_base_under_the_pointer_stays(start in 1e6_f64..3e6, width in 100.0_f64..1e5, share in 0.0_f64..1.0) {
            let view = Viewport::new(0, 5_000_000, start, start + width);
            let at = view.start + share * view.width_bp();
            let zoomed = view.zoom_at(0.5, at);
            prop_assert!((zoomed.x_from_bp(at, 0.0, 1000.0) - view.x_from_bp(at, 0.0, 1000.0)).abs() < 0.05);
        }
    }
}
