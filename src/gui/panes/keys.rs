//! The window of keys.

use crate::gui::command;

/// Draws the window while it is open.
pub fn show(shown: &mut bool, ctx: &egui::Context) {
    if !*shown {
        return;
    }
    egui::Window::new("Keys").open(shown).resizable(false).collapsible(false).show(ctx, |ui| {
        egui::Grid::new("keys").num_columns(3).spacing([24.0, 4.0]).striped(true).show(ui, |ui| {
            for entry in command::entries() {
                let Some(shortcut) = entry.shortcut else { continue };
                ui.strong(ui.ctx().format_shortcut(&shortcut));
                ui.label(entry.text);
                ui.weak(entry.tooltip);
                ui.end_row();
            }
        });
        ui.separator();
        ui.label("Mouse in the genome view: the wheel zooms at the pointer, a drag pans, a double click centres.");
    });
}
