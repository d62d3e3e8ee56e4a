//! A table of numbers as coloured cells with marks: heads against transcription factors, and the like.

use super::colormap::ColorScale;
use super::legend::{LEGEND_PT, legend};
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Face, Point, Rect, Scene};
use super::text;
use super::theme::{Palette, SMALL_PT, Sheet, TEXT_PT};

/// The smallest cell, so that names of rows and columns stay apart.
pub const LEAST_CELL_PT: f32 = 11.0;
/// The highest cell.
const MOST_ROW_PT: f32 = 26.0;
/// The widest cell.
const MOST_COLUMN_PT: f32 = 60.0;
const MARGIN_PT: f32 = 8.0;

/// What is set into a cell beside its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// A ring.
    Weak,
    /// A dot.
    Strong,
}

/// What a matrix shows.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// A heading; may be empty.
    pub title: &'a str,
    /// Names of the rows, from top to bottom.
    pub rows: &'a [String],
    /// Names of the columns, from left to right.
    pub columns: &'a [String],
    /// `values[row * columns + column]`; NaN is drawn as missing.
    pub values: &'a [f32],
    /// One a cell, or none at all.
    pub marks: &'a [Mark],
    /// Whether each value is written into its cell, where it fits.
    pub numbers: bool,
    /// From values to colours.
    pub scale: ColorScale,
    /// What the colours mean, in words.
    pub rule: &'a str,
    /// What the ring and the dot mean, in words; either may be empty.
    pub mark_rules: [&'a str; 2],
    /// Lines under the legend.
    pub caption: &'a str,
}

/// Where the cells of a matrix are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatrixLayout {
    /// All cells.
    pub plot: Rect,
    /// Width of a cell.
    pub cell_width: f32,
    /// Height of a cell.
    pub cell_height: f32,
}

impl MatrixLayout {
    /// Row and column under a point.
    #[must_use]
    pub fn cell_at(&self, point: Point) -> Option<(usize, usize)> {
        self.plot.contains(point).then(|| {
            (
                ((point.y - self.plot.y) / self.cell_height) as usize,
                ((point.x - self.plot.x) / self.cell_width) as usize,
            )
        })
    }

    /// The area of a cell.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Rect {
        Rect::new(
            self.plot.x + column as f32 * self.cell_width,
            self.plot.y + row as f32 * self.cell_height,
            self.cell_width,
            self.cell_height,
        )
    }
}

/// Second marks of a matrix: a corner of each cell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Corners<'a> {
    /// `cells[row * columns + column]`: whether the cell has one; empty where none has.
    pub cells: &'a [bool],
    /// What they mean, in words.
    pub rule: &'a str,
}

/// The picture of a matrix without second marks, see [`matrix_with`].
#[must_use]
pub fn matrix(of: &Matrix<'_>, sheet: &Sheet) -> (Scene, MatrixLayout) {
    matrix_with(of, Corners::default(), sheet)
}

/// The picture of a matrix, as wide as `sheet` or wider, and as high as its rows need or up to the sheet's height.
#[must_use]
pub fn matrix_with(
    matrix: &Matrix<'_>,
    corners: Corners<'_>,
    sheet: &Sheet,
) -> (Scene, MatrixLayout) {
    let palette = sheet.theme.palette();
    let mut pen = Pen::default();
    let (rows, columns) = (matrix.rows.len().max(1), matrix.columns.len().max(1));
    let widest = |names: &[String]| {
        names
            .iter()
            .map(|name| text::width(name, SMALL_PT, Face::Regular))
            .fold(0.0, f32::max)
    };
    let left = MARGIN_PT + widest(matrix.rows) + 7.0;
    let cell_width =
        ((sheet.width - left - MARGIN_PT) / columns as f32).clamp(LEAST_CELL_PT, MOST_COLUMN_PT);
    // Names of columns stand upright where they do not fit side by side.
    let upright = widest(matrix.columns) + 6.0 > cell_width;
    let head = if upright {
        widest(matrix.columns) + 6.0
    } else {
        16.0
    };
    let heading = if matrix.title.is_empty() { 0.0 } else { 24.0 };
    let top = MARGIN_PT + heading + head;
    let width = (left + cell_width * columns as f32 + MARGIN_PT).max(sheet.width);
    let keys = matrix
        .mark_rules
        .iter()
        .filter(|rule| !rule.is_empty())
        .count() as f32
        + if corners.rule.is_empty() { 0.0 } else { 1.0 };
    let caption = text::wrap(
        matrix.caption,
        SMALL_PT,
        Face::Regular,
        (width - 2.0 * MARGIN_PT).max(40.0),
    );
    let below = 10.0 + LEGEND_PT + 14.0 * keys + 12.0 * caption.len() as f32 + 6.0;
    let cell_height =
        ((sheet.height - top - below) / rows as f32).clamp(LEAST_CELL_PT, MOST_ROW_PT);
    let layout = MatrixLayout {
        plot: Rect::new(
            left,
            top,
            cell_width * columns as f32,
            cell_height * rows as f32,
        ),
        cell_width,
        cell_height,
    };
    if !matrix.title.is_empty() {
        pen.part("title", None);
        let title = text::elide(matrix.title, TEXT_PT, Face::Bold, width - 2.0 * MARGIN_PT);
        let ink = Ink::bold(TEXT_PT, palette.text);
        pen.text(MARGIN_PT, MARGIN_PT + 11.0, Anchor::Start, ink, title);
    }
    names(&mut pen, palette, matrix, &layout, upright);
    cells(&mut pen, palette, matrix, &layout);
    for (index, _) in corners.cells.iter().enumerate().filter(|(_, has)| **has) {
        let cell = layout.cell(index / columns, index % columns);
        corner(&mut pen, (cell.right(), cell.y), palette.text);
    }
    let mut y = layout.plot.bottom() + 10.0;
    pen.part("legend", None);
    let at = Point { x: MARGIN_PT, y };
    let room = width - 2.0 * MARGIN_PT;
    let missing = matrix.values.iter().any(|value| value.is_nan());
    legend(
        &mut pen,
        palette,
        at,
        room,
        &matrix.scale,
        matrix.rule,
        missing,
    );
    y += LEGEND_PT;
    let y = marks_legend(&mut pen, palette, (matrix, corners), y, room);
    let ink = Ink::regular(SMALL_PT, palette.faint);
    pen.part("caption", None);
    let mut y = y;
    for line in &caption {
        y += 12.0;
        pen.text(MARGIN_PT, y, Anchor::Start, ink, line.as_str());
    }
    let scene = pen.scene(width, y + 6.0, Some(palette.page));
    (scene, layout)
}

/// What the marks mean, a line each from `y` on; returns where they end.
fn marks_legend(
    pen: &mut Pen,
    palette: &Palette,
    (matrix, corners): (&Matrix<'_>, Corners<'_>),
    mut y: f32,
    room: f32,
) -> f32 {
    let ink = Ink::regular(SMALL_PT, palette.faint);
    for (mark, rule) in [Mark::Weak, Mark::Strong]
        .into_iter()
        .zip(matrix.mark_rules)
    {
        if rule.is_empty() {
            continue;
        }
        draw_mark(pen, mark, (MARGIN_PT + 4.0, y + 5.0), palette.text);
        let words = text::elide(rule, SMALL_PT, Face::Regular, room - 14.0);
        pen.text(
            MARGIN_PT + 14.0,
            baseline(y + 5.0, SMALL_PT),
            Anchor::Start,
            ink,
            words,
        );
        y += 14.0;
    }
    if !corners.rule.is_empty() {
        corner(pen, (MARGIN_PT + 8.0, y + 1.0), palette.text);
        let words = text::elide(corners.rule, SMALL_PT, Face::Regular, room - 14.0);
        let line = baseline(y + 5.0, SMALL_PT);
        pen.text(MARGIN_PT + 14.0, line, Anchor::Start, ink, words);
        y += 14.0;
    }
    y
}

fn names(
    pen: &mut Pen,
    palette: &Palette,
    matrix: &Matrix<'_>,
    layout: &MatrixLayout,
    upright: bool,
) {
    let ink = Ink::regular(SMALL_PT, palette.text);
    pen.part("rows", None);
    for (row, name) in matrix.rows.iter().enumerate() {
        let cell = layout.cell(row, 0);
        let line = baseline(cell.y + cell.height / 2.0, SMALL_PT);
        pen.text(cell.x - 7.0, line, Anchor::End, ink, name.as_str());
    }
    pen.part("columns", None);
    for (column, name) in matrix.columns.iter().enumerate() {
        let cell = layout.cell(0, column);
        let middle = cell.x + cell.width / 2.0;
        if upright {
            let line = baseline(middle, SMALL_PT);
            pen.turned(line, cell.y - 4.0, Anchor::Start, ink, name.as_str());
        } else {
            pen.text(middle, cell.y - 5.0, Anchor::Middle, ink, name.as_str());
        }
    }
}

fn cells(pen: &mut Pen, palette: &Palette, matrix: &Matrix<'_>, layout: &MatrixLayout) {
    pen.part("cells", None);
    let (rows, columns) = (matrix.rows.len(), matrix.columns.len());
    pen.fill(layout.plot, palette.missing);
    if matrix.values.len() >= rows * columns {
        pen.heatmap(super::scene::Heatmap {
            rect: layout.plot,
            rows,
            columns,
            values: std::sync::Arc::new(matrix.values[..rows * columns].to_vec()),
            scale: matrix.scale,
        });
    }
    pen.part("borders", None);
    for row in 0..=rows {
        let y = layout.plot.y + row as f32 * layout.cell_height;
        pen.line(
            (layout.plot.x, y),
            (layout.plot.right(), y),
            palette.page,
            0.75,
        );
    }
    for column in 0..=columns {
        let x = layout.plot.x + column as f32 * layout.cell_width;
        pen.line(
            (x, layout.plot.y),
            (x, layout.plot.bottom()),
            palette.page,
            0.75,
        );
    }
    pen.part("marks", None);
    for row in 0..rows {
        for column in 0..columns {
            let index = row * columns + column;
            let Some(value) = matrix.values.get(index).filter(|value| value.is_finite()) else {
                continue;
            };
            let cell = layout.cell(row, column);
            let ink = Palette::ink_on(matrix.scale.color(*value));
            let mark = matrix.marks.get(index).copied().unwrap_or_default();
            let number = super::axis::number(f64::from((value * 100.0).round() / 100.0));
            let words_pt = text::width(&number, SMALL_PT, Face::Regular);
            let marked = mark != Mark::None;
            let fits = words_pt + 6.0 + if marked { 10.0 } else { 0.0 } <= cell.width;
            let (middle, center) = (cell.y + cell.height / 2.0, cell.x + cell.width / 2.0);
            let written = matrix.numbers && fits;
            if written {
                let shift = if marked { 5.0 } else { 0.0 };
                let words = Ink::regular(SMALL_PT, ink);
                pen.text(
                    center - shift,
                    baseline(middle, SMALL_PT),
                    Anchor::Middle,
                    words,
                    number,
                );
            }
            let x = if written {
                center + words_pt / 2.0 + 3.0
            } else {
                center
            };
            draw_mark(pen, mark, (x, middle), ink);
        }
    }
}

/// A ring or a dot about a point.
/// A triangle in the upper right corner of a cell, whose corner is given.
fn corner(pen: &mut Pen, (x, y): (f32, f32), ink: super::scene::Color) {
    const SIDE: f32 = 4.5;
    pen.polygon(
        &[
            (x - SIDE - 1.0, y + 1.0),
            (x - 1.0, y + 1.0),
            (x - 1.0, y + SIDE + 1.0),
        ],
        ink,
    );
}

fn draw_mark(pen: &mut Pen, mark: Mark, (x, y): (f32, f32), ink: super::scene::Color) {
    const RADIUS: f32 = 2.6;
    let rect = Rect::new(x - RADIUS, y - RADIUS, 2.0 * RADIUS, 2.0 * RADIUS);
    match mark {
        Mark::None => {}
        Mark::Weak => pen.frame(rect, ink, 0.9, RADIUS),
        Mark::Strong => pen.rounded(rect, ink, RADIUS),
    }
}
