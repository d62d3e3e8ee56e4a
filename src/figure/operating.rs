//! Curves of how well something ranks: receiver operating characteristic and precision over recall.

use super::axis;
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Color, Face, Rect, Scene};
use super::text;
use super::theme::{SMALL_PT, Sheet, TEXT_PT, Theme};

/// A curve with a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedCurve {
    /// What it shows, with its area where that is known.
    pub name: String,
    /// Points from left to right, both coordinates 0…1.
    pub points: Vec<(f32, f32)>,
}

/// What a chart of curves shows.
#[derive(Clone, Copy, Debug)]
pub struct OperatingChart<'a> {
    /// A heading; may be empty.
    pub title: &'a str,
    /// The name of the horizontal axis.
    pub x_label: &'a str,
    /// The name of the vertical axis.
    pub y_label: &'a str,
    /// The curves; the first ones lie on top.
    pub curves: &'a [NamedCurve],
    /// Whether a line from corner to corner shows what a random order gives.
    pub diagonal: bool,
}

const SERIES_LIGHT: [Color; 6] = [
    Color::rgb(0x1F, 0x23, 0x28),
    Color::rgb(0x00, 0x72, 0xB2),
    Color::rgb(0xD5, 0x5E, 0x00),
    Color::rgb(0x00, 0x9E, 0x73),
    Color::rgb(0xCC, 0x79, 0xA7),
    Color::rgb(0xE6, 0x9F, 0x00),
];

const SERIES_DARK: [Color; 6] = [
    Color::rgb(0xE7, 0xEA, 0xED),
    Color::rgb(0x56, 0xB4, 0xE9),
    Color::rgb(0xF0, 0x85, 0x3A),
    Color::rgb(0x2F, 0xC2, 0x96),
    Color::rgb(0xC7, 0x7D, 0xB5),
    Color::rgb(0xF2, 0xB8, 0x2E),
];

/// Colours of curves in their order, told apart by the colour-blind; each curve has a sign of its own besides.
#[must_use]
pub fn series(theme: Theme) -> &'static [Color] {
    match theme {
        Theme::Light => &SERIES_LIGHT,
        Theme::Dark => &SERIES_DARK,
    }
}

/// The picture: a plot with both axes from 0 to 1, and the names of the curves below it.
#[must_use]
pub fn operating_chart(chart: &OperatingChart<'_>, sheet: &Sheet) -> Scene {
    let share = |share: f32| (share, axis::number(f64::from(share)));
    drawn(chart, &[0.0, 0.25, 0.5, 0.75, 1.0].map(share), sheet)
}

/// The smallest probability that a calibration's axes show.
pub const LEAST_PROBABILITY: f32 = 1e-4;

/// The place of a probability on a calibration's logarithmic axis, 0…1; what is smaller than
/// [`LEAST_PROBABILITY`] lies at its start.
#[must_use]
pub fn logarithmic(probability: f32) -> f32 {
    1.0 - probability.max(LEAST_PROBABILITY).log10() / LEAST_PROBABILITY.log10()
}

/// The same with logarithmic axes from [`LEAST_PROBABILITY`] to 1, for probabilities of what is rare.
#[must_use]
pub fn calibration_chart(chart: &OperatingChart<'_>, sheet: &Sheet) -> Scene {
    let curves: Vec<NamedCurve> = chart
        .curves
        .iter()
        .map(|curve| NamedCurve {
            name: curve.name.clone(),
            points: curve
                .points
                .iter()
                .map(|(x, y)| (logarithmic(*x), logarithmic(*y)))
                .collect(),
        })
        .collect();
    let ticks = [1e-4_f32, 1e-3, 0.01, 0.1, 1.0].map(|tick| (logarithmic(tick), tick.to_string()));
    let chart = OperatingChart {
        curves: &curves,
        ..*chart
    };
    drawn(&chart, &ticks, sheet)
}

fn drawn(chart: &OperatingChart<'_>, ticks: &[(f32, String)], sheet: &Sheet) -> Scene {
    const LEFT: f32 = 48.0;
    const RIGHT: f32 = 14.0;
    const KEY_PT: f32 = 13.0;
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let top = if chart.title.is_empty() { 12.0 } else { 32.0 };
    let below = 36.0 + KEY_PT * chart.curves.len() as f32 + 4.0;
    let plot = Rect::new(
        LEFT,
        top,
        (sheet.width - LEFT - RIGHT).max(1.0),
        (sheet.height - top - below).max(1.0),
    );
    if !chart.title.is_empty() {
        pen.part("title", None);
        let title = text::elide(chart.title, TEXT_PT, Face::Bold, plot.width);
        let ink = Ink::bold(TEXT_PT, palette.text);
        pen.text(plot.x, 17.0, Anchor::Start, ink, title);
    }
    let ink = Ink::regular(SMALL_PT, palette.faint);
    let place = |x: f32, y: f32| {
        (
            plot.x + x.clamp(0.0, 1.0) * plot.width,
            plot.bottom() - y.clamp(0.0, 1.0) * plot.height,
        )
    };
    pen.part("axes", None);
    for (share, words) in ticks {
        let (x, y) = place(*share, *share);
        pen.line((plot.x, y), (plot.right(), y), palette.grid, 1.0);
        pen.line((x, plot.y), (x, plot.bottom()), palette.grid, 1.0);
        pen.text(
            plot.x - 6.0,
            baseline(y, SMALL_PT),
            Anchor::End,
            ink,
            words.as_str(),
        );
        let below = plot.bottom() + 13.0;
        pen.text(x, below, Anchor::Middle, ink, words.as_str());
    }
    let middle = plot.x + plot.width / 2.0;
    let along = text::elide(chart.x_label, SMALL_PT, Face::Regular, plot.width);
    pen.text(middle, plot.bottom() + 27.0, Anchor::Middle, ink, along);
    let up = text::elide(chart.y_label, SMALL_PT, Face::Regular, plot.height + 16.0);
    pen.turned(14.0, plot.y + plot.height / 2.0, Anchor::Middle, ink, up);
    if chart.diagonal {
        pen.part("random", Some(plot));
        pen.line(place(0.0, 0.0), place(1.0, 1.0), palette.border, 1.0);
    }
    let colors = series(sheet.theme);
    for (index, curve) in chart.curves.iter().enumerate().rev() {
        pen.part(
            "curve",
            Some(Rect::new(
                plot.x - 3.0,
                plot.y - 3.0,
                plot.width + 6.0,
                plot.height + 6.0,
            )),
        );
        let color = colors[index % colors.len()];
        let points: Vec<(f32, f32)> = curve
            .points
            .iter()
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .map(|(x, y)| place(*x, *y))
            .collect();
        if points.len() > 1 {
            pen.path(&thinned(&points), color, 1.4);
        }
        for share in [0.1, 0.3, 0.5, 0.7, 0.9] {
            let share = share + 0.03 * (index % 5) as f32;
            if let Some(point) = crossing(&points, plot.x + share * plot.width) {
                sign(&mut pen, index, point, color);
            }
        }
    }
    let mut y = plot.bottom() + 36.0;
    for (index, curve) in chart.curves.iter().enumerate() {
        pen.part("key", None);
        let color = colors[index % colors.len()];
        let line = y + KEY_PT / 2.0;
        pen.line((plot.x, line), (plot.x + 20.0, line), color, 1.4);
        sign(&mut pen, index, (plot.x + 10.0, line), color);
        let words = text::elide(&curve.name, SMALL_PT, Face::Regular, plot.width - 26.0);
        let ink = Ink::regular(SMALL_PT, palette.text);
        pen.text(
            plot.x + 26.0,
            baseline(line, SMALL_PT),
            Anchor::Start,
            ink,
            words,
        );
        y += KEY_PT;
    }
    pen.scene(sheet.width, sheet.height, Some(palette.page))
}

/// Without points that lie nearer than a quarter of a point to the last one that is kept.
fn thinned(points: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let mut kept: Vec<(f32, f32)> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let near = kept
            .last()
            .is_some_and(|last| (last.0 - point.0).hypot(last.1 - point.1) < 0.25);
        if !near || index + 1 == points.len() {
            kept.push(*point);
        }
    }
    kept
}

/// Where a curve passes `x`.
fn crossing(points: &[(f32, f32)], x: f32) -> Option<(f32, f32)> {
    points.windows(2).find_map(|pair| {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        (x0 <= x && x <= x1 && x1 > x0).then(|| (x, y0 + (y1 - y0) * (x - x0) / (x1 - x0)))
    })
}

/// Dot, square, diamond, triangle and their like: curves are told apart without their colours.
fn sign(pen: &mut Pen, index: usize, (x, y): (f32, f32), color: Color) {
    const SIZE: f32 = 2.4;
    let around = |radius: f32| Rect::new(x - radius, y - radius, 2.0 * radius, 2.0 * radius);
    match index % 5 {
        0 => pen.rounded(around(SIZE), color, SIZE),
        1 => pen.fill(around(SIZE * 0.9), color),
        2 => pen.polygon(
            &[
                (x, y - SIZE * 1.3),
                (x + SIZE * 1.3, y),
                (x, y + SIZE * 1.3),
                (x - SIZE * 1.3, y),
            ],
            color,
        ),
        3 => pen.polygon(
            &[
                (x, y - SIZE * 1.2),
                (x + SIZE * 1.2, y + SIZE),
                (x - SIZE * 1.2, y + SIZE),
            ],
            color,
        ),
        _ => pen.polygon(
            &[
                (x, y + SIZE * 1.2),
                (x + SIZE * 1.2, y - SIZE),
                (x - SIZE * 1.2, y - SIZE),
            ],
            color,
        ),
    }
}
