//! The settings: what a person prefers, whatever is open.

use crate::figure::theme::BaseColors;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::preferences::{Preferences, ThemeChoice};
use egui::{Grid, Slider, Ui};

/// Draws the window while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    if !app.settings_shown {
        return;
    }
    let mut open = true;
    egui::Window::new("Settings")
        .open(&mut open)
        .default_pos(ctx.content_rect().center() - egui::vec2(200.0, 160.0))
        .resizable(false)
        .collapsible(false)
        .show(ctx, |ui| {
            Grid::new("settings")
                .num_columns(2)
                .spacing([24.0, 8.0])
                .show(ui, |ui| {
                    rows(app, ui);
                });
            ui.add_space(8.0);
            ui.weak("Settings are remembered between runs. Colours of the bases are saved with a workspace too.");
        });
    app.settings_shown &= open;
}

fn rows(app: &mut App, ui: &mut Ui) {
    ui.label("Theme");
    ui.horizontal(|ui| {
        for choice in ThemeChoice::ALL {
            ui.radio_value(&mut app.preferences.theme, choice, choice.words());
        }
    });
    ui.end_row();

    let label = ui.label("Size of text and controls");
    ui.horizontal(|ui| {
        // While it is dragged everything would change under the pointer.
        let scale = app.settings_scale.get_or_insert(app.preferences.ui_scale);
        let slider = Slider::new(scale, Preferences::UI_SCALES)
            .step_by(0.05)
            .custom_formatter(|scale, _| format!("{:.0} %", 100.0 * scale))
            .custom_parser(|text| {
                let number = text.trim().trim_end_matches('%').trim_end();
                number.parse::<f64>().ok().map(|percent| percent / 100.0)
            });
        let response = ui.add(slider).labelled_by(label.id);
        let set = response.drag_stopped() || (response.changed() && !response.dragged());
        if let Some(scale) = app.settings_scale.take_if(|_| set) {
            app.preferences.ui_scale = scale;
        }
        if ui
            .button("100 %")
            .on_hover_text("As the system asks for")
            .clicked()
        {
            app.preferences.ui_scale = 1.0;
            app.settings_scale = None;
        }
    });
    ui.end_row();

    ui.label("Colours of the bases");
    ui.horizontal(|ui| {
        ui.radio_value(&mut app.preferences.base_colors, BaseColors::Safe, "Safe")
            .on_hover_text("Told apart by the colour-blind as well");
        ui.radio_value(
            &mut app.preferences.base_colors,
            BaseColors::Classic,
            "Classic",
        )
        .on_hover_text("Green, blue, orange and red, as in most published logos");
    });
    ui.end_row();

    let label = ui.label("Threads of long computations");
    ui.horizontal(|ui| {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let before = app.preferences.threads;
        let slider =
            Slider::new(&mut app.preferences.threads, 0..=cores).custom_formatter(|threads, _| {
                match threads as usize {
                    0 => "all cores but one".to_owned(),
                    threads => threads.to_string(),
                }
            });
        ui.add(slider).labelled_by(label.id);
        if app.preferences.threads != before {
            app.jobs.set_threads(app.preferences.threads);
        }
    });
    ui.end_row();

    ui.label("Layout");
    if ui
        .button("Reset the layout")
        .on_hover_text("Give panels and windows their first sizes and places")
        .clicked()
    {
        app.commands.push(Command::ResetLayout);
    }
    ui.end_row();

    ui.label("Everything here");
    if ui
        .button("Back to the first settings")
        .on_hover_text("Theme, size, colours and threads as they were at first")
        .clicked()
    {
        let (columns, recent) = (
            std::mem::take(&mut app.preferences.columns),
            std::mem::take(&mut app.preferences.recent),
        );
        app.preferences = Preferences {
            columns,
            recent,
            ..Preferences::default()
        };
        app.settings_scale = None;
        app.jobs.set_threads(0);
    }
    ui.end_row();
}
