//! Asks where the files of a workspace are that have been moved or changed.

use crate::gui::command::Command;
use crate::job::open::file_name;
use crate::job::saved::{FileState, Found};
use egui::{Grid, RichText, ScrollArea, Ui};

/// Draws the question; returns whether it was left.
pub fn show(ctx: &egui::Context, found: &Found, commands: &mut Vec<Command>) -> bool {
    let mut done = false;
    let modal = egui::Modal::new(egui::Id::unique("files of a workspace")).show(ctx, |ui| {
        ui.set_width(640.0);
        ui.heading("Files of this workspace were moved or changed");
        ui.label(format!(
            "{}: find one of them, and the others are looked for where it is now. What is open stays open until then.",
            file_name(&found.path)
        ));
        ui.add_space(8.0);
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            Grid::new("files").num_columns(3).striped(true).spacing([16.0, 6.0]).show(ui, |ui| {
                for index in 0..found.files.len() {
                    file(ui, found, index, commands);
                    ui.end_row();
                }
            });
        });
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let missing = |state: &FileState| matches!(state, FileState::Missing(_));
            let words = if found.files.iter().any(|file| missing(&file.state)) {
                "Open without the missing"
            } else {
                "Open as they are now"
            };
            if ui.button(words).clicked() {
                commands.push(Command::OpenRelocated);
            }
            done = ui.button("Leave it closed").clicked();
        });
    });
    done || modal.should_close()
}

fn file(ui: &mut Ui, found: &Found, index: usize, commands: &mut Vec<Command>) {
    let Some(file) = found.files.get(index) else {
        return;
    };
    ui.label(RichText::new(file_name(&file.file.path)).strong())
        .on_hover_text(file.path.display().to_string());
    match &file.state {
        FileState::Same => {
            ui.label("as it was saved");
            ui.label("");
            return;
        }
        FileState::Changed => {
            ui.label("has another content than when it was saved")
                .on_hover_text(format!("SHA-256 was {}", file.file.sha256));
        }
        FileState::Missing(why) => {
            ui.colored_label(ui.visuals().error_fg_color, "missing")
                .on_hover_text(why);
        }
    }
    let name = format!("Find {}…", file_name(&file.file.path));
    if ui.button(name).clicked() {
        commands.push(Command::FindFile(index));
    }
}
