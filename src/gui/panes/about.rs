//! What the program is, and where it keeps its files.

use crate::gui::app::App;
use crate::gui::crash;
use egui::{Grid, Ui};
use std::path::Path;

/// Draws the window while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    if !app.about_shown {
        return;
    }
    let mut open = true;
    egui::Window::new("About Headlight")
        .open(&mut open)
        .resizable(false)
        .collapsible(false)
        .show(ctx, |ui| {
            ui.label(concat!("Headlight ", env!("CARGO_PKG_VERSION")));
            ui.label("See what each attention head of a DNA transformer looks at.");
            ui.add_space(8.0);
            let Some(folder) = app.data_folder() else {
                ui.weak("This window keeps no files.");
                return;
            };
            Grid::new("files of the program")
                .num_columns(3)
                .spacing([16.0, 4.0])
                .show(ui, |ui| {
                    path(ui, "Data folder", Some(folder));
                    path(ui, "Log file", app.keeper.log_file().as_deref());
                    path(
                        ui,
                        "Latest report of a panic",
                        crash::latest_report(folder).as_deref(),
                    );
                });
        });
    app.about_shown &= open;
}

fn path(ui: &mut Ui, what: &str, path: Option<&Path>) {
    ui.label(what);
    if let Some(path) = path {
        let text = path.display().to_string();
        ui.add(egui::Label::new(egui::RichText::new(&text).monospace()).selectable(true));
        if ui
            .small_button("Copy")
            .on_hover_text(format!("Copy: {what}"))
            .clicked()
        {
            ui.ctx().copy_text(text);
        }
    } else {
        ui.weak("none");
        ui.label("");
    }
    ui.end_row();
}
