//! The head strip: one row a head, colour for what each base receives.

use super::GenomeView;
use super::frame::Frame;
use super::pages::{Columns, StripPage, coarsest, extent, reduced_rows, uncovered};
use crate::attention::{HeadId, HeadShape};
use crate::figure::axis;
use crate::figure::colormap::ColorScale;
use crate::figure::legend::{hatched, legend};
use crate::figure::pen::{Ink, Pen, baseline};
use crate::figure::raster::Reduce;
use crate::figure::scene::{Anchor, Face, Heatmap, Point, Rect, Tag};
use crate::figure::theme::SMALL_PT;
use std::sync::Arc;

const LAYER_GAP_PT: f32 = 3.0;
const ROW_PT: f32 = 10.0;
/// A row is never lower than this, however little room there is.
const LEAST_ROW_PT: f32 = 3.5;
/// Rows from here on have room for the names of their heads; lower ones are named by their layer.
pub(super) const NAMED_ROW_PT: f32 = 7.5;
const MOST_ROW_PT: f32 = 18.0;
/// Tracks are spaced closer rather than make rows lower than this.
pub(super) const ROOMY_ROW_PT: f32 = 8.0;
/// At most this many sites are outlined over the rows.
const MOST_OUTLINES: usize = 150;

/// What every head looks at, on one strand.
#[derive(Clone, Copy, Debug)]
pub struct HeadStrip<'a> {
    /// How many heads the pages hold.
    pub shape: HeadShape,
    /// The rows from top to bottom; a gap is left where the layer changes.
    pub heads: &'a [HeadId],
    /// The values, in any order; finer pages are painted over coarser ones.
    pub pages: &'a [StripPage<'a>],
    /// From values to colours.
    pub scale: ColorScale,
    /// What a value is, in words: `attention received by each base, strand −, mean over the queries that see it`.
    pub rule: &'a str,
    /// What becomes of several bases on one pixel.
    pub reduce: Reduce,
}

/// Where the rows are, from the upper edge of the strip.
pub(super) struct Rows {
    pub tops: Vec<(HeadId, f32)>,
    pub each: f32,
    pub height: f32,
}

/// Rows that fill `room` points as far as their limits allow.
pub(super) fn rows(heads: &[HeadId], room: Option<f32>, stretch: f32) -> Rows {
    let gaps = heads
        .windows(2)
        .filter(|pair| pair[0].layer != pair[1].layer)
        .count() as f32
        * LAYER_GAP_PT;
    let count = heads.len().max(1) as f32;
    let row_height = room.map_or(ROW_PT, |room| {
        // Whole half points keep the borders of rows sharp.
        let fitting = ((room - gaps) / count * 2.0).floor() / 2.0;
        fitting.clamp(LEAST_ROW_PT, MOST_ROW_PT)
    });
    let row_height = (row_height * stretch * 2.0).round() / 2.0;
    let row_height = row_height.max(LEAST_ROW_PT);
    let mut top = 0.0;
    let mut last = None;
    let mut rows = Vec::with_capacity(heads.len());
    for head in heads {
        if last.is_some_and(|layer| layer != head.layer) {
            top += LAYER_GAP_PT;
        }
        last = Some(head.layer);
        rows.push((*head, top));
        top += row_height;
    }
    Rows {
        tops: rows,
        each: row_height,
        height: top.max(row_height),
    }
}

pub(super) fn draw(
    pen: &mut Pen,
    frame: &Frame,
    rect: Rect,
    legend_rect: Option<Rect>,
    strip: &HeadStrip<'_>,
    view: &GenomeView<'_>,
    rows: &[(HeadId, f32, f32)],
) {
    labels(pen, frame, view.selected_head, rows);
    pen.part("heads", Some(rect));
    for layer in rows.chunk_by(|a, b| a.0.layer == b.0.layer) {
        let (_, top, height) = layer[0];
        let place = Rect::new(rect.x, top, rect.width, height * layer.len() as f32);
        pen.fill(place, frame.palette.missing);
    }
    let missing = uncovered(
        strip.pages.iter().map(extent),
        frame.viewport.start,
        frame.viewport.end,
    );
    let mut has_missing = false;
    for (from, to) in missing {
        let (left, right) = (frame.x(from), frame.x(to));
        if right - left >= 0.5 {
            has_missing = true;
            hatched(
                pen,
                frame.palette,
                Rect::new(left, rect.y, right - left, rect.height),
            );
        }
    }
    let columns = Columns::of(frame);
    paint(pen, frame, rect, strip, rows, &columns);
    if view.sites_over_heads {
        outlines(pen, frame, rect, view, rows);
    }
    if let Some((_, y, height)) = rows
        .iter()
        .find(|(head, _, _)| Some(*head) == view.selected_head)
    {
        pen.clip = None;
        let row = Rect::new(rect.x, *y, rect.width, *height);
        pen.frame(row, frame.palette.accent, 1.0, 0.0);
        let mark = Rect::new(rect.x - 7.0, *y, 4.0, *height);
        pen.rounded(mark, frame.palette.accent, 1.0);
    }
    if let Some(place) = legend_rect {
        pen.part("legend", None);
        let at = Point {
            x: place.x,
            y: place.y,
        };
        let rule = rule(strip, frame, &columns);
        legend(
            pen,
            frame.palette,
            at,
            place.width,
            &strip.scale,
            &rule,
            has_missing,
        );
    }
}

/// One heat map a layer.
fn paint(
    pen: &mut Pen,
    frame: &Frame,
    rect: Rect,
    strip: &HeadStrip<'_>,
    rows: &[(HeadId, f32, f32)],
    columns: &Columns,
) {
    let left = frame.x(columns.first_bp);
    let right = frame.x(columns.bp_of(columns.count));
    if strip.pages.is_empty() || right <= left {
        return;
    }
    pen.clip = Some(rect);
    for layer in rows.chunk_by(|a, b| a.0.layer == b.0.layer) {
        let indices: Vec<usize> = layer
            .iter()
            .map(|(head, _, _)| strip.shape.row(*head))
            .collect();
        let values = reduced_rows(strip.pages, &indices, columns, strip.reduce);
        let (_, top, height) = layer[0];
        pen.heatmap(Heatmap {
            rect: Rect::new(left, top, right - left, height * layer.len() as f32),
            rows: layer.len(),
            columns: columns.count,
            values: Arc::new(values),
            scale: strip.scale,
        });
    }
}

/// The edges of the sites over the rows, unless there are too many.
fn outlines(
    pen: &mut Pen,
    frame: &Frame,
    rect: Rect,
    view: &GenomeView<'_>,
    rows: &[(HeadId, f32, f32)],
) {
    let shown = frame.viewport.interval();
    let found: Vec<_> = view
        .sites
        .iter()
        .flat_map(|track| {
            let sites = track.within(frame.viewport.contig, shown);
            sites.map(move |(_, site)| (site.interval, track.look(frame.theme, site)))
        })
        .take(MOST_OUTLINES + 1)
        .collect();
    if found.len() > MOST_OUTLINES {
        return;
    }
    pen.part("sites-over-heads", Some(rect));
    // In the gaps between layers their colours are whole; over the data there are only thin lines.
    let gaps: Vec<f32> = rows
        .windows(2)
        .filter(|pair| pair[0].0.layer != pair[1].0.layer)
        .map(|pair| pair[1].1 - LAYER_GAP_PT)
        .collect();
    for (interval, look) in found {
        let (left, width) = frame.span(interval, 1.0);
        for x in [left, left + width] {
            let color = look.color.with_opacity(0.4);
            pen.line((x, rect.y), (x, rect.bottom()), color, 1.0);
        }
        for gap in &gaps {
            pen.fill(Rect::new(left, *gap, width, LAYER_GAP_PT), look.color);
        }
    }
    pen.clip = None;
}

fn labels(pen: &mut Pen, frame: &Frame, selected: Option<HeadId>, rows: &[(HeadId, f32, f32)]) {
    let palette = frame.palette;
    pen.clip = None;
    if rows
        .first()
        .is_some_and(|(_, _, height)| *height < NAMED_ROW_PT)
    {
        layer_labels(pen, frame, selected, rows);
        return;
    }
    for (head, y, height) in rows {
        pen.tag = Some(Tag::Head(*head));
        let size = SMALL_PT.min(height * 1.05).max(7.0);
        let (face, color) = if selected == Some(*head) {
            (Face::Bold, palette.accent)
        } else {
            (Face::Regular, palette.faint)
        };
        let ink = Ink { size, face, color };
        let line = baseline(y + height / 2.0, size);
        pen.text(frame.left - 10.0, line, Anchor::End, ink, head.to_string());
    }
}

/// Names of layers, and of the selected head alone, where rows are too low for the names of all.
fn layer_labels(
    pen: &mut Pen,
    frame: &Frame,
    selected: Option<HeadId>,
    rows: &[(HeadId, f32, f32)],
) {
    let palette = frame.palette;
    let mut write = |middle: f32, ink: Ink, words: String| {
        let line = baseline(middle, SMALL_PT);
        pen.text(frame.left - 10.0, line, Anchor::End, ink, words);
    };
    let marked = rows
        .iter()
        .find(|(head, _, _)| Some(*head) == selected)
        .map(|(head, y, height)| (*head, y + height / 2.0));
    if let Some((head, middle)) = marked {
        write(
            middle,
            Ink::bold(SMALL_PT, palette.accent),
            head.to_string(),
        );
    }
    let mut last = f32::NEG_INFINITY;
    for layer in rows.chunk_by(|a, b| a.0.layer == b.0.layer) {
        let (head, top, height) = layer[0];
        let middle = top + height * layer.len() as f32 / 2.0;
        let is_clear = |other: f32| (middle - other).abs() >= SMALL_PT + 1.0;
        if is_clear(last) && marked.is_none_or(|(_, other)| is_clear(other)) {
            let ink = Ink::regular(SMALL_PT, palette.faint);
            write(middle, ink, format!("layer {}", head.layer + 1));
            last = middle;
        }
    }
}

/// The rule with what becomes of several bases on one pixel, or in one cell that is wider.
fn rule(strip: &HeadStrip<'_>, frame: &Frame, columns: &Columns) -> String {
    let widest = coarsest(strip.pages, frame.viewport.start, frame.viewport.end);
    if widest as f64 > columns.bp {
        format!(
            "{} · {} of {widest} bp in each cell",
            strip.rule,
            strip.reduce.word()
        )
    } else if columns.bp > 1.0 {
        format!(
            "{} · {} of the {} bp on each pixel",
            strip.rule,
            strip.reduce.word(),
            axis::number((columns.bp * 10.0).round() / 10.0)
        )
    } else {
        strip.rule.to_owned()
    }
}
