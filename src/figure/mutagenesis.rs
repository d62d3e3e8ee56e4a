//! Saturation mutagenesis: what each of the four bases at each position does to a score.

use super::axis;
use super::colormap::ColorScale;
use super::legend::{LEGEND_PT, legend};
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Face, Heatmap, Point, Rect, Scene};
use super::text;
use super::theme::{Palette, SMALL_PT, Sheet, TEXT_PT};
use crate::genome::Base;
use crate::genome::base::ACGT;
use crate::genome::locus::grouped;
use std::sync::Arc;

const LEFT_PT: f32 = 24.0;
const RIGHT_PT: f32 = 12.0;
/// Letters of the sequence are written from this width of a position on.
const LETTER_PT: f32 = 7.0;

/// What a mutagenesis map shows.
#[derive(Clone, Copy, Debug)]
pub struct Mutagenesis<'a> {
    /// A heading; may be empty.
    pub title: &'a str,
    /// The first position, 1-based.
    pub first_position: usize,
    /// The bases that are there, from left to right.
    pub reference: &'a [Base],
    /// What a change to A, C, G or T does at each position; NaN where nothing was computed. The base that is there is 0.
    pub effects: &'a [[f32; 4]],
    /// Stretches to be named, 0-based positions of their first and last base within the map.
    pub marks: &'a [(usize, usize, &'a str)],
    /// From effects to colours, diverging about 0.
    pub scale: ColorScale,
    /// What an effect is, in words.
    pub rule: &'a str,
}

/// The picture of a mutagenesis map: four rows, one a base, over the sequence and its positions.
#[must_use]
pub fn mutagenesis(map: &Mutagenesis<'_>, sheet: &Sheet) -> Scene {
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let heading = if map.title.is_empty() { 6.0 } else { 26.0 };
    let named = if map.marks.is_empty() { 0.0 } else { 18.0 };
    let columns = map.effects.len().max(1);
    let width = (sheet.width - LEFT_PT - RIGHT_PT).max(1.0);
    let step = width / columns as f32;
    let letters = if step >= LETTER_PT { 14.0 } else { 0.0 };
    let below = letters + 20.0 + 12.0 + LEGEND_PT;
    let top = heading + named;
    let plot = Rect::new(
        LEFT_PT,
        top,
        width,
        (sheet.height - top - below).clamp(44.0, 120.0),
    );
    if !map.title.is_empty() {
        pen.part("title", None);
        let title = text::elide(map.title, TEXT_PT, Face::Bold, width);
        let ink = Ink::bold(TEXT_PT, palette.text);
        pen.text(plot.x, 15.0, Anchor::Start, ink, title);
    }
    marks(&mut pen, palette, map, plot, step);
    cells(&mut pen, palette, sheet, map, plot, step);
    if letters > 0.0 {
        pen.part("sequence", None);
        let size = (step * 1.2).clamp(8.2, SMALL_PT + 1.0);
        for (index, base) in map.reference.iter().enumerate() {
            let ink = Ink::bold(size, palette.base(*base, sheet.base_colors));
            let x = plot.x + (index as f32 + 0.5) * step;
            let letter = base.letter().to_string();
            pen.text(x, plot.bottom() + 12.0, Anchor::Middle, ink, letter);
        }
    }
    positions(&mut pen, palette, map, plot, plot.bottom() + letters);
    pen.part("legend", None);
    let at = Point {
        x: plot.x,
        y: plot.bottom() + letters + 32.0,
    };
    let missing = map.effects.iter().flatten().any(|effect| effect.is_nan());
    legend(&mut pen, palette, at, width, &map.scale, map.rule, missing);
    pen.scene(sheet.width, at.y + LEGEND_PT, Some(palette.page))
}

fn cells(
    pen: &mut Pen,
    palette: &Palette,
    sheet: &Sheet,
    map: &Mutagenesis<'_>,
    plot: Rect,
    step: f32,
) {
    pen.part("bases", None);
    let height = plot.height / 4.0;
    for (row, base) in ACGT.into_iter().enumerate() {
        let middle = plot.y + (row as f32 + 0.5) * height;
        let ink = Ink::bold(SMALL_PT, palette.base(base, sheet.base_colors));
        let line = baseline(middle, SMALL_PT);
        pen.text(
            plot.x - 8.0,
            line,
            Anchor::End,
            ink,
            base.letter().to_string(),
        );
    }
    pen.part("effects", Some(plot));
    pen.fill(plot, palette.missing);
    let columns = map.effects.len();
    if columns == 0 {
        return;
    }
    let values = (0..4).flat_map(|row| map.effects.iter().map(move |effects| effects[row]));
    pen.heatmap(Heatmap {
        rect: plot,
        rows: 4,
        columns,
        values: Arc::new(values.collect()),
        scale: map.scale,
    });
    // A dot says which base is there: its change is none.
    pen.part("reference", Some(plot));
    let radius = (step * 0.22).min(height * 0.22).min(2.0);
    for (index, base) in map.reference.iter().enumerate().take(columns) {
        let Some(row) = ACGT.iter().position(|known| known == base) else {
            continue;
        };
        let (x, y) = (
            plot.x + (index as f32 + 0.5) * step,
            plot.y + (row as f32 + 0.5) * height,
        );
        let dot = Rect::new(x - radius, y - radius, 2.0 * radius, 2.0 * radius);
        pen.rounded(dot, palette.faint, radius);
    }
    pen.part("frame", None);
    pen.frame(plot, palette.border, 0.75, 0.0);
}

fn marks(pen: &mut Pen, palette: &Palette, map: &Mutagenesis<'_>, plot: Rect, step: f32) {
    pen.part("marks", None);
    let ink = Ink::regular(SMALL_PT, palette.text);
    let mut marks = map.marks.to_vec();
    marks.sort_unstable();
    let mut free = f32::NEG_INFINITY;
    for (first, last, name) in marks {
        let (left, right) = (
            plot.x + first as f32 * step,
            (plot.x + (last + 1) as f32 * step).min(plot.right()),
        );
        if left >= right {
            continue;
        }
        pen.line(
            (left, plot.y - 3.0),
            (right, plot.y - 3.0),
            palette.text,
            1.0,
        );
        let half = text::width(name, SMALL_PT, Face::Regular) / 2.0;
        let middle = f32::midpoint(left, right);
        if middle - half >= free && middle - half >= 0.0 && middle + half <= plot.right() + RIGHT_PT
        {
            pen.text(middle, plot.y - 7.0, Anchor::Middle, ink, name);
            free = middle + half + 4.0;
        }
    }
}

fn positions(pen: &mut Pen, palette: &Palette, map: &Mutagenesis<'_>, plot: Rect, y: f32) {
    pen.part("positions", None);
    let ink = Ink::regular(SMALL_PT, palette.faint);
    let count = map.effects.len().max(1);
    let first = map.first_position;
    let last = first + count - 1;
    let widest = text::width(&grouped(last), SMALL_PT, Face::Regular);
    let most = ((plot.width / (widest + 20.0)) as usize).max(1);
    let step = axis::nice_step(count as f64 / most as f64).round().max(1.0) as usize;
    for position in (first.div_ceil(step) * step..=last).step_by(step) {
        let x = plot.x + ((position - first) as f32 + 0.5) / count as f32 * plot.width;
        pen.line((x, y + 2.0), (x, y + 5.0), palette.border, 1.0);
        let words = grouped(position);
        let half = text::width(&words, SMALL_PT, Face::Regular) / 2.0;
        if x - half >= 0.0 && x + half <= plot.right() + RIGHT_PT {
            pen.text(x, y + 16.0, Anchor::Middle, ink, words);
        }
    }
}
