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
            ui.set_width((window.x - 300.0).clamp(420.0, 860.0));
            ui.label(
                "Mouse in the genome view: the wheel zooms at the pointer, a drag pans, a double click centres, a right \
                 click on a head row offers what can be done with it.",
            );
            ui.separator();
            for entry in command::entries() {
                let Some(shortcut) = entry.shortcut else {
                    continue;
                };
                let key = command::key_text(ui.ctx(), shortcut);
                ui.horizontal(|ui| {
                    cell(ui, 104.0, egui::RichText::new(key).strong());
                    cell(ui, 190.0, entry.text.into());
                    let words = egui::RichText::new(entry.tooltip).weak();
                    ui.add(egui::Label::new(words).truncate());
                });
            }
        });
}

/// Words in a column of this width.
fn cell(ui: &mut egui::Ui, width: f32, words: egui::RichText) {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(egui::vec2(width, 18.0), layout, |ui| {
        ui.set_min_width(width);
        ui.add(egui::Label::new(words).truncate());
    });
}
