//! Heads against one another: a matrix along the tree of heads, and every pair as a table.

use super::compare::waiting;
use crate::attention::HeadId;
use crate::figure::colormap::{ColorScale, Colormap};
use crate::figure::matrix::{Matrix, MatrixLayout, matrix};
use crate::figure::scene::{Point, Scene};
use crate::figure::theme::{Sheet, Theme};
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::{Command, Picture};
use crate::gui::listing::{Column, Listing, Sorting, Value, column};
use crate::gui::theme;
use crate::job::analyse::Analysis;
use crate::job::redundancy::{HeadPair, Redundancy};
use egui::{Panel, ScrollArea, Sense, Ui, Vec2};
use std::collections::HashMap;
use std::sync::Arc;

/// What is chosen in the pane.
#[derive(Debug)]
pub struct SimilarPane {
    sorting: Sorting,
    /// Two heads that are looked at in turn.
    pair: Option<(HeadId, HeadId)>,
    /// The table that was drawn (its place in memory), whether it is dark, and the picture.
    drawn: Option<((usize, bool), (Scene, MatrixLayout))>,
}

impl Default for SimilarPane {
    fn default() -> Self {
        Self {
            sorting: Sorting {
                column: 5,
                descending: true,
            },
            pair: None,
            drawn: None,
        }
    }
}

const PAIRS: [Column; 6] = [
    column(
        "first",
        "A head; a click selects it, another click the second one",
        56.0,
    ),
    column("second", "The other head", 62.0),
    column(
        "profile",
        "Correlation of where the two look, relative to start sites",
        72.0,
    ),
    column(
        "motif",
        "Similarity of their motifs at the best offset",
        72.0,
    ),
    column(
        "same base",
        "How often the two look at the same base, over what their distances alone would give: 0 is chance, 1 always",
        82.0,
    ),
    column("combined", "Mean of the three", 82.0),
];

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    let Some(finding) = app.workspace.redundancy().cloned() else {
        waiting(app, ui, Analysis::Redundancy);
        return;
    };
    let table = &finding.table;
    ui.horizontal_wrapped(|ui| {
        if ui.button("Compare heads again…").clicked() {
            let command = Analyse::Dialog(Analysis::Redundancy);
            app.commands.push(Command::Analysis(command));
        }
        for (words, picture) in [
            ("Save pairs…", Picture::SimilarityTable),
            ("Save picture…", Picture::Similarity),
        ] {
            if ui.button(words).clicked() {
                app.commands
                    .push(Command::Analysis(Analyse::Export(picture)));
            }
        }
        if let Some((first, second)) = app.similar_pane.pair {
            let words = format!("Flip {first} and {second}");
            let flip = ui.button(words).on_hover_text(
                "Shows the one and then the other head in place: in the panel of the selected head, and on the map",
            );
            if flip.clicked() {
                let other = if app.view.head_id() == first { second } else { first };
                app.commands.push(Command::SelectHead(other));
            }
            let both = ui.button("Side by side");
            if both.on_hover_text("Shows the two beside one another in the Heads tab").clicked() {
                app.commands
                    .push(Command::Analysis(Analyse::Beside(first, second)));
            }
        }
        ui.weak(format!(
            "{} start sites ({}); mean similarity of all pairs {:.2}",
            table.anchors,
            finding.stated("anchors"),
            table.mean
        ));
    });
    ui.add_space(2.0);
    let half = (ui.available_width() * 0.5).max(200.0);
    Panel::left("similarity matrix")
        .resizable(true)
        .default_size(half)
        .size_range(160.0..=1_400.0)
        .show(ui, |ui| {
            matrix_ui(app, ui, &finding.table, Arc::as_ptr(&finding).addr());
        });
    pairs_ui(app, ui, table);
}

fn picture(table: &Redundancy, theme: Theme, title: &str) -> (Scene, MatrixLayout) {
    let own = |pair: &HeadPair| {
        (
            (pair.first.clone(), pair.second.clone()),
            pair.combined as f32,
        )
    };
    let known: HashMap<(String, String), f32> = table.pairs.iter().map(own).collect();
    let find = |a: &String, b: &String| known.get(&(a.clone(), b.clone())).copied();
    let names = &table.order;
    let values: Vec<f32> = names
        .iter()
        .flat_map(|a| names.iter().map(move |b| (a, b)))
        .map(|(a, b)| {
            if a == b {
                1.0
            } else {
                find(a, b).or_else(|| find(b, a)).unwrap_or(f32::NAN)
            }
        })
        .collect();
    let of = Matrix {
        title,
        rows: names,
        columns: names,
        values: &values,
        marks: &[],
        numbers: false,
        scale: ColorScale::linear(Colormap::Viridis, 0.0, 1.0),
        rule: "similarity: mean of profile, motif and same base",
        mark_rules: ["", ""],
        caption: "",
    };
    matrix(&of, &Sheet::of_cells(names.len(), names.len(), theme))
}

fn matrix_ui(app: &mut App, ui: &mut Ui, table: &Redundancy, address: usize) {
    let theme = theme::figure_theme(ui.ctx().theme());
    let of = (address, theme == Theme::Dark);
    let (scene, layout) = match app.similar_pane.drawn.take() {
        Some((drawn_of, drawn)) if drawn_of == of => drawn,
        _ => picture(table, theme, ""),
    };
    ScrollArea::both()
        .id_salt("similarity")
        .auto_shrink(false)
        .show(ui, |ui| {
            let (rect, response) =
                ui.allocate_exact_size(Vec2::new(scene.width, scene.height), Sense::click());
            response.widget_info(|| {
                let words = "Heads against one another: similarity of every pair";
                egui::WidgetInfo::labeled(egui::Role::Image, true, words)
            });
            app.canvas.paint(&ui.painter().clone(), rect.min, &scene);
            let pointed = response.hover_pos().or(response.interact_pointer_pos());
            let under = pointed.and_then(|at| {
                let point = Point {
                    x: at.x - rect.min.x,
                    y: at.y - rect.min.y,
                };
                layout.cell_at(point)
            });
            let Some((row, column)) = under else { return };
            let (first, second) = (&table.order[row], &table.order[column]);
            if response.clicked() {
                choose(app, first, second);
            }
            let found = table.pairs.iter().find(|pair| {
                (&pair.first, &pair.second) == (first, second)
                    || (&pair.second, &pair.first) == (first, second)
            });
            if let Some(pair) = found {
                response.on_hover_text_at_pointer(explained(pair));
            }
        });
    app.similar_pane.drawn = Some((of, (scene, layout)));
}

fn explained(pair: &HeadPair) -> String {
    let similarity = &pair.similarity;
    format!(
        "{} and {}: profile {:.2}, motif {:.2}, same base {}; combined {:.2}",
        pair.first,
        pair.second,
        similarity.profile,
        similarity.motif,
        similarity
            .hits_corrected
            .map_or("as by chance".to_owned(), |hits| format!("{hits:.2}")),
        pair.combined
    )
}

/// Selects the first of two heads, or the second where the first is selected.
fn choose(app: &mut App, first: &str, second: &str) {
    let (Ok(first), Ok(second)) = (first.parse::<HeadId>(), second.parse::<HeadId>()) else {
        return;
    };
    let next = if app.view.head_id() == first {
        second
    } else {
        first
    };
    app.similar_pane.pair = (first != second).then_some((first, second));
    app.commands.push(Command::SelectHead(next));
}

fn pairs_ui(app: &mut App, ui: &mut Ui, table: &Redundancy) {
    let pairs = &table.pairs;
    let real = |value: f64| Value::number(value, format!("{value:.3}"));
    let value = |row: usize, column: usize| {
        let pair = &pairs[row];
        match column {
            0 => Value::Text(pair.first.clone()),
            1 => Value::Text(pair.second.clone()),
            2 => real(pair.similarity.profile),
            3 => real(pair.similarity.motif),
            4 => pair
                .similarity
                .hits_corrected
                .map_or(Value::number(f64::NAN, "NA"), real),
            _ => real(pair.combined),
        }
    };
    let listing = Listing {
        name: "pairs of heads",
        columns: &PAIRS,
        rows: pairs.len(),
        value: &value,
        hover: &|row| explained(&pairs[row]),
        is_weak: &|_| false,
        chosen: app.similar_pane.pair.and_then(|(first, second)| {
            let names = (first.to_string(), second.to_string());
            pairs
                .iter()
                .position(|pair| (&pair.first, &pair.second) == (&names.0, &names.1))
        }),
    };
    let mut sorting = app.similar_pane.sorting;
    let clicked = listing.show(ui, &mut sorting);
    app.similar_pane.sorting = sorting;
    if let Some(row) = clicked {
        choose(app, &pairs[row].first, &pairs[row].second);
    }
}

/// The matrix as a picture of its own.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    let finding = app.workspace.redundancy()?;
    let theme = if app.dark { Theme::Dark } else { Theme::Light };
    let title = format!("Heads of {} against one another", finding.basis.model_name);
    Some(picture(&finding.table, theme, &title).0)
}
