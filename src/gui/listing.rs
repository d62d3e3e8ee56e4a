//! A list of records that can be sorted by any column; each line can be clicked and only what is seen is laid out.

use egui::{
    Align2, FontId, Id, Rect, Role, ScrollArea, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo,
};
use std::cmp::Ordering;

const ROW_PT: f32 = 20.0;
const INSET_PT: f32 = 5.0;

/// What stands in a cell, and what it is sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Words, sorted by their letters.
    Text(String),
    /// A number, with its digits as shown; what is not a number comes last.
    Number(f64, String),
}

impl Value {
    /// A number as shown.
    #[must_use]
    pub fn number(value: f64, shown: impl Into<String>) -> Self {
        Self::Number(value, shown.into())
    }

    /// A whole number.
    #[must_use]
    pub fn count(value: usize) -> Self {
        Self::Number(value as f64, value.to_string())
    }

    /// What is shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        match self {
            Self::Text(shown) | Self::Number(_, shown) => shown,
        }
    }

    fn order(&self, other: &Self, descending: bool) -> Ordering {
        let turn = |order: Ordering| if descending { order.reverse() } else { order };
        match (self, other) {
            (Self::Number(a, _), Self::Number(b, _)) => match (a.is_nan(), b.is_nan()) {
                (false, false) => turn(a.total_cmp(b)),
                (a, b) => a.cmp(&b),
            },
            (a, b) => turn(a.shown().cmp(b.shown())),
        }
    }
}

/// A column of a list.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its numbers mean.
    pub meaning: &'static str,
    /// Its width in points.
    pub width_pt: f32,
}

/// A column called `name`, with what its numbers mean.
#[must_use]
pub const fn column(name: &'static str, meaning: &'static str, width_pt: f32) -> Column {
    Column {
        name,
        meaning,
        width_pt,
    }
}

/// By which column a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting {
    /// The column.
    pub column: usize,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A list.
pub struct Listing<'a> {
    /// What it is called; no two on screen are called the same.
    pub name: &'a str,
    /// Its columns.
    pub columns: &'a [Column],
    /// Number of records.
    pub rows: usize,
    /// What stands in a column of a record.
    pub value: &'a dyn Fn(usize, usize) -> Value,
    /// More about a record, shown where the pointer rests; may be empty.
    pub hover: &'a dyn Fn(usize) -> String,
    /// Records that are grey.
    pub is_weak: &'a dyn Fn(usize) -> bool,
    /// The record that is marked.
    pub chosen: Option<usize>,
}

impl std::fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listing")
            .field("name", &self.name)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl Listing<'_> {
    /// The records in the order of `sorting`; equal ones stay in theirs.
    #[must_use]
    pub fn order(&self, sorting: Sorting) -> Vec<usize> {
        let mut keys: Vec<(usize, Value)> = (0..self.rows)
            .map(|row| (row, (self.value)(row, sorting.column)))
            .collect();
        keys.sort_by(|a, b| a.1.order(&b.1, sorting.descending));
        keys.into_iter().map(|(row, _)| row).collect()
    }

    /// Draws the list; the record that was clicked, if one was. A click on a column's name sorts by it.
    pub fn show(&self, ui: &mut Ui, sorting: &mut Sorting) -> Option<usize> {
        let order = self.order(*sorting);
        let width: f32 = self.columns.iter().map(|column| column.width_pt).sum();
        let mut clicked = None;
        ScrollArea::both()
            .id_salt(self.name)
            .auto_shrink(false)
            .show_viewport(ui, |ui, seen| {
                let size = Vec2::new(width.max(seen.width()), (self.rows + 1) as f32 * ROW_PT);
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                let first = (seen.min.y / ROW_PT).floor().max(0.0) as usize;
                let end = (seen.max.y / ROW_PT).ceil().max(0.0) as usize;
                for (place, &record) in order.iter().enumerate().take(end).skip(first) {
                    let y = rect.min.y + (place + 1) as f32 * ROW_PT;
                    let line = Rect::from_min_size(
                        egui::pos2(rect.min.x, y),
                        Vec2::new(rect.width(), ROW_PT),
                    );
                    if self.row_ui(ui, line, record) {
                        clicked = Some(record);
                    }
                }
                let head = Rect::from_min_size(
                    egui::pos2(rect.min.x, rect.min.y + seen.min.y),
                    Vec2::new(rect.width(), ROW_PT),
                );
                self.head_ui(ui, head, sorting);
            });
        clicked
    }

    fn id(&self, ui: &Ui, what: &str, index: usize) -> Id {
        ui.scope_id().with((self.name, what, index))
    }

    fn row_ui(&self, ui: &Ui, line: Rect, row: usize) -> bool {
        let response = ui.interact(line, self.id(ui, "row", row), Sense::click());
        let values: Vec<Value> = (0..self.columns.len())
            .map(|column| (self.value)(row, column))
            .collect();
        let words = values.iter().map(Value::shown).collect::<Vec<_>>();
        let words = words.join(", ");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words.as_str()));
        let visuals = ui.visuals();
        if self.chosen == Some(row) {
            let fill = visuals.selection.bg_fill;
            ui.painter().rect_filled(line, 3.0, fill);
        } else if response.hovered() {
            let fill = visuals.widgets.hovered.bg_fill.gamma_multiply(0.5);
            ui.painter().rect_filled(line, 3.0, fill);
        }
        if response.has_focus() {
            let stroke = Stroke::new(1.0, visuals.hyperlink_color);
            let inner = line.shrink(1.0);
            ui.painter()
                .rect_stroke(inner, 3.0, stroke, egui::StrokeKind::Inside);
        }
        let color = if (self.is_weak)(row) {
            visuals.weak_text_color()
        } else {
            visuals.text_color()
        };
        let font = FontId::proportional(TextStyle::Body.resolve(ui.style()).size - 1.0);
        let mut x = line.min.x;
        for (column, value) in self.columns.iter().zip(&values) {
            let cell = Rect::from_min_size(
                egui::pos2(x, line.min.y),
                Vec2::new(column.width_pt, ROW_PT),
            );
            x += column.width_pt;
            let clip = cell.shrink2(Vec2::new(2.0, 0.0)).intersect(ui.clip_rect());
            let inner = cell.shrink2(Vec2::new(INSET_PT, 0.0));
            let (at, anchor) = match value {
                Value::Text(_) => (inner.left_center(), Align2::LEFT_CENTER),
                Value::Number(..) => (inner.right_center(), Align2::RIGHT_CENTER),
            };
            let painter = ui.painter().with_clip_rect(clip);
            painter.text(at, anchor, value.shown(), font.clone(), color);
        }
        let hover = if response.hovered() {
            (self.hover)(row)
        } else {
            String::new()
        };
        let clicked = response.clicked();
        if !hover.is_empty() {
            response.on_hover_text_at_pointer(hover);
        }
        clicked
    }

    fn head_ui(&self, ui: &Ui, line: Rect, sorting: &mut Sorting) {
        ui.painter().rect_filled(line, 0.0, ui.visuals().panel_fill);
        let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
        let mut x = line.min.x;
        for (index, column) in self.columns.iter().enumerate() {
            let cell = Rect::from_min_size(
                egui::pos2(x, line.min.y),
                Vec2::new(column.width_pt, ROW_PT),
            );
            x += column.width_pt;
            let response = ui.interact(cell, self.id(ui, "head", index), Sense::click());
            let words = format!("Sort by {}", column.name);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words.as_str()));
            let own = sorting.column == index;
            let arrow = match (own, sorting.descending) {
                (false, _) => "",
                (true, true) => " ↓",
                (true, false) => " ↑",
            };
            let color = if own || response.hovered() {
                ui.visuals().text_color()
            } else {
                ui.visuals().weak_text_color()
            };
            let numbers = self.rows > 0 && matches!((self.value)(0, index), Value::Number(..));
            let inner = cell.shrink2(Vec2::new(INSET_PT, 0.0));
            let (at, anchor) = if numbers {
                (inner.right_center(), Align2::RIGHT_CENTER)
            } else {
                (inner.left_center(), Align2::LEFT_CENTER)
            };
            let clip = cell.intersect(ui.clip_rect());
            let painter = ui.painter().with_clip_rect(clip);
            let name = format!("{}{arrow}", column.name);
            painter.text(at, anchor, name, font.clone(), color);
            if response.clicked() {
                *sorting = Sorting {
                    column: index,
                    descending: if own { !sorting.descending } else { numbers },
                };
            }
            response.on_hover_text(column.meaning);
        }
        let below = line.bottom() - 0.5;
        let stroke = ui.visuals().widgets.noninteractive.bg_stroke;
        ui.painter().hline(line.x_range(), below, stroke);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_sorted_by_numbers_or_words_and_what_is_no_number_comes_last() {
        let values = [(2.0, "b"), (f64::NAN, "c"), (10.0, "a"), (2.0, "d")];
        let columns = ["number", "word"].map(|name| Column {
            name,
            meaning: "",
            width_pt: 60.0,
        });
        let listing = Listing {
            name: "test",
            columns: &columns,
            rows: values.len(),
            value: &|row, column| match column {
                0 => Value::number(values[row].0, values[row].0.to_string()),
                _ => Value::Text(values[row].1.to_owned()),
            },
            hover: &|_| String::new(),
            is_weak: &|_| false,
            chosen: None,
        };
        let order = |column, descending| listing.order(Sorting { column, descending });
        assert_eq!(order(0, false), [0, 3, 2, 1]);
        assert_eq!(order(0, true), [2, 0, 3, 1]);
        assert_eq!(order(1, false), [2, 0, 1, 3]);
        assert_eq!(order(1, true), [3, 1, 0, 2]);
    }
}
