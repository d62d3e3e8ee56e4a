//! A matrix of named rows and columns as coloured cells: heads against transcription factors.

use super::colormap::ColorScale;
use super::legend::{LEGEND_PT, legend};
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Face, Heatmap, Point, Rect, Scene};
use super::text;
use super::theme::{SMALL_PT, TEXT_PT, Theme};
use std::sync::Arc;

const MARGIN_PT: f32 = 10.0;
const CELL_PT: f32 = 16.0;

/// What a matrix shows.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// A heading; may be empty.
    pub title: &'a str,
    /// Names of the rows, from top to bottom.
    pub rows: &'a [String],
    /// Names of the columns, from left to right.
    pub columns: &'a [String],
    /// `values[row * columns + column]`; NaN is left empty.
    pub values: &'a [f32],
    /// Cells that bear a dot; as many as values, or none at all.
    pub marked: &'a [bool],
    /// From values to colours.
    pub scale: ColorScale,
    /// What a colour, an empty cell and a dot mean, in words.
    pub rule: &'a str,
    /// Light or dark.
    pub theme: Theme,
}

impl Matrix<'_> {
    /// Where the cells lie in the picture.
    fn plot(&self) -> Rect {
        let widest = |names: &[String]| {
            let widths = names
                .iter()
                .map(|name| text::width(name, SMALL_PT, Face::Regular));
            widths.fold(0.0, f32::max)
        };
        let heading = if self.title.is_empty() { 0.0 } else { 22.0 };
        Rect::new(
            MARGIN_PT + widest(self.rows) + 6.0,
            MARGIN_PT + heading + widest(self.columns) + 6.0,
            CELL_PT * self.columns.len() as f32,
            CELL_PT * self.rows.len() as f32,
        )
    }

    /// Row and column of the cell under a point of the picture.
    #[must_use]
    pub fn cell_at(&self, point: Point) -> Option<(usize, usize)> {
        let plot = self.plot();
        let cell = |from: f32, count: usize| {
            let index = (from / CELL_PT).floor();
            (index >= 0.0 && index < count as f32).then_some(index as usize)
        };
        let row = cell(point.y - plot.y, self.rows.len())?;
        Some((row, cell(point.x - plot.x, self.columns.len())?))
    }

    /// Where a cell lies in the picture.
    #[must_use]
    pub fn cell_rect(&self, row: usize, column: usize) -> Rect {
        let plot = self.plot();
        let (x, y) = (column as f32 * CELL_PT, row as f32 * CELL_PT);
        Rect::new(plot.x + x, plot.y + y, CELL_PT, CELL_PT)
    }
}

/// The picture of a matrix; its size follows from the number of cells.
#[must_use]
pub fn matrix(matrix: &Matrix<'_>) -> Scene {
    let palette = matrix.theme.palette();
    let mut pen = Pen::default();
    let ink = Ink::regular(SMALL_PT, palette.faint);
    let heading = if matrix.title.is_empty() { 0.0 } else { 22.0 };
    let plot = matrix.plot();
    let width = (plot.right() + MARGIN_PT).max(420.0);
    if heading > 0.0 {
        pen.part("title", None);
        let room = width - 2.0 * MARGIN_PT;
        let title = text::elide(matrix.title, TEXT_PT, Face::Bold, room);
        let ink = Ink::bold(TEXT_PT, palette.text);
        pen.text(MARGIN_PT, MARGIN_PT + 11.0, Anchor::Start, ink, title);
    }
    pen.part("cells", None);
    pen.fill(plot, palette.panel);
    pen.heatmap(Heatmap {
        rect: plot,
        rows: matrix.rows.len(),
        columns: matrix.columns.len(),
        values: Arc::new(matrix.values.to_vec()),
        scale: matrix.scale,
    });
    pen.part("marks", None);
    for (index, _) in matrix.marked.iter().enumerate().filter(|cell| *cell.1) {
        let columns = matrix.columns.len().max(1);
        let (row, column) = (index / columns, index % columns);
        let (x, y) = (
            plot.x + (column as f32 + 0.5) * CELL_PT,
            plot.y + (row as f32 + 0.5) * CELL_PT,
        );
        // A dot with a rim is seen on every colour.
        pen.rounded(Rect::new(x - 3.5, y - 3.5, 7.0, 7.0), palette.page, 3.5);
        pen.rounded(Rect::new(x - 2.5, y - 2.5, 5.0, 5.0), palette.text, 2.5);
    }
    pen.part("rows", None);
    for (row, name) in matrix.rows.iter().enumerate() {
        let middle = plot.y + (row as f32 + 0.5) * CELL_PT;
        let y = baseline(middle, SMALL_PT);
        pen.text(plot.x - 6.0, y, Anchor::End, ink, name.as_str());
    }
    pen.part("columns", None);
    for (column, name) in matrix.columns.iter().enumerate() {
        let x = plot.x + (column as f32 + 0.5) * CELL_PT + 3.0;
        pen.turned(x, plot.y - 6.0, Anchor::Start, ink, name.as_str());
    }
    pen.part("legend", None);
    let at = Point {
        x: MARGIN_PT,
        y: plot.bottom() + 10.0,
    };
    let room = width - 2.0 * MARGIN_PT;
    legend(
        &mut pen,
        palette,
        at,
        room,
        &matrix.scale,
        matrix.rule,
        false,
    );
    let height = plot.bottom() + 10.0 + LEGEND_PT + MARGIN_PT;
    pen.scene(width, height, Some(palette.page))
}
