//! Sequence logos.

use super::axis;
use super::pen::{Ink, Pen};
use super::scene::{Anchor, Face, Rect, Scene, Shape};
use super::text;
use super::theme::{BaseColors, Palette, SMALL_PT, Sheet, TEXT_PT};
use crate::genome::base::ACGT;
use crate::genome::locus::grouped;

/// The most information that one position of DNA can hold, in bits.
pub const MOST_BITS: f64 = 2.0;
/// Letters lower than this are left out.
const LEAST_LETTER_PT: f32 = 0.2;

/// What a logo shows and what it states about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogoData {
    /// A heading; may be empty.
    pub title: String,
    /// Heights in bits, a row for each position, columns A, C, G, T. Negative heights are not drawn.
    pub heights: Vec<[f64; 4]>,
    /// The number of the first position: an offset (0 is the +1 base) if `tss_relative`, else as written.
    pub first_position: isize,
    /// Whether positions are relative to a transcription start site, where no 0 exists.
    pub tss_relative: bool,
    /// Number of windows.
    pub n: usize,
    /// Number of different windows, which are what was counted.
    pub unique_n: usize,
    /// The background in words: `uniform`, `genome (A 0.25 …)`.
    pub background: String,
    /// The small-sample correction in words: `none`, `Schneider 1986`.
    pub correction: String,
}

impl LogoData {
    /// The line under the logo: N, unique N, background, correction.
    #[must_use]
    pub fn caption(&self) -> String {
        if self.n == 0 {
            // It was not counted over windows.
            return format!("background {}", self.background);
        }
        format!(
            "N = {} ({} unique) · background {} · small-sample correction {}",
            grouped(self.n),
            grouped(self.unique_n),
            self.background,
            self.correction
        )
    }
}

/// The picture of a logo: bits 0 to 2, largest letter on top, positions below, caption under them.
#[must_use]
pub fn logo(data: &LogoData, sheet: &Sheet) -> Scene {
    const LEFT: f32 = 40.0;
    const RIGHT: f32 = 12.0;
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let caption = text::wrap(
        &data.caption(),
        SMALL_PT,
        Face::Regular,
        (sheet.width - LEFT - RIGHT).max(40.0),
    );
    let top = if data.title.is_empty() { 10.0 } else { 28.0 };
    let bottom = sheet.height - 24.0 - 12.0 * caption.len() as f32;
    let plot = Rect::new(
        LEFT,
        top,
        (sheet.width - LEFT - RIGHT).max(1.0),
        (bottom - top).max(1.0),
    );
    if !data.title.is_empty() {
        pen.part("title", None);
        let title = text::elide(&data.title, TEXT_PT, Face::Bold, plot.width);
        pen.text(
            plot.x,
            17.0,
            Anchor::Start,
            Ink::bold(TEXT_PT, palette.text),
            title,
        );
    }
    bits_axis(&mut pen, palette, plot);
    pen.part("logo", None);
    letters(
        &mut pen,
        palette,
        sheet.base_colors,
        plot,
        &data.heights,
        1.0,
    );
    positions(&mut pen, palette, plot, data);
    pen.part("caption", None);
    for (index, line) in caption.into_iter().enumerate() {
        pen.text(
            plot.x,
            plot.bottom() + 30.0 + 12.0 * index as f32,
            Anchor::Start,
            Ink::regular(SMALL_PT, palette.faint),
            line,
        );
    }
    pen.scene(sheet.width, sheet.height, Some(palette.page))
}

fn bits_axis(pen: &mut Pen, palette: &Palette, plot: Rect) {
    pen.part("bits", None);
    let ink = Ink::regular(SMALL_PT, palette.faint);
    let labels: &[f32] = if plot.height < 48.0 {
        &[0.0, 2.0]
    } else {
        &[0.0, 1.0, 2.0]
    };
    for bits in labels {
        let y = plot.bottom() - bits / MOST_BITS as f32 * plot.height;
        pen.line((plot.x - 4.0, y), (plot.x, y), palette.border, 1.0);
        pen.text(
            plot.x - 7.0,
            super::pen::baseline(y, SMALL_PT),
            Anchor::End,
            ink,
            bits.to_string(),
        );
    }
    pen.line(
        (plot.x, plot.y),
        (plot.x, plot.bottom()),
        palette.border,
        1.0,
    );
    pen.turned(
        14.0,
        plot.y + plot.height / 2.0,
        Anchor::Middle,
        ink,
        "bits",
    );
}

fn positions(pen: &mut Pen, palette: &Palette, plot: Rect, data: &LogoData) {
    pen.part("positions", None);
    pen.line(
        (plot.x, plot.bottom()),
        (plot.right(), plot.bottom()),
        palette.border,
        1.0,
    );
    let count = data.heights.len();
    if count == 0 {
        return;
    }
    let first = data.first_position;
    let last = first + count.cast_signed() - 1;
    let label = |position: isize| {
        if data.tss_relative {
            axis::tss_label(position)
        } else {
            axis::number(position as f64)
        }
    };
    let widest = [first, last]
        .into_iter()
        .map(|position| text::width(&label(position), SMALL_PT, Face::Regular))
        .fold(8.0, f32::max);
    let most = ((plot.width / (widest + 8.0)) as usize).clamp(1, count);
    let marked = if data.tss_relative {
        axis::tss_ticks(first, last, most)
    } else {
        axis::ticks(first as f64, last as f64, most)
            .into_iter()
            .filter(|tick| tick.fract().abs() < 1e-9)
            .map(|tick| tick as isize)
            .collect()
    };
    let step = plot.width / count as f32;
    for position in marked {
        let x = plot.x + ((position - first) as f32 + 0.5) * step;
        pen.line(
            (x, plot.bottom()),
            (x, plot.bottom() + 3.0),
            palette.border,
            1.0,
        );
        pen.text(
            x,
            plot.bottom() + 14.0,
            Anchor::Middle,
            Ink::regular(SMALL_PT, palette.faint),
            label(position),
        );
    }
}

/// The letters of a logo in `plot`, whose height stands for [`MOST_BITS`].
pub(super) fn letters(
    pen: &mut Pen,
    palette: &Palette,
    colors: BaseColors,
    plot: Rect,
    heights: &[[f64; 4]],
    opacity: f32,
) {
    let step = plot.width / heights.len().max(1) as f32;
    // A hair between columns and between letters keeps them apart.
    let inset = (step * 0.03).min(0.75);
    for (column, bits) in heights.iter().enumerate() {
        let mut stack: Vec<(usize, f64)> = bits
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, height)| height.is_finite() && *height > 0.0)
            .collect();
        stack.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut y = plot.bottom();
        for (base, bits) in stack {
            let height = (bits.min(MOST_BITS) / MOST_BITS) as f32 * plot.height;
            let top = (y - height).max(plot.y);
            let gap = (height * 0.02).min(0.4);
            if height >= LEAST_LETTER_PT && y > top {
                let base = ACGT[base];
                pen.push(Shape::Letter {
                    letter: base.letter(),
                    rect: Rect::new(
                        plot.x + column as f32 * step + inset,
                        top + gap,
                        step - 2.0 * inset,
                        y - top - gap,
                    ),
                    fill: palette.base(base, colors).with_opacity(opacity),
                });
            }
            y = top;
        }
    }
}
