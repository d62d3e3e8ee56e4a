//! Heat maps as pixels.
//!
//! Where several values fall on one pixel the largest is painted (or their mean), so that a
//! narrow peak never disappears; a pixel that a value only touches counts it too. Where one
//! value covers several pixels all of them have its colour, with borders on whole pixels.

use super::colormap::{ColorScale, Lut};
use super::scene::Heatmap;

/// What several values on one pixel become. NaN counts only where there is nothing else.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Reduce {
    /// The largest.
    #[default]
    Max,
    /// The mean.
    Mean,
}

impl Reduce {
    /// How a legend says it: `max` or `mean`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Mean => "mean",
        }
    }

    /// One value for many; NaN for none.
    #[must_use]
    pub fn of(self, values: &[f32]) -> f32 {
        match self {
            Self::Max => largest(values),
            Self::Mean => mean(values),
        }
    }
}

/// The largest that is a number; written so that the compiler keeps eight running maxima at once.
fn largest(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<16>();
    let mut best = [f32::NEG_INFINITY; 16];
    for chunk in chunks {
        for (best, value) in best.iter_mut().zip(chunk) {
            // False for NaN.
            *best = if *value > *best { *value } else { *best };
        }
    }
    let most = best
        .iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |a, b| if *b > a { *b } else { a });
    if most > f32::NEG_INFINITY {
        most
    } else if values.iter().all(|value| value.is_nan()) {
        f32::NAN
    } else {
        most
    }
}

fn mean(values: &[f32]) -> f32 {
    let (mut sum, mut count) = (0.0_f64, 0_usize);
    for value in values {
        if !value.is_nan() {
            sum += f64::from(*value);
            count += 1;
        }
    }
    if count == 0 {
        f32::NAN
    } else {
        (sum / count as f64) as f32
    }
}

/// Which of `count` values fall on pixel `index` of `pixels`: at least one, and every value on some pixel.
fn covered(index: usize, pixels: usize, count: usize) -> std::ops::Range<usize> {
    if count <= pixels {
        let only = (index * count) / pixels;
        only..only + 1
    } else {
        let first = index * count / pixels;
        let end = ((index + 1) * count).div_ceil(pixels);
        first..end.max(first + 1)
    }
}

/// A heat map as `4 * width_px * height_px` bytes: rows from the top, red, green, blue, opacity (not premultiplied).
///
/// NaN is fully transparent. Several values on one pixel give their maximum.
#[must_use]
pub fn raster(heatmap: &Heatmap, width_px: usize, height_px: usize) -> Vec<u8> {
    raster_by(heatmap, width_px, height_px, Reduce::Max)
}

/// [`raster`] with another rule for several values on one pixel.
#[must_use]
pub fn raster_by(heatmap: &Heatmap, width_px: usize, height_px: usize, reduce: Reduce) -> Vec<u8> {
    let (rows, columns) = (heatmap.rows, heatmap.columns);
    let mut pixels = vec![0; 4 * width_px * height_px];
    if rows == 0 || columns == 0 || width_px == 0 || heatmap.values.len() < rows * columns {
        return pixels;
    }
    let lut = heatmap.scale.lut();
    let mut line = vec![f32::NAN; width_px];
    let mut merged = Vec::new();
    let mut painted: Option<std::ops::Range<usize>> = None;
    for y in 0..height_px {
        let from = covered(y, height_px, rows);
        let start = 4 * width_px * y;
        if painted.as_ref() == Some(&from) {
            pixels.copy_within(start - 4 * width_px..start, start);
            continue;
        }
        let values = if from.len() == 1 {
            &heatmap.values[from.start * columns..(from.start + 1) * columns]
        } else {
            merge_rows(&heatmap.values, columns, from.clone(), reduce, &mut merged);
            &merged
        };
        for (x, value) in line.iter_mut().enumerate() {
            *value = reduce.of(&values[covered(x, width_px, columns)]);
        }
        paint(&lut, &line, &mut pixels[start..start + 4 * width_px]);
        painted = Some(from);
    }
    pixels
}

fn merge_rows(
    values: &[f32],
    columns: usize,
    rows: std::ops::Range<usize>,
    reduce: Reduce,
    merged: &mut Vec<f32>,
) {
    let mut cell = Vec::with_capacity(rows.len());
    merged.clear();
    merged.extend((0..columns).map(|column| {
        cell.clear();
        cell.extend(rows.clone().map(|row| values[row * columns + column]));
        reduce.of(&cell)
    }));
}

fn paint(lut: &Lut, values: &[f32], pixels: &mut [u8]) {
    for (pixel, value) in pixels.chunks_exact_mut(4).zip(values) {
        pixel.copy_from_slice(&lut.rgba(*value));
    }
}

/// Which columns of a long row each output column covers: `first + i * per` up to `first + (i + 1) * per`.
///
/// Columns may be fractions: an output column counts every value that it touches. Where `per`
/// is below 1 the value under the middle of the output column is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Left edge of the first output column, in values; may lie outside the row.
    pub first: f64,
    /// Values for each output column.
    pub per: f64,
}

impl Sampling {
    /// The values, as signed indices, that output column `index` covers.
    #[must_use]
    pub fn values(self, index: usize) -> std::ops::Range<i64> {
        let left = self.first + index as f64 * self.per;
        if self.per < 1.0 {
            let only = (left + self.per / 2.0).floor() as i64;
            return only..only + 1;
        }
        // The tiny allowance keeps whole numbers whole after rounding.
        let start = (left + 1e-6).floor() as i64;
        let end = (left + self.per - 1e-6).ceil() as i64;
        start..end.max(start + 1)
    }
}

/// Brings `row` to the length of `out`.
///
/// What `out` holds already is taken as one more value, so that neighbouring pages of a track
/// may be reduced one after the other; output columns without a value are left as they are.
pub fn reduce_row(row: &[f32], sampling: Sampling, reduce: Reduce, out: &mut [f32]) {
    let length = i64::try_from(row.len()).unwrap_or(i64::MAX);
    let reached = |value: f64| ((value - sampling.first) / sampling.per).max(0.0);
    let first = (reached(0.0).floor() as usize).saturating_sub(1);
    let end = (reached(length as f64).ceil() as usize)
        .saturating_add(1)
        .min(out.len());
    for (index, slot) in out.iter_mut().enumerate().take(end).skip(first) {
        let covered = sampling.values(index);
        let (from, to) = (covered.start.max(0), covered.end.min(length));
        if from < to {
            let value = reduce.of(&row[from as usize..to as usize]);
            *slot = if slot.is_nan() {
                value
            } else {
                reduce.of(&[*slot, value])
            };
        }
    }
}

/// Height of the rows of a strip in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowPixels {
    /// Height of each row.
    pub height: usize,
    /// Transparent pixels between rows.
    pub gap: usize,
}

/// Paints long rows straight from where they are kept, without a table between.
///
/// The picture is `width_px` wide and `rows * (height + gap) - gap` high; see [`raster`] for the
/// order of bytes. `row(i)` is called once for each row.
#[must_use]
pub fn raster_columns<'a>(
    rows: usize,
    row: impl Fn(usize) -> &'a [f32],
    sampling: Sampling,
    width_px: usize,
    row_px: RowPixels,
    scale: &ColorScale,
    reduce: Reduce,
) -> Vec<u8> {
    let height_px = (rows * (row_px.height + row_px.gap)).saturating_sub(row_px.gap);
    let mut pixels = vec![0; 4 * width_px * height_px];
    let lut = scale.lut();
    let mut line = vec![f32::NAN; width_px];
    for index in 0..rows {
        line.fill(f32::NAN);
        reduce_row(row(index), sampling, reduce, &mut line);
        let top = index * (row_px.height + row_px.gap);
        for y in top..top + row_px.height {
            let start = 4 * width_px * y;
            if y == top {
                paint(&lut, &line, &mut pixels[start..start + 4 * width_px]);
            } else {
                pixels.copy_within(start - 4 * width_px..start, start);
            }
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::colormap::Colormap;
    use crate::figure::scene::Rect;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn heatmap(rows: usize, columns: usize, values: Vec<f32>) -> Heatmap {
        Heatmap {
            rect: Rect::new(0.0, 0.0, 10.0, 10.0),
            rows,
            columns,
            values: Arc::new(values),
            scale: ColorScale::linear(Colormap::Viridis, 0.0, 1.0),
        }
    }

    #[test]
    fn nothing_becomes_nothing() {
        assert!(raster(&heatmap(0, 0, vec![]), 3, 2).iter().all(|b| *b == 0));
        assert!(raster(&heatmap(1, 1, vec![1.0]), 0, 0).is_empty());
        let missing = raster(&heatmap(1, 2, vec![f32::NAN, 1.0]), 2, 1);
        assert_eq!(&missing[..4], &[0; 4]);
        assert_eq!(missing[7], 255);
    }

    #[test]
    fn columns_have_borders_on_whole_pixels() {
        let pixels = raster(&heatmap(1, 3, vec![0.0, 1.0, 0.0]), 9, 1);
        let bright: Vec<usize> = (0..9).filter(|x| pixels[4 * x] > 200).collect();
        assert_eq!(bright, [3, 4, 5]);
    }

    #[test]
    fn gaps_are_transparent() {
        let row = [1.0_f32, 0.0];
        let picture = raster_columns(
            2,
            |_| &row,
            Sampling {
                first: 0.0,
                per: 1.0,
            },
            2,
            RowPixels { height: 2, gap: 1 },
            &ColorScale::linear(Colormap::Viridis, 0.0, 1.0),
            Reduce::Max,
        );
        let opacity: Vec<u8> = (0..5).map(|y| picture[4 * 2 * y + 3]).collect();
        assert_eq!(opacity, [255, 255, 0, 255, 255]);
    }

    proptest! {
        #[test]
        fn a_single_peak_is_never_lost(columns in 1_usize..3000, width in 1_usize..300, place in 0.0_f64..1.0) {
            let peak = ((place * columns as f64) as usize).min(columns - 1);
            let mut values = vec![0.0; columns];
            values[peak] = 1.0;
            let pixels = raster(&heatmap(1, columns, values), width.min(columns), 1);
            let hot = ColorScale::linear(Colormap::Viridis, 0.0, 1.0).lut().rgba(1.0);
            prop_assert!(pixels.chunks_exact(4).any(|pixel| pixel == hot));
        }

        #[test]
        fn every_value_is_sampled(first in -50.0_f64..50.0, per in 1.0_f64..40.0, width in 1_usize..200) {
            let sampling = Sampling { first, per };
            let mut next = sampling.values(0).start;
            for index in 0..width {
                let covered = sampling.values(index);
                prop_assert!(covered.start <= next && covered.end > covered.start);
                next = next.max(covered.end);
            }
            prop_assert!(next as f64 >= first + per * width as f64 - 1e-3);
        }

        #[test]
        fn the_largest_is_the_largest(values in prop::collection::vec(prop_oneof![Just(f32::NAN), Just(f32::NEG_INFINITY), -5.0_f32..5.0], 0..70)) {
            let wanted = values.iter().copied().filter(|v| !v.is_nan()).fold(f32::NAN, f32::max);
            let found = Reduce::Max.of(&values);
            prop_assert_eq!(found.to_bits(), wanted.to_bits());
        }

        #[test]
        fn the_two_painters_agree(columns in 1_usize..500, width in 1_usize..100, seed in 0_u32..1000) {
            let width = width.min(columns);
            let values: Vec<f32> = (0..columns).map(|i| ((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 16_777_216.0).collect();
            let table = raster(&heatmap(1, columns, values.clone()), width, 1);
            let direct = raster_columns(1, |_| &values, Sampling { first: 0.0, per: columns as f64 / width as f64 }, width,
                RowPixels { height: 1, gap: 0 }, &ColorScale::linear(Colormap::Viridis, 0.0, 1.0), Reduce::Max);
            prop_assert_eq!(table, direct);
        }
    }
}
