//! Logos one below the other on common columns: an aligned pair, or a stack of several.

use super::axis;
use super::logo::{LogoData, MOST_BITS, letters};
use super::pen::{Ink, Pen};
use super::scene::{Anchor, Face, Rect, Scene};
use super::text;
use super::theme::{Palette, SMALL_PT, Sheet, TEXT_PT};
use crate::genome::locus::grouped;

/// A logo and the column of the whole at which it begins.
#[derive(Clone, Copy, Debug)]
pub struct AlignedLogo<'a> {
    /// The logo.
    pub logo: &'a LogoData,
    /// Columns before its first one; may be negative.
    pub offset: isize,
}

/// The picture of aligned logos, each with its name and N above it; columns that all share are shaded.
///
/// Positions below are those of the first logo.
#[must_use]
pub fn logo_stack(rows: &[AlignedLogo<'_>], sheet: &Sheet) -> Scene {
    const LEFT: f32 = 40.0;
    const RIGHT: f32 = 12.0;
    const NAME_PT: f32 = 18.0;
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let end = |row: &AlignedLogo<'_>| row.offset + row.logo.heights.len().cast_signed();
    let first = rows.iter().map(|row| row.offset).min().unwrap_or(0);
    let last = rows.iter().map(end).max().unwrap_or(1).max(first + 1);
    let columns = (last - first) as f32;
    let width = (sheet.width - LEFT - RIGHT).max(1.0);
    let step = width / columns;
    let x_of = |column: isize| LEFT + (column - first) as f32 * step;
    let room = (sheet.height - 24.0) / rows.len().max(1) as f32;
    let height = (room - NAME_PT - 6.0).max(8.0);
    let shared = (
        rows.iter().map(|row| row.offset).max().unwrap_or(first),
        rows.iter().map(end).min().unwrap_or(last),
    );
    if rows.len() > 1 && shared.0 < shared.1 {
        pen.part("shared", None);
        let (left, right) = (x_of(shared.0), x_of(shared.1));
        let bottom = room * rows.len() as f32;
        pen.fill(
            Rect::new(left, 2.0, right - left, bottom - 2.0),
            palette.panel,
        );
    }
    for (index, row) in rows.iter().enumerate() {
        let top = index as f32 * room + NAME_PT;
        let count = format!("N = {}", grouped(row.logo.unique_n));
        let count_pt = text::width(&count, SMALL_PT, Face::Regular);
        pen.part("title", None);
        let title = text::elide(
            &row.logo.title,
            TEXT_PT,
            Face::Bold,
            width - count_pt - 10.0,
        );
        let ink = Ink::bold(TEXT_PT, palette.text);
        pen.text(LEFT, top - 6.0, Anchor::Start, ink, title);
        let small = Ink::regular(SMALL_PT, palette.faint);
        if row.logo.unique_n > 0 {
            pen.text(LEFT + width, top - 6.0, Anchor::End, small, count);
        }
        let plot = Rect::new(
            x_of(row.offset),
            top,
            row.logo.heights.len() as f32 * step,
            height,
        );
        pen.part("bits", None);
        for bits in [0.0, MOST_BITS as f32] {
            let y = plot.bottom() - bits / MOST_BITS as f32 * plot.height;
            pen.line((LEFT - 4.0, y), (LEFT, y), palette.border, 1.0);
            let line = super::pen::baseline(y, SMALL_PT);
            pen.text(LEFT - 7.0, line, Anchor::End, small, bits.to_string());
        }
        pen.line((LEFT, plot.y), (LEFT, plot.bottom()), palette.border, 1.0);
        pen.turned(
            14.0,
            plot.y + plot.height / 2.0,
            Anchor::Middle,
            small,
            "bits",
        );
        pen.line(
            (LEFT, plot.bottom()),
            (LEFT + width, plot.bottom()),
            palette.border,
            1.0,
        );
        pen.part("logo", None);
        letters(
            &mut pen,
            palette,
            sheet.base_colors,
            plot,
            &row.logo.heights,
            1.0,
        );
    }
    if let Some(row) = rows.first() {
        let y = room * rows.len() as f32 - 6.0;
        // The axis goes on to both sides of the first logo.
        let begin = row.logo.first_position + first - row.offset;
        let end = begin + last - first - 1;
        positions(
            &mut pen,
            palette,
            row.logo,
            (begin, end),
            Rect::new(LEFT, y, width, 0.0),
        );
    }
    pen.scene(sheet.width, sheet.height, Some(palette.page))
}

/// Positions from `begin` to `end` along the upper edge of `axis`, numbered as in `logo`.
fn positions(
    pen: &mut Pen,
    palette: &Palette,
    logo: &LogoData,
    (begin, end): (isize, isize),
    line: Rect,
) {
    pen.part("positions", None);
    let most = ((line.width / 40.0) as usize).max(1);
    let step = line.width / (end - begin + 1).max(1) as f32;
    let ticks: Vec<isize> = if logo.tss_relative {
        axis::tss_ticks(begin, end, most)
    } else {
        let ticks = axis::ticks(begin as f64, end as f64, most);
        let whole = ticks.into_iter().filter(|tick| tick.fract().abs() < 1e-9);
        whole.map(|tick| tick as isize).collect()
    };
    for position in ticks {
        let x = line.x + ((position - begin) as f32 + 0.5) * step;
        pen.line((x, line.y), (x, line.y + 3.0), palette.border, 1.0);
        let words = if logo.tss_relative {
            axis::tss_label(position)
        } else {
            axis::number(position as f64)
        };
        let ink = Ink::regular(SMALL_PT, palette.faint);
        pen.text(x, line.y + 14.0, Anchor::Middle, ink, words);
    }
}
