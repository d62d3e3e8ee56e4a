//! What each base around a key adds to an attention logit, as letters above and below a line.

use super::axis;
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Face, Rect, Scene, Shape};
use super::text;
use super::theme::{SMALL_PT, Sheet, TEXT_PT};
use crate::genome::base::ACGT;

/// Letters lower than this are left out.
const LEAST_LETTER_PT: f32 = 0.2;

/// A matrix of contributions and what is said about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContributionsData {
    /// A heading; may be empty.
    pub title: String,
    /// Contributions to the logit, a row for each position, columns A, C, G, T.
    pub contributions: Vec<[f64; 4]>,
    /// The first position relative to the key, which is 0.
    pub first_position: isize,
    /// A line under the picture.
    pub caption: String,
}

/// The picture: what adds stands above the line, what takes away hangs below it, the largest letter
/// farthest from the line.
#[must_use]
pub fn contributions(data: &ContributionsData, sheet: &Sheet) -> Scene {
    const LEFT: f32 = 52.0;
    const RIGHT: f32 = 12.0;
    let palette = sheet.theme.palette();
    let faint = Ink::regular(SMALL_PT, palette.faint);
    let mut pen = Pen::default();
    let width = (sheet.width - LEFT - RIGHT).max(1.0);
    let caption = text::wrap(&data.caption, SMALL_PT, Face::Regular, width.max(40.0));
    let top = if data.title.is_empty() { 10.0 } else { 28.0 };
    let bottom = sheet.height - 24.0 - 12.0 * caption.len() as f32;
    let plot = Rect::new(LEFT, top, width, (bottom - top).max(1.0));
    if !data.title.is_empty() {
        pen.part("title", None);
        let title = text::elide(&data.title, TEXT_PT, Face::Bold, plot.width);
        let ink = Ink::bold(TEXT_PT, palette.text);
        pen.text(plot.x, 17.0, Anchor::Start, ink, title);
    }

    let side = |row: &[f64; 4], sign: f64| -> f64 {
        row.iter().map(|value| (sign * value).max(0.0)).sum()
    };
    let most = |sign: f64| {
        data.contributions
            .iter()
            .map(|row| side(row, sign))
            .fold(0.0, f64::max)
    };
    let (high, low) = (most(1.0), -most(-1.0));
    let span = if high > low { high - low } else { 1.0 };
    let y = |value: f64| plot.y + ((high - value) / span) as f32 * plot.height;

    pen.part("logits", None);
    pen.line(
        (plot.x, plot.y),
        (plot.x, plot.bottom()),
        palette.border,
        1.0,
    );
    for tick in axis::ticks(low, high, 5) {
        pen.line(
            (plot.x - 4.0, y(tick)),
            (plot.x, y(tick)),
            palette.border,
            1.0,
        );
        let place = (plot.x - 7.0, baseline(y(tick), SMALL_PT));
        pen.text(place.0, place.1, Anchor::End, faint, axis::number(tick));
    }
    let middle = plot.y + plot.height / 2.0;
    pen.turned(14.0, middle, Anchor::Middle, faint, "added to the logit");

    pen.part("logo", None);
    let step = plot.width / data.contributions.len().max(1) as f32;
    let inset = (step * 0.03).min(0.75);
    for (column, row) in data.contributions.iter().enumerate() {
        for sign in [1.0, -1.0] {
            let mut stack: Vec<(usize, f64)> = row
                .iter()
                .map(|value| sign * value)
                .enumerate()
                .filter(|(_, height)| height.is_finite() && *height > 0.0)
                .collect();
            stack.sort_by(|a, b| a.1.total_cmp(&b.1));
            let mut reached = 0.0;
            for (base, height) in stack {
                let (near, far) = (y(sign * reached), y(sign * (reached + height)));
                reached += height;
                let base = ACGT[base];
                if (near - far).abs() < LEAST_LETTER_PT {
                    continue;
                }
                pen.push(Shape::Letter {
                    letter: base.letter(),
                    rect: Rect::new(
                        plot.x + column as f32 * step + inset,
                        near.min(far),
                        step - 2.0 * inset,
                        (near - far).abs(),
                    ),
                    fill: palette.base(base, sheet.base_colors),
                });
            }
        }
    }
    pen.line(
        (plot.x, y(0.0)),
        (plot.right(), y(0.0)),
        palette.border,
        1.0,
    );

    pen.part("positions", None);
    for column in 0..data.contributions.len() {
        let x = plot.x + (column as f32 + 0.5) * step;
        let position = data.first_position + column.cast_signed();
        let label = axis::number(position as f64);
        pen.text(x, plot.bottom() + 14.0, Anchor::Middle, faint, label);
    }
    pen.part("caption", None);
    for (index, line) in caption.into_iter().enumerate() {
        let below = plot.bottom() + 30.0 + 12.0 * index as f32;
        pen.text(plot.x, below, Anchor::Start, faint, line);
    }
    pen.scene(sheet.width, sheet.height, Some(palette.page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::theme::{BaseColors, Theme};

    #[test]
    fn what_adds_stands_above_the_line_and_what_takes_away_hangs_below() {
        let data = ContributionsData {
            contributions: vec![[0.3, 0.1, -0.4, 0.0], [0.0, f64::NAN, 0.0, 0.2]],
            first_position: -1,
            ..ContributionsData::default()
        };
        let sheet = Sheet {
            width: 200.0,
            height: 120.0,
            theme: Theme::Light,
            base_colors: BaseColors::Safe,
        };
        let scene = contributions(&data, &sheet);
        let letters: Vec<(char, Rect)> = scene
            .elements
            .iter()
            .filter_map(|element| match &element.shape {
                Shape::Letter { letter, rect, .. } => Some((*letter, *rect)),
                _ => None,
            })
            .collect();
        let of = |wanted: char| {
            letters
                .iter()
                .find(|(letter, _)| *letter == wanted)
                .unwrap()
                .1
        };
        assert_eq!(letters.len(), 4, "{letters:?}");
        let (a, c, g, t) = (of('A'), of('C'), of('G'), of('T'));
        // The larger letter stands farther out; heights are to scale; the line is between.
        assert!((a.bottom() - c.y).abs() < 1e-3 && (c.bottom() - g.y).abs() < 1e-3);
        assert!((a.height / c.height - 3.0).abs() < 1e-3);
        assert!((g.height / a.height - 4.0 / 3.0).abs() < 1e-3);
        assert!((t.bottom() - g.y).abs() < 1e-3 && t.x > a.right());
        let nothing = contributions(&ContributionsData::default(), &sheet);
        assert!(
            !nothing
                .elements
                .iter()
                .any(|e| matches!(e.shape, Shape::Letter { .. }))
        );
    }
}
