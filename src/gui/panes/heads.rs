//! All heads as cards: profile, logo, and whether the logo passes the positional control.

use super::{beside, head_list};
use crate::analysis::heads::HeadReport;
use crate::figure::heads_grid::{HeadCard, HeadsGrid, heads_grid};
use crate::figure::scene::{Point, Scene};
use crate::figure::theme::{BaseColors, Theme};
use crate::gui::app::App;
use crate::gui::command::{Command, HEADS_JOB};
use crate::gui::theme;
use crate::job::findings::Heads;
use egui::{ScrollArea, Sense, Ui, Vec2};

/// Width of the exported grid in points.
const EXPORT_PT: f32 = 1_080.0;

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    let Some(result) = app.workspace.heads.clone() else {
        ui.vertical_centered(|ui| {
            ui.add_space(24.0);
            if let Some(job) = app.jobs.running().iter().find(|job| job.label == HEADS_JOB) {
                ui.label("Profiles and logos of all heads are being computed.");
                let share = job.progress.share().unwrap_or(0.0);
                ui.add(egui::ProgressBar::new(share).desired_width(320.0).show_percentage());
            } else {
                ui.label("Profiles and logos of all heads have not been computed for this genome and model.");
                if ui.button("Compute them").clicked() {
                    app.commands.push(Command::SummariseHeads);
                }
            }
        });
        return;
    };
    head_list::top_ui(app, ui);
    if app.heads_pane.pair {
        beside::show(app, ui, &result);
        return;
    }
    if app.heads_pane.list {
        head_list::list_ui(app, ui, &result);
        return;
    }
    let figure_theme = theme::figure_theme(ui.ctx().theme());
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        let width = ui.available_width().max(600.0);
        let selected = app.view.head_id();
        let shown = with_names(app, &result);
        let (scene, clicked_at) = with_grid(
            &result,
            &shown,
            width,
            (figure_theme, app.preferences.base_colors),
            Some(selected),
            |grid| {
                let scene = heads_grid(grid);
                let (rect, response) =
                    ui.allocate_exact_size(Vec2::new(scene.width, scene.height), Sense::click());
                response.widget_info(|| {
                    egui::WidgetInfo::labeled(
                        egui::Role::Image,
                        true,
                        "Heads grid: profile and logo of every head",
                    )
                });
                let under = |at: egui::Pos2| {
                    grid.head_at(Point {
                        x: at.x - rect.min.x,
                        y: at.y - rect.min.y,
                    })
                };
                let clicked = response
                    .interact_pointer_pos()
                    .filter(|_| response.clicked())
                    .and_then(under);
                if let Some(head) = response.hover_pos().and_then(under)
                    && let Some(report) = result.report(head)
                {
                    response.on_hover_text_at_pointer(result.explain(report));
                }
                ((scene, rect.min), clicked)
            },
        );
        let (scene, origin) = scene;
        app.canvas.paint(&ui.painter().clone(), origin, &scene);
        if let Some(head) = clicked_at {
            app.commands.push(Command::SelectHead(head));
        }
    });
}

/// The grid as a picture of its own.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    let result = app.workspace.heads.clone()?;
    let figure_theme = if app.dark { Theme::Dark } else { Theme::Light };
    let shown = with_names(app, &result);
    Some(with_grid(
        &result,
        &shown,
        EXPORT_PT,
        (figure_theme, app.preferences.base_colors),
        None,
        heads_grid,
    ))
}

/// The heads that pass the filter, each with its best match.
fn with_names<'a>(app: &App, result: &'a Heads) -> Vec<(&'a HeadReport, String)> {
    let finding = app.workspace.names();
    let names = finding.map(|finding| &finding.table);
    let comparison = app.workspace.comparison();
    let comparison = comparison.map(|found| &found.table.comparison);
    let reports = result.reports().iter();
    reports
        .filter(|report| app.heads_pane.shows(report, names, comparison))
        .map(|report| {
            let words = head_list::match_words(report, names);
            (
                report,
                words.unwrap_or_else(|| report.summary.shows.clone()),
            )
        })
        .collect()
}

fn with_grid<T>(
    result: &Heads,
    shown: &[(&HeadReport, String)],
    width: f32,
    (theme, base_colors): (Theme, BaseColors),
    selected: Option<crate::attention::HeadId>,
    draw: impl FnOnce(&HeadsGrid<'_>) -> T,
) -> T {
    let profiles: Vec<Vec<f32>> = shown
        .iter()
        .map(|(report, _)| result.profile(report))
        .collect();
    let logos: Vec<Vec<[f64; 4]>> = shown
        .iter()
        .map(|(report, _)| result.letter_heights(report))
        .collect();
    let cards: Vec<HeadCard<'_>> = shown
        .iter()
        .zip(profiles.iter().zip(&logos))
        .map(|((report, note), (profile, logo))| HeadCard {
            head: report.head,
            profile,
            first_offset: result.first_offset(),
            logo,
            entropy_bits: report.summary.entropy,
            n: report.summary.windows,
            consensus: &report.summary.consensus,
            passes: report.summary.exceeds,
            note,
        })
        .collect();
    let caption = result.caption();
    draw(&HeadsGrid {
        shape: result.shape,
        cards: &cards,
        width,
        theme,
        base_colors,
        selected,
        title: "",
        caption: &caption,
    })
}
