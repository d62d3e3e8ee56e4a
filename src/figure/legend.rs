//! The legend of a colour scale: a bar, its numbers and the rule in words.

use super::axis;
use super::colormap::ColorScale;
use super::pen::{Ink, Pen};
use super::scene::{Anchor, Face, Heatmap, Point, Rect};
use super::text;
use super::theme::{Palette, SMALL_PT};
use std::sync::Arc;

/// Height of a legend whose rule fits two lines.
pub(super) const LEGEND_PT: f32 = 32.0;
const BAR_PT: f32 = 136.0;
const STEPS: usize = 68;

/// Draws a legend from `at` (upper left) within `width` points.
pub(super) fn legend(
    pen: &mut Pen,
    palette: &Palette,
    at: Point,
    width: f32,
    scale: &ColorScale,
    rule: &str,
    has_missing: bool,
) {
    let bar = Rect::new(at.x, at.y + 4.0, BAR_PT.min(width * 0.4), 8.0);
    let values = (0..STEPS)
        .map(|step| scale.value_at((step as f32 + 0.5) / STEPS as f32))
        .collect();
    pen.heatmap(Heatmap {
        rect: bar,
        rows: 1,
        columns: STEPS,
        values: Arc::new(values),
        scale: *scale,
    });
    let ink = Ink::regular(SMALL_PT, palette.faint);
    let under = bar.bottom() + 11.0;
    for (share, anchor) in [
        (0.0, Anchor::Start),
        (0.5, Anchor::Middle),
        (1.0, Anchor::End),
    ] {
        let value = axis::number(two_digits(f64::from(scale.value_at(share))));
        pen.text(bar.x + share * bar.width, under, anchor, ink, value);
    }
    let mut left = bar.right() + 16.0;
    let most = at.x + width - left;
    if has_missing {
        let swatch = Rect::new(at.x + width - 12.0, bar.y - 1.0, 12.0, 10.0);
        let words = "not computed";
        let words_pt = text::width(words, SMALL_PT, Face::Regular);
        if words_pt + 160.0 < most {
            hatched(pen, palette, swatch);
            pen.text(swatch.x - 6.0, bar.bottom(), Anchor::End, ink, words);
        }
    }
    let reserved = if has_missing { 96.0 } else { 0.0 };
    let lines = text::wrap(rule, SMALL_PT, Face::Regular, (most - reserved).max(80.0));
    left = left.round();
    for (index, line) in lines.iter().take(2).enumerate() {
        let words = if index == 1 && lines.len() > 2 {
            format!("{line} …")
        } else {
            line.clone()
        };
        pen.text(
            left,
            bar.bottom() + index as f32 * 12.0,
            Anchor::Start,
            ink,
            words,
        );
    }
}

/// A number rounded to two digits that count.
fn two_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let unit = 10_f64.powf(value.abs().log10().floor() - 1.0);
    (value / unit).round() * unit
}

/// A quiet hatch: nothing has been computed here.
pub(super) fn hatched(pen: &mut Pen, palette: &Palette, rect: Rect) {
    const APART: f32 = 8.0;
    let clip = pen.clip;
    pen.fill(rect, palette.missing);
    pen.clip = Some(clip.map_or(rect, |outer| intersection(outer, rect)));
    // One line to and fro that turns outside the clip. It starts on a grid of the page, so that
    // neighbouring areas hatch alike.
    let (top, bottom) = (rect.y - 2.0, rect.bottom() + 2.0);
    let rise = bottom - top;
    let mut x = ((rect.x + bottom - rise) / APART).floor() * APART - bottom;
    let mut points = Vec::new();
    while x < rect.right() {
        let (low, high) = ((x, bottom), (x + rise, top));
        if points.len() % 4 == 0 {
            points.extend([low, high]);
        } else {
            points.extend([high, low]);
        }
        x += APART;
    }
    pen.path(&points, palette.hatch, 1.0);
    pen.clip = clip;
}

/// What two rectangles share; of no size where they share nothing.
pub(super) fn intersection(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    Rect::new(
        x,
        y,
        (a.right().min(b.right()) - x).max(0.0),
        (a.bottom().min(b.bottom()) - y).max(0.0),
    )
}
