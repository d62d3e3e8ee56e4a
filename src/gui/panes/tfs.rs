//! Transcription factors: the legend of their looks, and which of them are shown.

use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::places::Place;
use crate::gui::theme;
use egui::{ScrollArea, Sense, TextEdit, Ui, Vec2};
use std::collections::BTreeSet;

const ROW_PT: f32 = 20.0;
/// Rows in view at most.
const MOST_ROWS: usize = 8;

/// Draws the list. `filter` is what was typed to narrow it.
pub fn show(app: &mut App, ui: &mut Ui, filter: &mut String) {
    let shown = app.shown_sites();
    let tfs = shown.tfs();
    if tfs.is_empty() {
        ui.weak("No known sites are open. Open RegulonDB's TF-RISet.tsv, a BED or a GFF3 file (Ctrl+O).");
        return;
    }
    let seen = tfs
        .iter()
        .filter(|(tf, _)| !app.view.hidden_tfs.contains(tf))
        .count();
    let wanted = filter.trim().to_lowercase();
    let found: Vec<&(String, usize)> = tfs
        .iter()
        .filter(|(tf, _)| tf.to_lowercase().contains(&wanted))
        .collect();
    ui.horizontal(|ui| {
        let edit = TextEdit::singleline(filter)
            .hint_text("find a TF")
            .desired_width(78.0);
        let response = ui.add(edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Find a transcription factor")
        });
        response.on_hover_text("Narrows the list; All and None then mean what it shows");
        let narrowed = || found.iter().map(|(tf, _)| tf.clone());
        if ui
            .small_button("All")
            .on_hover_text("Show the sites of all transcription factors in the list")
            .clicked()
        {
            let mut hidden = app.view.hidden_tfs.clone();
            narrowed().for_each(|tf| {
                hidden.remove(&tf);
            });
            app.commands.push(Command::HideTfs(hidden));
        }
        if ui
            .small_button("None")
            .on_hover_text("Hide the sites of all transcription factors in the list")
            .clicked()
        {
            let hidden: BTreeSet<String> = app
                .view
                .hidden_tfs
                .iter()
                .cloned()
                .chain(narrowed())
                .collect();
            app.commands.push(Command::HideTfs(hidden));
        }
        ui.weak(format!("{seen} of {}", tfs.len()));
    });
    let height = found.len().min(MOST_ROWS) as f32 * ROW_PT;
    let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, 0.0);
    ScrollArea::vertical()
        .id_salt("tfs")
        .max_height(height)
        .auto_shrink([false, true])
        .show_rows(ui, ROW_PT, found.len(), |ui, rows| {
            for (tf, count) in &found[rows] {
                row(app, ui, tf, *count);
            }
        });
    ui.spacing_mut().item_spacing.y = spacing;
}

fn row(app: &mut App, ui: &mut Ui, tf: &str, count: usize) {
    let figure_theme = theme::figure_theme(ui.ctx().theme());
    let looks = app.shown_sites();
    ui.horizontal(|ui| {
        ui.set_height(ROW_PT);
        let (mark, _) = ui.allocate_exact_size(Vec2::new(14.0, 10.0), Sense::hover());
        let mut shown = !app.view.hidden_tfs.contains(tf);
        if shown {
            let swatch = looks
                .looks()
                .look(figure_theme, tf)
                .swatch(figure_theme, 14.0, 10.0);
            app.canvas.paint(ui.painter(), mark.min, &swatch);
        }
        if ui
            .checkbox(&mut shown, tf)
            .on_hover_text(format!("Show or hide the sites of {tf}"))
            .changed()
        {
            app.set_tf_shown(tf, shown);
        }
        ui.weak(grouped(count));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let named = |response: egui::Response, name: String| {
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                response
            };
            let next = named(ui.small_button("→"), format!("Next site of {tf}"));
            if next
                .on_hover_text(format!("Go to the next site of {tf}"))
                .clicked()
            {
                let place = Place::StepSite(tf.to_owned(), true);
                app.commands.push(Command::Place(place));
            }
            let only = named(ui.small_button("only"), format!("Only {tf}"));
            if only
                .on_hover_text(format!("Hide the sites of all but {tf}"))
                .clicked()
            {
                app.commands
                    .push(Command::Place(Place::OnlyTf(tf.to_owned())));
            }
        });
    });
}
