//! The window of keys.

use crate::gui::command;

/// Draws the window while it is open.
pub fn show(shown: &mut bool, ctx: &egui::Context) {
    if !*shown {
        return;
    }
    let window = ctx.content_rect().size();
    egui::Window::new("Keys")
        .open(shown)
        .resizable(false)
        .collapsible(false)
        .default_pos(super::WINDOW_AT)
        .max_height((window.y - 130.0).max(200.0))
        .vscroll(true)
        .show(ctx, |ui| {
            ui.label(
                "Mouse in the genome view: the wheel zooms at the pointer, a drag pans, a double click centres, a right \
                 click on a head row offers what can be done with it.",
            );
            ui.separator();
            egui::Grid::new("keys")
                .num_columns(3)
                .spacing([20.0, 4.0])
                .striped(true)
                .max_col_width((window.x - 360.0).clamp(200.0, 560.0))
                .show(ui, |ui| {
                    for entry in command::entries() {
                        let Some(shortcut) = entry.shortcut else {
                            continue;
                        };
                        ui.strong(command::key_text(ui.ctx(), &shortcut));
                        ui.label(entry.text);
                        ui.add(egui::Label::new(egui::RichText::new(entry.tooltip).weak()).wrap());
                        ui.end_row();
                    }
                });
        });
}
