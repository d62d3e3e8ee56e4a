//! A window before and after changes: its bases, the model's probability and what every head looks
//! at, as panels side by side on one alignment of both sequences.

use super::axis;
use super::colormap::ColorScale;
use super::legend::{LEGEND_PT, hatched, legend};
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Face, Heatmap, Point, Rect, Scene, Tag};
use super::text;
use super::theme::{Palette, SMALL_PT, Sheet, TEXT_PT};
use crate::attention::HeadId;
use crate::genome::Base;
use crate::genome::locus::grouped;
use std::sync::Arc;

const LEFT_PT: f32 = 64.0;
const RIGHT_PT: f32 = 12.0;
const APART_PT: f32 = 18.0;
/// Letters need a column of this width.
const LETTER_PT: f32 = 6.5;
/// Below this not even blocks are drawn.
const BLOCK_PT: f32 = 1.5;
const LEAST_ROW_PT: f32 = 2.0;
const MOST_ROW_PT: f32 = 16.0;
/// Rows from this height on bear their own name.
const NAMED_ROW_PT: f32 = 7.5;
const LAYER_GAP_PT: f32 = 2.0;
const PROBABILITY_PT: f32 = 30.0;

/// A base before beside what has become of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlignedBase {
    /// 0-based on the forward strand before any change; `None` where it was put in.
    pub position: Option<usize>,
    /// The base before.
    pub before: Option<Base>,
    /// The base after; `None` where it was taken out.
    pub after: Option<Base>,
    /// Whether it is hidden from the model.
    pub masked: bool,
    /// Whether anything about it is other than it was.
    pub changed: bool,
}

/// One panel.
#[derive(Clone, Copy, Debug)]
pub struct WhatIfPanel<'a> {
    /// `before`, `after`, `after less before`.
    pub name: &'a str,
    /// The probability by column, drawn as an area; NaN where there is none.
    pub area: Option<&'a [f32]>,
    /// The same drawn as a line.
    pub line: Option<&'a [f32]>,
    /// `values[head * columns + column]`, in the order of the heads; NaN where there is none.
    pub values: &'a [f32],
    /// From values to colours.
    pub scale: ColorScale,
    /// What a colour means, in words.
    pub rule: &'a str,
}

/// A window before and after changes.
#[derive(Clone, Copy, Debug)]
pub struct WhatIfPicture<'a> {
    /// A heading.
    pub title: &'a str,
    /// A short mark that says that, and how often, the sequence was edited; empty where it was not.
    pub badge: &'a str,
    /// The columns, from left to right.
    pub columns: &'a [AlignedBase],
    /// The rows, from top to bottom.
    pub heads: &'a [HeadId],
    /// The panels, from left to right.
    pub panels: &'a [WhatIfPanel<'a>],
    /// The head to be marked.
    pub selected_head: Option<HeadId>,
    /// The base to be marked, 0-based before any change, and how many.
    pub selected: Option<(usize, usize)>,
}

/// Where everything in the picture is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhatIfLayout {
    /// The plots of the panels, from the letters to the last row.
    pub plots: Vec<Rect>,
    /// The rows: head, upper edge, height.
    pub rows: Vec<(HeadId, f32, f32)>,
    /// How many columns a plot has.
    pub columns: usize,
}

impl WhatIfLayout {
    /// The column and, in its row, the head at a point.
    #[must_use]
    pub fn hit(&self, at: Point) -> Option<(usize, Option<HeadId>)> {
        let plot = self.plots.iter().find(|plot| plot.contains(at))?;
        let column = (at.x - plot.x) / plot.width * self.columns as f32;
        let row = |(_, top, height): &&(HeadId, f32, f32)| (*top..top + height).contains(&at.y);
        let head = self.rows.iter().find(row).map(|(head, ..)| *head);
        let last = self.columns.checked_sub(1)?;
        Some(((column as usize).min(last), head))
    }
}

/// Draws the picture, as high as its rows need where `sheet` is lower.
#[must_use]
pub fn what_if(picture: &WhatIfPicture<'_>, sheet: &Sheet) -> (Scene, WhatIfLayout) {
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let count = picture.panels.len().max(1) as f32;
    let room = sheet.width - LEFT_PT - RIGHT_PT - (count - 1.0) * APART_PT;
    let width = (room / count).max(1.0);
    let step = width / picture.columns.len().max(1) as f32;
    heading(&mut pen, palette, picture, sheet.width);
    let letters = if step >= LETTER_PT {
        26.0
    } else if step >= BLOCK_PT {
        12.0
    } else {
        4.0
    };
    let top = 27.0 + if picture.panels.len() > 1 { 14.0 } else { 0.0 };
    let strip = top + letters + 6.0 + PROBABILITY_PT + 6.0;
    let below = 20.0 + LEGEND_PT;
    let rows = rows(picture.heads, strip, sheet.height - below);
    let bottom = rows.last().map_or(strip, |(_, y, height)| y + height);
    let mut layout = WhatIfLayout {
        plots: Vec::new(),
        rows,
        columns: picture.columns.len(),
    };
    names(&mut pen, palette, picture, &layout.rows);
    let highest = top_of(picture.panels);
    for (index, panel) in picture.panels.iter().enumerate() {
        let x = LEFT_PT + index as f32 * (width + APART_PT);
        let plot = Rect::new(x, top, width, bottom - top);
        if picture.panels.len() > 1 {
            pen.part("panel", None);
            let ink = Ink::bold(SMALL_PT, palette.text);
            pen.text(x, top - 5.0, Anchor::Start, ink, panel.name);
        }
        let place = Rect::new(x, top, width, letters);
        sequence(&mut pen, palette, sheet, picture.columns, place);
        let place = Rect::new(x, top + letters + 6.0, width, PROBABILITY_PT);
        probability(&mut pen, palette, panel, place, highest, index == 0);
        strips(&mut pen, palette, panel, picture, &layout.rows, (x, width));
        marks(&mut pen, palette, picture, plot);
        positions(&mut pen, palette, picture.columns, plot);
        pen.part("legend", None);
        let at = Point {
            x,
            y: bottom + 20.0,
        };
        legend(
            &mut pen,
            palette,
            at,
            width,
            &panel.scale,
            panel.rule,
            false,
        );
        layout.plots.push(plot);
    }
    let scene = pen.scene(sheet.width, bottom + below, Some(palette.page));
    (scene, layout)
}

fn heading(pen: &mut Pen, palette: &Palette, picture: &WhatIfPicture<'_>, width: f32) {
    pen.part("title", None);
    let mut right = width - RIGHT_PT;
    if !picture.badge.is_empty() {
        let words = text::width(picture.badge, SMALL_PT, Face::Bold);
        let place = Rect::new(right - words - 14.0, 3.0, words + 14.0, 16.0);
        pen.part("edited", None);
        pen.rounded(place, palette.accent, 8.0);
        let ink = Ink::bold(SMALL_PT, Palette::ink_on(palette.accent));
        let line = baseline(place.y + 8.0, SMALL_PT);
        pen.text(place.x + 7.0, line, Anchor::Start, ink, picture.badge);
        right = place.x - 8.0;
    }
    pen.part("title", None);
    let title = text::elide(picture.title, TEXT_PT, Face::Bold, (right - 8.0).max(1.0));
    let ink = Ink::bold(TEXT_PT, palette.text);
    pen.text(8.0, 15.0, Anchor::Start, ink, title);
}

/// The rows between `from` and `to`, as far as their limits allow.
fn rows(heads: &[HeadId], from: f32, to: f32) -> Vec<(HeadId, f32, f32)> {
    let pairs = heads.windows(2);
    let gaps = pairs.filter(|pair| pair[0].layer != pair[1].layer).count() as f32 * LAYER_GAP_PT;
    let fitting = (to - from - gaps) / heads.len().max(1) as f32;
    let each = ((fitting * 2.0).floor() / 2.0).clamp(LEAST_ROW_PT, MOST_ROW_PT);
    let (mut y, mut layer) = (from, None);
    let place = |head: &HeadId| {
        if layer.is_some_and(|layer| layer != head.layer) {
            y += LAYER_GAP_PT;
        }
        layer = Some(head.layer);
        y += each;
        (*head, y - each, each)
    };
    heads.iter().map(place).collect()
}

fn names(
    pen: &mut Pen,
    palette: &Palette,
    picture: &WhatIfPicture<'_>,
    rows: &[(HeadId, f32, f32)],
) {
    for layer in rows.chunk_by(|a, b| a.0.layer == b.0.layer) {
        let (first, top, height) = layer[0];
        if height < NAMED_ROW_PT {
            pen.part("layers", None);
            let middle = top + height * layer.len() as f32 / 2.0;
            let ink = Ink::regular(SMALL_PT, palette.faint);
            let name = format!("layer {}", first.layer + 1);
            let line = baseline(middle, SMALL_PT);
            pen.text(LEFT_PT - 12.0, line, Anchor::End, ink, name);
            continue;
        }
        for (head, y, height) in layer {
            pen.tag = Some(Tag::Head(*head));
            let color = if picture.selected_head == Some(*head) {
                palette.accent
            } else {
                palette.faint
            };
            let size = SMALL_PT.min(*height);
            let line = baseline(y + height / 2.0, size);
            let ink = Ink::regular(size, color);
            pen.text(LEFT_PT - 12.0, line, Anchor::End, ink, head.to_string());
        }
    }
    let Some((_, y, height)) = rows
        .iter()
        .find(|(head, ..)| Some(*head) == picture.selected_head)
    else {
        return;
    };
    pen.part("selected-head", None);
    let mark = Rect::new(LEFT_PT - 7.0, *y, 4.0, *height);
    pen.rounded(mark, palette.accent, 1.0);
}

fn sequence(pen: &mut Pen, palette: &Palette, sheet: &Sheet, columns: &[AlignedBase], place: Rect) {
    let step = place.width / columns.len().max(1) as f32;
    if step < BLOCK_PT {
        return;
    }
    let row = place.height / 2.0;
    let size = (step * 1.25).min(11.5);
    for (which, part) in ["bases-before", "bases-after"].into_iter().enumerate() {
        pen.part(part, Some(place));
        let y = place.y + which as f32 * row;
        for (index, column) in columns.iter().enumerate() {
            let x = place.x + index as f32 * step;
            let base = [column.before, column.after][which];
            let cell = Rect::new(x, y, step, row);
            if which == 1 && column.masked {
                pen.fill(cell, palette.border);
            } else if which == 1 && column.changed && step >= LETTER_PT {
                pen.fill(cell, palette.accent.with_opacity(0.25));
            }
            let color = base.map_or(palette.faint, |base| palette.base(base, sheet.base_colors));
            let faded = which == 1 && !column.changed;
            let color = if faded {
                color.with_opacity(0.55)
            } else {
                color
            };
            if step >= LETTER_PT {
                let letter = base.map_or('−', Base::letter);
                let line = baseline(y + row / 2.0, size);
                let ink = Ink::bold(size, color);
                pen.text(x + step / 2.0, line, Anchor::Middle, ink, letter);
            } else if base.is_some() && !(which == 1 && column.masked) {
                pen.fill(Rect::new(x, y + 0.5, step, row - 1.0), color);
            }
        }
    }
}

/// The lowest of some round tops that holds all probabilities.
fn top_of(panels: &[WhatIfPanel<'_>]) -> f32 {
    let areas = panels.iter().flat_map(|panel| [panel.area, panel.line]);
    let highest = areas.flatten().flatten().copied().fold(0.0, f32::max);
    let mut tops = [0.05, 0.1, 0.2, 0.5].into_iter();
    tops.find(|top| highest <= *top).unwrap_or(1.0)
}

fn probability(
    pen: &mut Pen,
    palette: &Palette,
    panel: &WhatIfPanel<'_>,
    place: Rect,
    highest: f32,
    named: bool,
) {
    pen.part("probability", None);
    pen.line(
        (place.x, place.y),
        (place.right(), place.y),
        palette.grid,
        1.0,
    );
    if named {
        let ink = Ink::regular(SMALL_PT, palette.faint);
        let name = baseline(place.y + place.height / 2.0, SMALL_PT);
        pen.text(LEFT_PT - 12.0, name, Anchor::End, ink, "P(TSS)");
        let line = baseline(place.y + 3.0, SMALL_PT);
        let words = axis::number(f64::from(highest));
        pen.text(LEFT_PT - 12.0, line, Anchor::End, ink, words);
    }
    pen.part("probability", Some(place));
    for (values, filled) in [(panel.area, true), (panel.line, false)] {
        let Some(values) = values else { continue };
        let step = place.width / values.len().max(1) as f32;
        let mut first = 0;
        for run in values.chunk_by(|a, b| a.is_nan() == b.is_nan()) {
            let from = first;
            first += run.len();
            if run[0].is_nan() {
                continue;
            }
            let points = run.iter().enumerate().flat_map(|(index, value)| {
                let y = place.bottom() - (value / highest).clamp(0.0, 1.0) * (place.height - 1.0);
                let x = place.x + (from + index) as f32 * step;
                [(x, y), (x + step, y)]
            });
            if filled {
                let color = palette.faint.with_opacity(0.5);
                let points = points.map(|(x, y)| Point { x, y }).collect();
                pen.area(points, place.bottom(), color);
            } else {
                let points: Vec<(f32, f32)> = points.collect();
                pen.path(&points, palette.accent, 1.25);
            }
        }
    }
    pen.part("probability", None);
    let y = place.bottom();
    pen.line((place.x, y), (place.right(), y), palette.border, 1.0);
}

/// One heat map a layer.
fn strips(
    pen: &mut Pen,
    palette: &Palette,
    panel: &WhatIfPanel<'_>,
    picture: &WhatIfPicture<'_>,
    rows: &[(HeadId, f32, f32)],
    (x, width): (f32, f32),
) {
    let columns = picture.columns.len();
    let mut first = 0;
    for layer in rows.chunk_by(|a, b| a.0.layer == b.0.layer) {
        let (_, top, height) = layer[0];
        let rect = Rect::new(x, top, width, height * layer.len() as f32);
        let values = panel
            .values
            .get(first * columns..(first + layer.len()) * columns);
        first += layer.len();
        pen.part("heads", Some(rect));
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            hatched(pen, palette, rect);
            continue;
        };
        pen.fill(rect, palette.missing);
        pen.heatmap(Heatmap {
            rect,
            rows: layer.len(),
            columns,
            values: Arc::new(values.to_vec()),
            scale: panel.scale,
        });
    }
}

/// Edited and selected columns, over everything.
fn marks(pen: &mut Pen, palette: &Palette, picture: &WhatIfPicture<'_>, plot: Rect) {
    let columns = picture.columns;
    let step = plot.width / columns.len().max(1) as f32;
    pen.part(
        "edits",
        Some(Rect::new(
            plot.x,
            plot.y - 8.0,
            plot.width,
            plot.height + 8.0,
        )),
    );
    let mut first = 0;
    for run in columns.chunk_by(|a, b| a.changed == b.changed) {
        let from = first;
        first += run.len();
        if !run[0].changed {
            continue;
        }
        let left = plot.x + from as f32 * step;
        let right = left + run.len() as f32 * step;
        for x in [left, right] {
            let color = palette.accent.with_opacity(0.7);
            pen.line((x, plot.y), (x, plot.bottom()), color, 1.0);
        }
        let middle = f32::midpoint(left, right);
        let points = [
            (middle - 4.0, plot.y - 7.0),
            (middle + 4.0, plot.y - 7.0),
            (middle, plot.y - 1.0),
        ];
        pen.polygon(&points, palette.accent);
    }
    let Some((start, end)) = picture.selected else {
        return;
    };
    let is_selected =
        |column: &AlignedBase| column.position.is_some_and(|at| at >= start && at < end);
    let from = columns.iter().position(is_selected);
    let to = columns.iter().rposition(is_selected);
    if let Some((from, to)) = from.zip(to) {
        pen.part("selection", Some(plot));
        let left = plot.x + from as f32 * step;
        let place = Rect::new(left, plot.y, (to + 1 - from) as f32 * step, plot.height);
        pen.frame(place, palette.text.with_opacity(0.6), 1.0, 1.0);
    }
}

/// Positions before any change.
fn positions(pen: &mut Pen, palette: &Palette, columns: &[AlignedBase], plot: Rect) {
    pen.part("positions", None);
    let known = || columns.iter().filter_map(|column| column.position);
    let Some((first, last)) = known().min().zip(known().max()) else {
        return;
    };
    let ink = Ink::regular(SMALL_PT, palette.faint);
    let widest = text::width(&grouped(last + 1), SMALL_PT, Face::Regular);
    let most = ((plot.width / (widest + 24.0)) as usize).max(1);
    let count = last + 1 - first;
    let apart = axis::nice_step(count as f64 / most as f64).round().max(1.0) as usize;
    let step = plot.width / columns.len().max(1) as f32;
    let y = plot.bottom();
    for (index, column) in columns.iter().enumerate() {
        let Some(position) = column.position.map(|position| position + 1) else {
            continue;
        };
        if !position.is_multiple_of(apart) {
            continue;
        }
        let x = plot.x + (index as f32 + 0.5) * step;
        pen.line((x, y + 1.0), (x, y + 4.0), palette.border, 1.0);
        let words = grouped(position);
        let half = text::width(&words, SMALL_PT, Face::Regular) / 2.0;
        if x - half >= plot.x - 4.0 && x + half <= plot.right() + RIGHT_PT {
            pen.text(x, y + 14.0, Anchor::Middle, ink, words);
        }
    }
}
