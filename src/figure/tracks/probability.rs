//! The model's probability: + upwards, − downwards.

use super::frame::Frame;
use super::pages::{Columns, TrackPage, reduced, track_extent, uncovered};
use crate::figure::legend::hatched;
use crate::figure::pen::{Ink, Pen, baseline};
use crate::figure::raster::Reduce;
use crate::figure::scene::{Anchor, Color, Point, Rect};
use crate::figure::theme::SMALL_PT;

/// Probabilities of both strands.
#[derive(Clone, Copy, Debug)]
pub struct Probability<'a> {
    /// Pages of the + strand.
    pub forward: &'a [TrackPage<'a>],
    /// Pages of the − strand, from left to right on the + strand all the same.
    pub reverse: &'a [TrackPage<'a>],
    /// What it is the probability of: `P(TSS)`.
    pub label: &'a str,
    /// The upper end of the axis; the lowest that holds what is shown where `None`.
    pub top: Option<f32>,
}

/// Tops that the axis may have: the lowest one that holds what is shown is taken.
const TOPS: [f32; 5] = [0.05, 0.1, 0.2, 0.5, 1.0];

/// The lowest top that holds all `values`.
fn top(values: impl Iterator<Item = f32>) -> f32 {
    let highest = values.fold(0.0, f32::max);
    TOPS.into_iter().find(|top| highest <= *top).unwrap_or(1.0)
}

pub(super) fn draw(pen: &mut Pen, frame: &Frame, rect: Rect, probability: &Probability<'_>) {
    pen.part("probability", None);
    let palette = frame.palette;
    let middle = rect.y + rect.height / 2.0;
    let half = rect.height / 2.0;
    frame.name(pen, middle, probability.label, 1);
    let columns = Columns::of(frame);
    let values = [probability.forward, probability.reverse]
        .map(|pages| reduced(pages.iter().copied(), &columns, Reduce::Max));
    let top = probability
        .top
        .filter(|top| *top > 0.0)
        .unwrap_or_else(|| self::top(values.iter().flatten().copied()));
    for (y, strand, color) in [
        (rect.y, "+", palette.forward),
        (rect.bottom(), "−", palette.reverse),
    ] {
        pen.line((rect.x, y), (rect.right(), y), palette.grid, 1.0);
        let inward = (middle - y).signum() * 4.0;
        let line = baseline(y + inward, SMALL_PT);
        let ink = Ink::regular(SMALL_PT, palette.faint);
        pen.text(frame.left - 10.0, line, Anchor::End, ink, top.to_string());
        pen.text(
            frame.left - 34.0,
            line,
            Anchor::End,
            Ink::bold(SMALL_PT, color),
            strand,
        );
    }
    let [forward, reverse] = &values;
    let sides = [
        (
            probability.forward,
            forward,
            Rect::new(rect.x, rect.y, rect.width, half),
            -1.0,
            palette.forward,
            "probability-forward",
        ),
        (
            probability.reverse,
            reverse,
            Rect::new(rect.x, middle, rect.width, half),
            1.0,
            palette.reverse,
            "probability-reverse",
        ),
    ];
    for (pages, values, place, direction, color, part) in sides {
        pen.part(part, Some(place));
        let view = &frame.viewport;
        for (from, to) in uncovered(pages.iter().map(track_extent), view.start, view.end) {
            let (left, right) = (frame.x(from), frame.x(to));
            if right - left >= 0.5 {
                hatched(
                    pen,
                    palette,
                    Rect::new(left, place.y, right - left, place.height),
                );
            }
        }
        steps(
            pen,
            frame,
            &columns,
            values,
            middle,
            (direction * (half - 1.0) / top, half - 1.0),
            color,
        );
    }
    pen.part("probability", None);
    pen.line(
        (rect.x, middle),
        (rect.right(), middle),
        palette.border,
        1.0,
    );
}

/// One step a column, `height` points for a value of 1 and `most` at most; stretches without values stay open.
fn steps(
    pen: &mut Pen,
    frame: &Frame,
    columns: &Columns,
    values: &[f32],
    baseline: f32,
    (height, most): (f32, f32),
    color: Color,
) {
    let mut index = 0;
    for run in values.chunk_by(|a, b| a.is_nan() == b.is_nan()) {
        let first = index;
        index += run.len();
        if run[0].is_nan() {
            continue;
        }
        let mut points: Vec<Point> = Vec::with_capacity(2 * run.len());
        for (offset, value) in run.iter().enumerate() {
            let y = baseline + (height * value.max(0.0)).clamp(-most, most);
            let left = frame.x(columns.bp_of(first + offset));
            let right = frame.x(columns.bp_of(first + offset + 1));
            // Equal neighbours make one step.
            if points.last().is_some_and(|last| (last.y - y).abs() < 0.01) {
                if let Some(last) = points.last_mut() {
                    last.x = right;
                }
            } else {
                points.push(Point { x: left, y });
                points.push(Point { x: right, y });
            }
        }
        pen.area(points, baseline, color);
    }
}
