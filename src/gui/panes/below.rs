//! The tabs below the genome view.

use super::{heads, jobs, map};
use crate::gui::app::App;
use crate::gui::state::Tab;
use egui::{Panel, Ui};

/// Draws the tabs and the one that is open.
pub fn show(app: &mut App, ui: &mut Ui) {
    let default_height = 300.0_f32.min(ui.available_height() * 0.4);
    Panel::bottom("below")
        .resizable(true)
        .default_size(default_height)
        .size_range(80.0..=900.0)
        .show(ui, |ui| {
            // The panel keeps the height that the user gave it, whatever a tab needs.
            ui.set_min_size(ui.available_size());
            ui.horizontal(|ui| {
                for (tab, name, tooltip) in [
                    (
                        Tab::Map,
                        "Attention map",
                        "Every weight of the selected head in this window",
                    ),
                    (Tab::Heads, "Heads", "Profile and logo of every head"),
                    (Tab::Jobs, "Jobs", "What is being computed"),
                ] {
                    ui.selectable_value(&mut app.view.tab, tab, name)
                        .on_hover_text(tooltip);
                }
            });
            ui.add_space(2.0);
            match app.view.tab {
                Tab::Map => map::show(app, ui),
                Tab::Heads => heads::show(app, ui),
                Tab::Jobs => jobs::show(app, ui),
            }
        });
}
