//! The bar at the top: menus, steps, search, work in progress; below them place, zoom, strand and colours.

use crate::genome::Interval;
use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::{Command, entry_of, key_text};
use crate::gui::search::Names;
use crate::gui::state::Tab;
use crate::job::figure::{RULES, rule_explanation, rule_name};
use egui::{Button, MenuBar, Panel, RichText, Ui};

/// Room for what follows the search box in its line.
const WORK_PT: f32 = 150.0;

/// Draws the bar: a line of menus and the search box, and a line of what is shown and how.
pub fn show(app: &mut App, ui: &mut Ui) {
    Panel::top("bar")
        .frame(egui::Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(8, 5)))
        .show(ui, |ui| {
            MenuBar::new().ui(ui, |ui| {
                super::menus::show(app, ui);
                ui.separator();
                steps(app, ui);
                ui.separator();
                search(app, ui);
                work(app, ui);
            });
            ui.horizontal(|ui| {
                place(app, ui);
                ui.separator();
                zoom(app, ui);
                ui.separator();
                rule(app, ui);
            });
        });
}

/// Steps back and forward: of the view, and through places.
fn steps(app: &mut App, ui: &mut Ui) {
    let (undo, redo) = app.steps.available(&app.view);
    for (enabled, command) in [(undo, Command::Undo), (redo, Command::Redo)] {
        let Some(entry) = entry_of(&command) else {
            continue;
        };
        let key = entry.shortcut.map_or_else(String::new, |shortcut| {
            format!(" ({})", key_text(ui.ctx(), shortcut))
        });
        if ui
            .add_enabled(enabled, Button::new(entry.text))
            .on_hover_text(format!("{}{key}", entry.tooltip))
            .clicked()
        {
            app.commands.push(command);
        }
    }
    ui.separator();
    let (behind, ahead) = app.history.available();
    if named(ui.add_enabled(behind, Button::new("←")), "Back")
        .on_hover_text("Back to the place before (Alt+←)")
        .clicked()
    {
        app.commands.push(Command::Back);
    }
    if named(ui.add_enabled(ahead, Button::new("→")), "Forward")
        .on_hover_text("Forward (Alt+→)")
        .clicked()
    {
        app.commands.push(Command::Forward);
    }
}

fn search(app: &mut App, ui: &mut Ui) {
    let sites = app.shown_sites();
    let names = Names {
        workspace: &app.workspace,
        tfs: sites.tfs(),
        bookmarks: &app.view.bookmarks,
    };
    let width = (ui.available_width() - WORK_PT).clamp(160.0, 380.0);
    app.search.show(ui, &names, width, &mut app.commands);
}

/// What is shown: contig, first and last base, and how many.
fn place(app: &App, ui: &mut Ui) {
    let contig = app
        .workspace
        .genome
        .contigs
        .get(app.view.viewport.contig)
        .map_or("", |contig| contig.name.as_str());
    let shown = Interval::new(
        app.view.viewport.start.max(0.0).floor() as usize,
        app.view.viewport.end.ceil() as usize,
    );
    let place = format!("{contig}:{shown}");
    let label = egui::Label::new(RichText::new(&place).strong())
        .selectable(false)
        .sense(egui::Sense::click());
    if ui
        .add(label)
        .on_hover_text(
            "The place that is shown: first and last base, counted from 1. Click to copy it.",
        )
        .clicked()
    {
        ui.ctx().copy_text(place);
    }
    ui.weak(format!("{} bp", grouped(shown.len())));
}

fn zoom(app: &mut App, ui: &mut Ui) {
    ui.weak("zoom");
    if named(ui.button("−"), "Zoom out")
        .on_hover_text("Zoom out (− or the mouse wheel)")
        .clicked()
    {
        app.commands.push(Command::Zoom(2.0));
    }
    if named(ui.button("+"), "Zoom in")
        .on_hover_text("Zoom in (+ or the mouse wheel)")
        .clicked()
    {
        app.commands.push(Command::Zoom(0.5));
    }
}

fn rule(app: &mut App, ui: &mut Ui) {
    ui.weak("strand");
    let strand = app.view.strand;
    if named(ui.button(strand.to_string()), "Strand of the head rows")
        .on_hover_text("The strand that the head rows read. Click for the other one (S).")
        .clicked()
    {
        app.commands.push(Command::SwitchStrand);
    }
    ui.separator();
    ui.weak("colour of the head rows");
    let combo = egui::ComboBox::from_id_salt("rule")
        .width(190.0)
        .selected_text(rule_name(app.view.rule));
    let response = combo.show_ui(ui, |ui| {
        for mode in RULES {
            ui.selectable_value(&mut app.view.rule, mode, rule_name(mode))
                .on_hover_text(rule_explanation(mode));
        }
    });
    named(response.response, "Colour rule of the head rows")
        .on_hover_text(rule_explanation(app.view.rule));
}

fn work(app: &mut App, ui: &mut Ui) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let jobs = app.jobs.running().len();
        let text = match (jobs, app.missing) {
            (0, 0) => "ready".to_owned(),
            (0, pages) => format!("computing, {pages} to go"),
            (1, _) => "1 job".to_owned(),
            (jobs, _) => format!("{jobs} jobs"),
        };
        if ui
            .selectable_label(false, text)
            .on_hover_text("What is being computed. Click for the list.")
            .clicked()
        {
            app.view.tab = Tab::Jobs;
        }
        let edits = app.view.what_if.len();
        if edits > 0 {
            let words = egui::RichText::new(format!("edited: {edits}"))
                .color(ui.visuals().hyperlink_color)
                .strong();
            if ui
                .selectable_label(false, words)
                .on_hover_text("Changes are listed under What if. The genome view shows the sequence without them.")
                .clicked()
            {
                app.view.tab = Tab::WhatIf;
            }
        }
    });
}

/// Gives a control a name for screen readers.
fn named(response: egui::Response, name: &str) -> egui::Response {
    let enabled = response.enabled();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, name));
    response
}
