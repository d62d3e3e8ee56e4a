//! Curves over a common axis, one panel each, one below the other.

use super::axis;
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Rect, Scene};
use super::theme::{SMALL_PT, Sheet, TEXT_PT};

/// A point of a curve, in the units of its axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Along.
    pub x: f64,
    /// Up.
    pub y: f64,
}

/// A curve with a name.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    /// What it shows.
    pub name: &'a str,
    /// Its points, from left to right.
    pub points: &'a [Point],
}

/// Draws each curve into a panel of its own; `along` names the common axis.
#[must_use]
pub fn curves_chart(along: &str, curves: &[Curve<'_>], sheet: &Sheet) -> Scene {
    const LEFT: f32 = 56.0;
    const RIGHT: f32 = 16.0;
    const FOOT: f32 = 36.0;
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let most = curves
        .iter()
        .flat_map(|curve| curve.points)
        .map(|point| point.x)
        .fold(0.0, f64::max)
        .max(1.0);
    let room = (sheet.height - FOOT) / curves.len().max(1) as f32;
    let ink = Ink::regular(SMALL_PT, palette.faint);
    for (index, curve) in curves.iter().enumerate() {
        let top = index as f32 * room + 24.0;
        let width = (sheet.width - LEFT - RIGHT).max(1.0);
        let plot = Rect::new(LEFT, top, width, (room - 36.0).max(1.0));
        pen.part("title", None);
        let title = Ink::bold(TEXT_PT, palette.text);
        pen.text(plot.x, top - 7.0, Anchor::Start, title, curve.name);
        let finite = || curve.points.iter().filter(|point| point.y.is_finite());
        let low = finite().map(|point| point.y).fold(f64::INFINITY, f64::min);
        let high = finite()
            .map(|point| point.y)
            .fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            continue;
        }
        let step = axis::nice_step((high - low).max(high.abs() * 1e-3).max(1e-9) / 4.0);
        let (low, high) = (
            (low / step).floor() * step,
            (high / step + 1e-9).ceil() * step,
        );
        let high = if high > low { high } else { low + step };
        let x_of = |x: f64| plot.x + (x / most) as f32 * plot.width;
        let y_of = |y: f64| plot.bottom() - ((y - low) / (high - low)) as f32 * plot.height;
        pen.part("values", None);
        for tick in axis::ticks(low, high, 5) {
            pen.line(
                (plot.x, y_of(tick)),
                (plot.right(), y_of(tick)),
                palette.grid,
                1.0,
            );
            let at = baseline(y_of(tick), SMALL_PT);
            pen.text(plot.x - 7.0, at, Anchor::End, ink, axis::number(tick));
        }
        pen.part("curve", Some(plot));
        let points: Vec<(f32, f32)> = finite()
            .map(|point| (x_of(point.x), y_of(point.y)))
            .collect();
        if points.len() > 1 {
            pen.path(&points, palette.forward, 1.5);
        }
        if index + 1 == curves.len() {
            pen.part("steps", None);
            for tick in axis::ticks(0.0, most, 6) {
                let at = plot.bottom() + 15.0;
                pen.text(x_of(tick), at, Anchor::Middle, ink, axis::number(tick));
            }
            let at = plot.bottom() + 29.0;
            pen.text(plot.x + plot.width / 2.0, at, Anchor::Middle, ink, along);
        }
    }
    pen.scene(sheet.width, sheet.height, Some(palette.page))
}
