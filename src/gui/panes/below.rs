//! The tabs below the genome view.

use super::explain::Topic;
use super::{compare, evaluation, heads, hits, jobs, map, novel, similar, training, what_if};
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::places::Place;
use crate::gui::state::Tab;
use crate::gui::table::TableKind;
use egui::{Panel, Ui};

/// Draws the tabs and the one that is open.
pub fn show(app: &mut App, ui: &mut Ui) {
    // Room for a pane with its legend in a tall window, for the rows of all heads in a low one.
    let default_height = (ui.available_height() * 0.5 - 100.0).clamp(200.0, 330.0);
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
                    (
                        Tab::Hits,
                        "Hits",
                        "Where the bases that were typed into the search box occur",
                    ),
                    (Tab::Compare, "Compare", "Heads against known binding sites"),
                    (Tab::Similar, "Similar heads", "Heads against one another"),
                    (
                        Tab::Novel,
                        "Novel sites",
                        "Peaks of attention where nothing is known",
                    ),
                    (
                        Tab::WhatIf,
                        "What if",
                        "Change bases, switch heads off, and see what that does",
                    ),
                    (
                        Tab::Training,
                        "Training",
                        "A training run: its plan and its curves",
                    ),
                    (
                        Tab::Evaluation,
                        "Evaluation",
                        "How well models predict, with baselines",
                    ),
                    (Tab::Jobs, "Jobs", "What is being computed"),
                ] {
                    ui.selectable_value(&mut app.view.tab, tab, name)
                        .on_hover_text(tooltip);
                }
                let (topic, table) = match app.view.tab {
                    Tab::Map => (Topic::Map, Some(TableKind::Map)),
                    Tab::Heads => (Topic::Heads, Some(TableKind::Heads)),
                    Tab::Hits => (Topic::Hits, None),
                    Tab::WhatIf => (Topic::WhatIf, None),
                    Tab::Jobs => (Topic::Jobs, None),
                    Tab::Compare => (Topic::Compare, None),
                    Tab::Novel => (Topic::Novel, None),
                    Tab::Similar => (Topic::Similar, None),
                    Tab::Training => (Topic::Training, None),
                    Tab::Evaluation => (Topic::Evaluation, None),
                };
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui
                        .small_button("What is this?")
                        .on_hover_text("What am I looking at? Explains this tab in plain words")
                        .clicked()
                    {
                        app.commands.push(Command::Place(Place::Explain(topic)));
                    }
                    if let Some(table) = table
                        && ui
                            .small_button("As a table")
                            .on_hover_text(table.title())
                            .clicked()
                    {
                        app.commands.push(Command::Place(Place::Table(table)));
                    }
                });
            });
            ui.add_space(2.0);
            match app.view.tab {
                Tab::Map => map::show(app, ui),
                Tab::Heads => heads::show(app, ui),
                Tab::Hits => hits::show(app, ui),
                Tab::WhatIf => what_if::show(app, ui),
                Tab::Jobs => jobs::show(app, ui),
                Tab::Compare => compare::show(app, ui),
                Tab::Novel => novel::show(app, ui),
                Tab::Similar => similar::show(app, ui),
                Tab::Training => training::show(app, ui),
                Tab::Evaluation => evaluation::show(app, ui),
            }
        });
}
