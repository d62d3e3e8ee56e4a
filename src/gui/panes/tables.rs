//! The window with the numbers behind a picture.

use super::map::empty;
use crate::figure::scene::{Heatmap, Scene, Shape, Tag};
use crate::figure::tracks::GenomeLayout;
use crate::genome::TssOffset;
use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::table::{Table, TableKind};
use crate::job::figure::rule_legend;
use egui::{Ui, Window};

/// Draws the window while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    let Some(kind) = app.table_shown else { return };
    let mut open = true;
    Window::new(kind.title())
        .id(egui::Id::unique("table"))
        .open(&mut open)
        .collapsible(false)
        .default_pos(super::WINDOW_AT)
        .default_size([720.0, 420.0])
        .show(ctx, |ui| match kind {
            TableKind::HeadRows => head_rows(app, ui),
            TableKind::Map => map(app, ui),
            TableKind::Heads => heads(app, ui),
        });
    if !open {
        app.table_shown = None;
    }
}

/// What the numbers are, a button that copies them, and the table.
fn framed(ui: &mut Ui, words: &str, table: &Table<'_>) {
    ui.horizontal_wrapped(|ui| {
        if ui
            .button("Copy as TSV")
            .on_hover_text("Copies the whole table, tab-separated, as spreadsheets read it")
            .clicked()
        {
            ui.ctx().copy_text(table.to_tsv());
        }
        ui.weak(format!(
            "{} rows, {} columns. {words}",
            grouped(table.rows),
            grouped(table.columns)
        ));
    });
    table.show(ui);
}

/// A number with the digits that count; empty where there is none.
fn number(value: f32) -> String {
    if value.is_nan() {
        String::new()
    } else if value == 0.0 || value.abs() >= 0.01 {
        format!("{value:.4}")
    } else {
        format!("{value:.2e}")
    }
}

fn head_rows(app: &App, ui: &mut Ui) {
    let Some((scene, layout)) = app.genome_pane.drawn_view() else {
        empty(ui, "The genome view has not been drawn yet.");
        return;
    };
    let maps = strips(scene);
    let columns = maps.iter().map(|map| map.columns).min().unwrap_or(0);
    if columns == 0 && !app.is_view_complete() {
        empty(ui, "The head rows of this view are being computed.");
        return;
    }
    if columns == 0 {
        empty(
            ui,
            "The head rows of this view are not computed: zoom in, or run the model over the whole genome (Analyse menu).",
        );
        return;
    }
    // Each row of each heat map, from top to bottom as the rows are drawn.
    let rows: Vec<(&Heatmap, usize)> = maps
        .iter()
        .flat_map(|map| (0..map.rows).map(move |row| (*map, row)))
        .collect();
    let value = |row: usize, column: usize| {
        let (map, own) = rows[row];
        map.values
            .get(own * map.columns + column)
            .copied()
            .unwrap_or(f32::NAN)
    };
    let bases = columns_of(layout, maps[0]);
    let table = Table {
        corner: "head",
        rows: rows.len().min(layout.rows.len()),
        columns,
        row_name: &|row| layout.rows[row].0.to_string(),
        column_name: &|column| bases(column),
        cell: &|row, column| number(value(row, column)),
        column_pt: 110.0,
    };
    framed(ui, &rule_legend(app.view.rule, app.view.strand), &table);
}

/// The heat maps of the head rows, one a layer.
fn strips(scene: &Scene) -> Vec<&Heatmap> {
    let elements = scene.elements.iter();
    elements
        .filter(|element| element.tag == Some(Tag::Part("heads")))
        .filter_map(|element| match &element.shape {
            Shape::Heatmap(map) => Some(map),
            _ => None,
        })
        .collect()
}

/// Names of the columns of a strip: a base each, or the bases that a pixel stands for.
fn columns_of(layout: &GenomeLayout, map: &Heatmap) -> impl Fn(usize) -> String {
    let from = layout.bp_from_x(map.rect.x);
    let each = (layout.bp_from_x(map.rect.right()) - from) / map.columns.max(1) as f64;
    let end = layout.viewport.contig_bp;
    move |column| {
        let first = (from + column as f64 * each + 0.01).max(0.0).floor() as usize;
        let next = (from + (column + 1) as f64 * each + 0.01).floor() as usize;
        let next = next.max(first + 1).min(end);
        if next == first + 1 {
            grouped(first + 1)
        } else {
            format!("{}-{}", grouped(first + 1), grouped(next))
        }
    }
}

fn map(app: &App, ui: &mut Ui) {
    let Some(map) = app.map_values() else {
        empty(
            ui,
            "Open the tab of the attention map and zoom in: its numbers are listed here.",
        );
        return;
    };
    let shift = app.workspace.model.config().label_shift;
    let table = Table {
        corner: "distance",
        rows: map.distances,
        columns: map.queries.len(),
        row_name: &|row| format!("{row} ({})", TssOffset::of_distance(shift, row)),
        column_name: &|column| grouped(map.queries.start + column + 1),
        cell: &|row, column| number(map.weight(map.queries.start + column, row)),
        column_pt: 84.0,
    };
    let words = format!(
        "Weight that {} on strand {} gives from the query (column) to the key at a distance (row; in brackets relative to \
         the start site that the query scores).",
        map.head, map.strand
    );
    framed(ui, &words, &table);
}

fn heads(app: &App, ui: &mut Ui) {
    let Some(result) = app.workspace.heads.clone() else {
        empty(
            ui,
            "Profiles and logos of all heads have not been computed yet (Ctrl+H).",
        );
        return;
    };
    let reports = result.reports();
    let numbers: Vec<Vec<(String, String)>> = reports
        .iter()
        .map(|report| {
            let own = [
                ("consensus".to_owned(), report.summary.consensus.clone()),
                (
                    "passes".to_owned(),
                    match report.summary.exceeds {
                        Some(true) => "yes".to_owned(),
                        Some(false) => "no".to_owned(),
                        None => "not tested".to_owned(),
                    },
                ),
            ];
            let rest = result.numbers(report).into_iter();
            let rest = rest.map(|(name, value, _)| (name.to_owned(), value.clone()));
            own.into_iter().chain(rest).collect()
        })
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in numbers.iter().flatten() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let table = Table {
        corner: "head",
        rows: reports.len(),
        columns: names.len(),
        row_name: &|row| reports[row].head.to_string(),
        column_name: &|column| names[column].to_owned(),
        cell: &|row, column| {
            let found = numbers[row].iter().find(|(name, _)| name == names[column]);
            found.map_or_else(String::new, |(_, value)| value.clone())
        },
        column_pt: 150.0,
    };
    framed(ui, "What the cards show.", &table);
}
