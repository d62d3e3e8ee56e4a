//! A table of any size: only what is seen is laid out.

use egui::{
    Align2, FontId, Label, Rect, RichText, ScrollArea, Sense, TextStyle, Ui, UiBuilder, Vec2,
};

/// The picture whose numbers a table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// The head rows of the genome view.
    HeadRows,
    /// The attention map.
    Map,
    /// The heads grid.
    Heads,
}

impl TableKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::HeadRows, Self::Map, Self::Heads];

    /// Its words in a menu and over the table.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::HeadRows => "Table of the head rows",
            Self::Map => "Table of the attention map",
            Self::Heads => "Table of all heads",
        }
    }
}

/// What a table shows.
pub struct Table<'a> {
    /// What stands over the names of the rows.
    pub corner: &'a str,
    /// How many rows.
    pub rows: usize,
    /// How many columns beside the names.
    pub columns: usize,
    /// The name of a row.
    pub row_name: &'a dyn Fn(usize) -> String,
    /// The name of a column.
    pub column_name: &'a dyn Fn(usize) -> String,
    /// The words in a cell, by row and column.
    pub cell: &'a dyn Fn(usize, usize) -> String,
    /// Width of a column in points.
    pub column_pt: f32,
}

impl std::fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("rows", &self.rows)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

const ROW_PT: f32 = 20.0;
const NAME_PT: f32 = 96.0;
/// Cells that are copied at most.
const MOST_CELLS: usize = 4_000_000;

impl Table<'_> {
    /// The whole table, tab-separated, with its names.
    #[must_use]
    pub fn to_tsv(&self) -> String {
        let rows = self.rows.min(MOST_CELLS / self.columns.max(1));
        let mut text = self.corner.to_owned();
        for column in 0..self.columns {
            text.push('\t');
            text.push_str(&(self.column_name)(column));
        }
        text.push('\n');
        for row in 0..rows {
            text.push_str(&(self.row_name)(row));
            for column in 0..self.columns {
                text.push('\t');
                text.push_str(&(self.cell)(row, column));
            }
            text.push('\n');
        }
        text
    }

    /// Draws what is seen of the table; its names stay in view.
    pub fn show(&self, ui: &mut Ui) {
        let size = Vec2::new(
            NAME_PT + self.columns as f32 * self.column_pt,
            (self.rows + 1) as f32 * ROW_PT,
        );
        ScrollArea::both()
            .auto_shrink(false)
            .show_viewport(ui, |ui, seen| {
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                self.seen(ui, rect, seen);
            });
    }

    fn seen(&self, ui: &mut Ui, rect: Rect, seen: Rect) {
        let rows = visible(seen.min.y, seen.max.y - ROW_PT, ROW_PT, self.rows);
        let columns = visible(
            seen.min.x,
            seen.max.x - NAME_PT,
            self.column_pt,
            self.columns,
        );
        let cell_at = |row: usize, column: usize| {
            let x = rect.min.x + NAME_PT + column as f32 * self.column_pt;
            let y = rect.min.y + (row + 1) as f32 * ROW_PT;
            Rect::from_min_size(egui::pos2(x, y), Vec2::new(self.column_pt, ROW_PT))
        };
        for row in rows.clone() {
            for column in columns.clone() {
                words(ui, cell_at(row, column), &(self.cell)(row, column), false);
            }
        }
        // Names stay where they are while the cells move beneath them.
        let corner = rect.min + seen.min.to_vec2();
        let head = Rect::from_min_size(corner, Vec2::new(seen.width(), ROW_PT));
        let side = Rect::from_min_size(corner, Vec2::new(NAME_PT, seen.height()));
        let fill = ui.visuals().panel_fill;
        ui.painter().rect_filled(head, 0.0, fill);
        for column in columns {
            let x = cell_at(0, column).min.x;
            let place =
                Rect::from_min_size(egui::pos2(x, corner.y), Vec2::new(self.column_pt, ROW_PT));
            words(ui, place, &(self.column_name)(column), true);
        }
        ui.painter().rect_filled(side, 0.0, fill);
        for row in rows {
            let y = cell_at(row, 0).min.y;
            let place = Rect::from_min_size(egui::pos2(corner.x, y), Vec2::new(NAME_PT, ROW_PT));
            words(ui, place, &(self.row_name)(row), true);
        }
        let place = Rect::from_min_size(corner, Vec2::new(NAME_PT, ROW_PT));
        ui.painter().rect_filled(place, 0.0, fill);
        let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
        let color = ui.visuals().weak_text_color();
        ui.painter().text(
            place.left_center() + Vec2::new(4.0, 0.0),
            Align2::LEFT_CENTER,
            self.corner,
            font,
            color,
        );
    }
}

/// The lines of `each` points that `from..to` touches.
fn visible(from: f32, to: f32, each: f32, count: usize) -> std::ops::Range<usize> {
    let first = (from / each).floor().max(0.0) as usize;
    let end = (to / each).ceil().max(0.0) as usize + 1;
    first.min(count)..end.min(count)
}

fn words(ui: &mut Ui, place: Rect, words: &str, strong: bool) {
    let text = RichText::new(words).small();
    let text = if strong { text.strong() } else { text };
    let inner = place.shrink2(Vec2::new(4.0, 0.0));
    let builder = UiBuilder::new()
        .max_rect(inner)
        .layout(egui::Layout::left_to_right(egui::Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.add(Label::new(text).truncate().selectable(false));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_copied_whole_and_shown_in_part() {
        let table = Table {
            corner: "head",
            rows: 2,
            columns: 2,
            row_name: &|row| format!("r{row}"),
            column_name: &|column| format!("c{column}"),
            cell: &|row, column| (10 * row + column).to_string(),
            column_pt: 60.0,
        };
        assert_eq!(table.to_tsv(), "head\tc0\tc1\nr0\t0\t1\nr1\t10\t11\n");
        assert_eq!(visible(0.0, 100.0, 20.0, 1_000_000), 0..6);
        assert_eq!(visible(10_010.0, 10_100.0, 20.0, 1_000_000), 500..506);
        assert_eq!(visible(0.0, 100.0, 20.0, 3), 0..3);
        assert_eq!(visible(0.0, -20.0, 20.0, 3), 0..1);
    }
}
