//! The panel on the right: the selected head in detail.

use super::explain::Topic;
use super::{exact, head_detail};
use crate::analysis::heads::HeadReport;
use crate::figure::chart::ProfileChart;
use crate::figure::logo::logo;
use crate::figure::scene::Scene;
use crate::figure::theme::{Sheet, Theme};
use crate::gui::app::App;
use crate::gui::chart;
use crate::gui::command::Command;
use crate::gui::places::Place;
use crate::gui::theme;
use crate::job::findings::Heads;
use egui::{Panel, ScrollArea, Sense, Ui, Vec2};

/// Links to loci that are listed at most.
const LINKS: usize = 40;

/// Draws the panel.
pub fn show(app: &mut App, ui: &mut Ui) {
    Panel::right("selected").resizable(true).default_size(280.0).size_range(220.0..=560.0).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let head = app.view.head_id();
            ui.horizontal(|ui| {
                ui.heading(format!("Head {head}"));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let response = ui.small_button("?");
                    response.widget_info(|| {
                        egui::WidgetInfo::labeled(egui::Role::Button, true, "What am I looking at? The selected head")
                    });
                    if response.on_hover_text("What am I looking at? Explains this panel in plain words").clicked() {
                        app.commands.push(Command::Place(Place::Explain(Topic::SelectedHead)));
                    }
                });
            });
            ui.weak(format!("layer {}, head {} of {}", head.layer + 1, head.head + 1, app.workspace.model.name()));
            let result = app.workspace.heads.clone();
            if let Some((result, report)) = result.as_ref().and_then(|result| Some((result, result.report(head)?))) {
                details(app, ui, result, report);
            } else {
                ui.add_space(8.0);
                ui.label("Its profile and logo are computed by Analyse → Profiles and logos of all heads.");
            }
            exact::show(app, ui, head);
            head_detail::matches_ui(app, ui, head);
            head_detail::association_ui(app, ui, head);
            head_detail::removal_ui(app, ui, head);
            if let Some((result, report)) = result.as_ref().and_then(|result| Some((result, result.report(head)?))) {
                windows_ui(app, ui, result, report);
            }
        });
    });
}

fn details(app: &mut App, ui: &mut Ui, result: &Heads, report: &HeadReport) {
    let figure_theme = theme::figure_theme(ui.ctx().theme());
    let (width, base_colors) = (ui.available_width(), app.preferences.base_colors);
    let sheet = |height: f32| Sheet {
        width,
        height,
        theme: figure_theme,
        base_colors,
    };
    ui.add_space(8.0);
    ui.strong("Where it looks");
    profile_ui(ui, result, report);
    ui.add_space(8.0);
    ui.strong("What is there");
    picture(
        app,
        ui,
        &logo(&result.logo(report), &sheet(150.0)),
        "Sequence logo",
    );
    ui.horizontal_wrapped(|ui| {
        let (words, color) = match report.summary.exceeds {
            Some(true) => ("passes the positional control", ui.visuals().hyperlink_color),
            Some(false) => ("does not pass the positional control", ui.visuals().weak_text_color()),
            None => ("not tested", ui.visuals().weak_text_color()),
        };
        ui.colored_label(color, words).on_hover_text(
            "The head's own distances are permuted among the anchors and cut, refined and scored in the same way. A \
             logo passes when its information on anchors that were not used to cut it exceeds the 99th percentile of \
             that null: then it holds more than where the head looks.",
        );
    });
    if let Some(control) = &report.control {
        head_detail::null_ui(ui, &control.information);
    }
    egui::Grid::new("numbers")
        .num_columns(2)
        .spacing([12.0, 3.0])
        .show(ui, |ui| {
            for (name, value, explanation) in result.numbers(report) {
                ui.weak(name).on_hover_text(explanation);
                ui.label(value).on_hover_text(explanation);
                ui.end_row();
            }
        });
    ui.add_space(8.0);
    if ui.button("Save the logo…").clicked() {
        app.commands.push(Command::ExportLogo);
    }
}

fn windows_ui(app: &mut App, ui: &mut Ui, result: &Heads, report: &HeadReport) {
    ui.add_space(8.0);
    ui.strong("Windows behind the logo");
    for (text, locus) in result.links(report, &app.workspace.genome, LINKS) {
        if ui.link(text).on_hover_text("Show this place").clicked() {
            app.view.strand = locus.strand.unwrap_or(app.view.strand);
            let middle = locus.interval.middle() as f64;
            app.commands.push(Command::Show {
                contig: locus.contig,
                start: middle - 100.0,
                end: middle + 100.0,
            });
        }
    }
}

fn profile_ui(ui: &mut Ui, result: &Heads, report: &HeadReport) {
    let (mean, low, high) = result.profile_band(report);
    let chart = ProfileChart {
        title: "",
        first_offset: result.first_offset(),
        mean: &mean,
        band: Some((&low, &high)),
        control: None,
        value_label: "mean weight",
        marks: &[(-35, "−35"), (-10, "−10"), (0, "+1")],
        caption: "",
    };
    let palette = theme::palette(ui.ctx().theme());
    chart::profile(ui, &chart, palette, "Profile", 130.0).on_hover_text(
        "Mean attention weight by position relative to the start site; lines at −35, −10 and +1; band: ± 1 standard \
         deviation over the start sites",
    );
    ui.small("position relative to the start site");
}

fn picture(app: &mut App, ui: &mut Ui, scene: &Scene, name: &str) {
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(scene.width, scene.height), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    app.canvas.paint(&ui.painter_at(rect), rect.min, scene);
}

/// The logo of the selected head as a picture of its own.
#[must_use]
pub fn logo_scene(app: &App) -> Option<Scene> {
    let result = app.workspace.heads.clone()?;
    let report = result.report(app.view.head_id())?;
    let theme = if app.dark { Theme::Dark } else { Theme::Light };
    Some(logo(
        &result.logo(report),
        &Sheet {
            width: 420.0,
            height: 180.0,
            theme,
            base_colors: app.preferences.base_colors,
        },
    ))
}
