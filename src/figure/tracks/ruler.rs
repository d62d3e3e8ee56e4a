//! Coordinates, title, guide lines and the mark of a selection.

use super::frame::Frame;
use super::{GenomeLayout, GenomeView, TrackKind};
use crate::figure::axis::RulerTick;
use crate::figure::pen::{Ink, Pen};
use crate::figure::scene::{Anchor, Face, Rect};
use crate::figure::text;
use crate::figure::theme::{SMALL_PT, TEXT_PT};
use crate::genome::Interval;

pub(super) const HEIGHT_PT: f32 = 22.0;

pub(super) fn title(pen: &mut Pen, frame: &Frame, rect: Rect, view: &GenomeView<'_>) {
    pen.part("title", None);
    let words = text::elide(
        view.title.unwrap_or_default(),
        TEXT_PT,
        Face::Bold,
        frame.width,
    );
    pen.text(
        rect.x,
        rect.y + 12.0,
        Anchor::Start,
        Ink::bold(TEXT_PT, frame.palette.text),
        words,
    );
}

pub(super) fn draw(pen: &mut Pen, frame: &Frame, rect: Rect, ticks: &[RulerTick]) {
    pen.part("ruler", None);
    let palette = frame.palette;
    frame.name(pen, rect.y + 8.0, "bp", 1);
    let line = rect.bottom() - 0.5;
    pen.line((rect.x, line), (rect.right(), line), palette.border, 1.0);
    for tick in ticks {
        let x = frame.x(tick.at_bp);
        let long = if tick.label.is_some() { 6.0 } else { 3.0 };
        pen.line((x, line - long), (x, line), palette.border, 1.0);
        if let Some(label) = &tick.label {
            let ink = Ink::regular(SMALL_PT, palette.faint);
            pen.text(x, rect.y + 11.0, Anchor::Middle, ink, label.clone());
        }
    }
}

/// Faint lines under the labelled ticks, behind everything but the strip.
pub(super) fn grid(pen: &mut Pen, frame: &Frame, layout: &GenomeLayout, ticks: &[RulerTick]) {
    let Some(ruler) = layout.track(TrackKind::Ruler) else {
        return;
    };
    let bottom = layout
        .tracks
        .iter()
        .filter(|(kind, _)| !matches!(kind, TrackKind::Heads | TrackKind::Legend))
        .map(|(_, rect)| rect.bottom())
        .fold(ruler.bottom(), f32::max);
    pen.part("grid", None);
    for tick in ticks.iter().filter(|tick| tick.label.is_some()) {
        let x = frame.x(tick.at_bp);
        pen.line((x, ruler.bottom()), (x, bottom), frame.palette.grid, 1.0);
    }
}

pub(super) fn selection(pen: &mut Pen, frame: &Frame, layout: &GenomeLayout, selected: Interval) {
    let (left, width) = frame.span(selected, 1.0);
    let (left, right) = (left.max(frame.left), (left + width).min(frame.right()));
    if left >= right {
        return;
    }
    let bottom = layout
        .track(TrackKind::Legend)
        .map_or(layout.height, |legend| legend.y - 2.0);
    pen.part("selection", None);
    let rect = Rect::new(left, layout.plot.y, right - left, bottom - layout.plot.y);
    pen.fill(rect, frame.palette.accent.with_opacity(0.12));
    for x in [left, right] {
        pen.line(
            (x, rect.y),
            (x, rect.bottom()),
            frame.palette.accent.with_opacity(0.5),
            1.0,
        );
    }
}
