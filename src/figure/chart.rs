//! Line charts over positions relative to a transcription start site.

use super::axis;
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Color, Face, Point, Rect, Scene};
use super::text;
use super::theme::{Palette, SMALL_PT, Sheet, TEXT_PT};

/// A mean with its spread, by position relative to a transcription start site.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProfileChart<'a> {
    /// A heading; may be empty.
    pub title: &'a str,
    /// The offset of the first value; 0 is the +1 base.
    pub first_offset: isize,
    /// The line, a value for each position.
    pub mean: &'a [f32],
    /// Lower and upper edge of the band about the line.
    pub band: Option<(&'a [f32], &'a [f32])>,
    /// The same at places that are no start sites: a second, quieter line.
    pub control: Option<&'a [f32]>,
    /// What the values are: `mean attention weight`.
    pub value_label: &'a str,
    /// Positions to be marked and their names: offset −10, `−10`.
    pub marks: &'a [(isize, &'a str)],
    /// What line, band and marks mean, in words.
    pub caption: &'a str,
}

/// The picture of a profile.
#[must_use]
pub fn profile_chart(chart: &ProfileChart<'_>, sheet: &Sheet) -> Scene {
    const LEFT: f32 = 56.0;
    const RIGHT: f32 = 12.0;
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let caption = text::wrap(
        chart.caption,
        SMALL_PT,
        Face::Regular,
        (sheet.width - LEFT - RIGHT).max(40.0),
    );
    let top = if chart.title.is_empty() { 16.0 } else { 34.0 };
    let bottom = sheet.height - 40.0 - 12.0 * caption.len() as f32;
    let plot = Rect::new(
        LEFT,
        top,
        (sheet.width - LEFT - RIGHT).max(1.0),
        (bottom - top).max(1.0),
    );
    if !chart.title.is_empty() {
        pen.part("title", None);
        let title = text::elide(chart.title, TEXT_PT, Face::Bold, plot.width);
        pen.text(
            plot.x,
            17.0,
            Anchor::Start,
            Ink::bold(TEXT_PT, palette.text),
            title,
        );
    }
    let high = highest(chart);
    value_axis(&mut pen, palette, plot, high, chart.value_label);
    position_axis(&mut pen, palette, plot, chart);
    marks(&mut pen, palette, plot, chart);
    lines(&mut pen, palette, plot, chart, high);
    pen.part("caption", None);
    for (index, line) in caption.into_iter().enumerate() {
        pen.text(
            plot.x,
            plot.bottom() + 44.0 + 12.0 * index as f32,
            Anchor::Start,
            Ink::regular(SMALL_PT, palette.faint),
            line,
        );
    }
    pen.scene(sheet.width, sheet.height, Some(palette.page))
}

/// The upper end of the value axis: a round number above everything.
fn highest(chart: &ProfileChart<'_>) -> f32 {
    let all = chart
        .mean
        .iter()
        .chain(chart.band.map(|(_, high)| high).unwrap_or_default())
        .chain(chart.control.unwrap_or_default());
    let most = all
        .copied()
        .filter(|value| value.is_finite())
        .fold(0.0_f32, f32::max);
    if most <= 0.0 {
        return 1.0;
    }
    let step = axis::nice_step(f64::from(most) / 8.0);
    ((f64::from(most) / step - 1e-6).ceil() * step) as f32
}

fn value_axis(pen: &mut Pen, palette: &Palette, plot: Rect, high: f32, label: &str) {
    pen.part("values", None);
    let ink = Ink::regular(SMALL_PT, palette.faint);
    let most = ((plot.height / 22.0) as usize).clamp(1, 6);
    for tick in axis::ticks(0.0, f64::from(high), most) {
        let y = plot.bottom() - tick as f32 / high * plot.height;
        pen.line((plot.x, y), (plot.right(), y), palette.grid, 1.0);
        pen.text(
            plot.x - 7.0,
            baseline(y, SMALL_PT),
            Anchor::End,
            ink,
            axis::number(tick),
        );
    }
    let words = text::elide(label, SMALL_PT, Face::Regular, plot.height + 16.0);
    pen.turned(14.0, plot.y + plot.height / 2.0, Anchor::Middle, ink, words);
}

fn position_axis(pen: &mut Pen, palette: &Palette, plot: Rect, chart: &ProfileChart<'_>) {
    pen.part("positions", None);
    let ink = Ink::regular(SMALL_PT, palette.faint);
    pen.line(
        (plot.x, plot.bottom()),
        (plot.right(), plot.bottom()),
        palette.border,
        1.0,
    );
    let first = chart.first_offset;
    let last = first + chart.mean.len().cast_signed() - 1;
    let most = ((plot.width / 44.0) as usize).max(1);
    for offset in axis::tss_ticks(first, last, most) {
        let x = x_of(plot, first, chart.mean.len(), offset);
        pen.line(
            (x, plot.bottom()),
            (x, plot.bottom() + 4.0),
            palette.border,
            1.0,
        );
        let words = axis::tss_label(offset);
        // Labels at the ends stay inside the page.
        let half = text::width(&words, SMALL_PT, Face::Regular) / 2.0;
        let x = x.clamp(half, (plot.right() + 12.0 - half).max(half));
        pen.text(x, plot.bottom() + 15.0, Anchor::Middle, ink, words);
    }
    pen.text(
        plot.x + plot.width / 2.0,
        plot.bottom() + 29.0,
        Anchor::Middle,
        ink,
        "position relative to the TSS",
    );
}

fn marks(pen: &mut Pen, palette: &Palette, plot: Rect, chart: &ProfileChart<'_>) {
    pen.part("marks", None);
    let mut free = f32::NEG_INFINITY;
    let mut marks = chart.marks.to_vec();
    marks.sort_unstable();
    let last = chart.first_offset + chart.mean.len().cast_signed();
    for (offset, name) in marks {
        if offset < chart.first_offset || offset >= last {
            continue;
        }
        let x = x_of(plot, chart.first_offset, chart.mean.len(), offset);
        pen.line(
            (x, plot.y),
            (x, plot.bottom()),
            palette.accent.with_opacity(0.4),
            1.0,
        );
        let half = text::width(name, SMALL_PT, Face::Regular) / 2.0;
        if x - half > free {
            let ink = Ink::regular(SMALL_PT, palette.accent);
            pen.text(x, plot.y - 4.0, Anchor::Middle, ink, name);
            free = x + half + 4.0;
        }
    }
}

fn lines(pen: &mut Pen, palette: &Palette, plot: Rect, chart: &ProfileChart<'_>, high: f32) {
    pen.part("profile", Some(plot));
    let line = palette.forward;
    if let Some((lower, upper)) = chart.band {
        band(pen, plot, lower, upper, high, line.with_opacity(0.18));
    }
    if let Some(control) = chart.control {
        curve(
            pen,
            plot,
            control,
            high,
            palette.faint.with_opacity(0.7),
            1.0,
        );
    }
    curve(pen, plot, chart.mean, high, line, 1.5);
}

/// x of the middle of the position at `offset`.
fn x_of(plot: Rect, first: isize, count: usize, offset: isize) -> f32 {
    plot.x + ((offset - first) as f32 + 0.5) / count.max(1) as f32 * plot.width
}

/// A line through values that fill the width of `plot`; what is not finite is left open.
pub(super) fn curve(
    pen: &mut Pen,
    plot: Rect,
    values: &[f32],
    high: f32,
    color: Color,
    width: f32,
) {
    let points = points(plot, values, high);
    for run in points.chunk_by(|a, b| a.is_some() == b.is_some()) {
        let run: Vec<(f32, f32)> = run.iter().flatten().map(|p| (p.x, p.y)).collect();
        if run.len() > 1 {
            pen.path(&run, color, width);
        }
    }
}

/// The curve down to the axis, filled.
pub(super) fn filled(pen: &mut Pen, plot: Rect, values: &[f32], high: f32, color: Color) {
    let points = points(plot, values, high);
    for run in points.chunk_by(|a, b| a.is_some() == b.is_some()) {
        let run: Vec<Point> = run.iter().flatten().copied().collect();
        if run.len() > 1 {
            pen.area(run, plot.bottom(), color);
        }
    }
}

fn points(plot: Rect, values: &[f32], high: f32) -> Vec<Option<Point>> {
    let step = plot.width / values.len().max(1) as f32;
    // More points than half points of width cannot be told apart: keep the highest of each group.
    let group = ((0.5 / step).floor() as usize).max(1);
    values
        .chunks(group)
        .enumerate()
        .map(|(index, chunk)| {
            let value = super::raster::Reduce::Max.of(chunk);
            let middle = (index * group) as f32 + chunk.len() as f32 / 2.0;
            value.is_finite().then(|| Point {
                x: plot.x + middle * step,
                y: plot.bottom() - (value / high).clamp(0.0, 1.0) * plot.height,
            })
        })
        .collect()
}

/// Upright slices between two curves; each is convex.
fn band(pen: &mut Pen, plot: Rect, lower: &[f32], upper: &[f32], high: f32, color: Color) {
    let (lower, upper) = (points(plot, lower, high), points(plot, upper, high));
    let pairs: Vec<_> = lower
        .iter()
        .zip(&upper)
        .map(|(low, high)| Some(((*low)?, (*high)?)))
        .collect();
    for run in pairs.chunk_by(|a, b| a.is_some() == b.is_some()) {
        let run: Vec<_> = run.iter().flatten().collect();
        for pair in run.windows(2) {
            let [a, b] = pair else { continue };
            pen.polygon(
                &[
                    (a.1.x, a.1.y),
                    (b.1.x, b.1.y),
                    (b.0.x, b.0.y),
                    (a.0.x, a.0.y),
                ],
                color,
            );
        }
    }
}
