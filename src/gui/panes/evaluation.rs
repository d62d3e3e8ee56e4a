//! Evaluation: ROC, precision over recall and calibration of models, with their numbers and baselines.

use super::compare::waiting;
use crate::figure::operating::{self, logarithmic};
use crate::figure::scene::Scene;
use crate::figure::theme::Theme;
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::canvas::color32;
use crate::gui::chart::{PlotAxes, PlotLine, curves};
use crate::gui::command::{Command, Picture};
use crate::gui::listing::{Column, Listing, Sorting, Value, column};
use crate::gui::theme;
use crate::job::analyse::{Analysis, Finding};
use crate::job::evaluate::{
    Against, DIFFERENCE, Evaluated, MATRIX, Measured, RANDOM, Series, difference_cells,
    measured_cells, picture, series,
};
use egui::{Panel, Ui};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is chosen in the pane.
#[derive(Debug)]
pub struct EvaluationPane {
    /// Evaluations (by their place in memory) whose curves are not drawn.
    hidden: BTreeSet<usize>,
    /// The evaluation (by its place in memory) whose numbers and curves are saved, where it is not the first one.
    chosen: Option<usize>,
    sorting: Sorting,
    /// The evaluations that were drawn (their places in memory), and their curves.
    drawn: Option<(Vec<usize>, Arc<Vec<Series>>)>,
}

impl Default for EvaluationPane {
    fn default() -> Self {
        Self {
            hidden: BTreeSet::new(),
            chosen: None,
            sorting: Sorting {
                column: 0,
                descending: false,
            },
            drawn: None,
        }
    }
}

const NUMBERS: [Column; 9] = [
    column(
        "",
        "Order: models as evaluated, each with the one that it is compared with, baselines last",
        24.0,
    ),
    column("what", "A model, or what simpler means reach", 150.0),
    column(
        "ROC AUC",
        "Probability that a labelled position scores higher than another one; 0.5 is chance",
        66.0,
    ),
    column(
        "95 % interval",
        "From 2,000 draws of blocks of 20 kb",
        116.0,
    ),
    column(
        "avg. precision",
        "Mean precision over the recalls of all labels (area under precision over recall); chance is the rate of labels",
        92.0,
    ),
    column(
        "95 % interval",
        "From 2,000 draws of blocks of 20 kb",
        142.0,
    ),
    column(
        "AP ±3 bp",
        "Average precision of peaks, where a peak within 3 bases of a label finds it",
        66.0,
    ),
    column("region", "Where it was evaluated", 110.0),
    column("labels", "Against which start sites", 200.0),
];

/// The evaluations that are kept, that of the open model first.
fn kept(app: &App) -> Vec<Arc<Finding<Evaluated>>> {
    let all = app.workspace.findings.evaluations.all().iter().rev();
    let mut kept: Vec<Arc<Finding<Evaluated>>> = all.cloned().collect();
    kept.sort_by_key(|finding| !app.workspace.is_open(finding));
    kept
}

fn shown(app: &App) -> Vec<Arc<Finding<Evaluated>>> {
    let mut all = kept(app);
    all.retain(|finding| {
        !app.evaluation_pane
            .hidden
            .contains(&Arc::as_ptr(finding).addr())
    });
    all
}

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    let all = kept(app);
    if all.is_empty() {
        waiting(app, ui, Analysis::Evaluation);
        return;
    }
    buttons_ui(app, ui, &all);
    let shown = shown(app);
    let key: Vec<usize> = shown
        .iter()
        .map(|finding| Arc::as_ptr(finding).addr())
        .collect();
    let drawn = match &app.evaluation_pane.drawn {
        Some((of, drawn)) if *of == key => Arc::clone(drawn),
        _ => {
            let tables: Vec<&Evaluated> = shown.iter().map(|finding| &finding.table).collect();
            let drawn = Arc::new(series(&tables));
            app.evaluation_pane.drawn = Some((key, Arc::clone(&drawn)));
            drawn
        }
    };
    let half = (ui.available_width() * 0.36).clamp(200.0, 620.0);
    Panel::left("evaluation numbers")
        .resizable(true)
        .default_size(half)
        .size_range(160.0..=1_400.0)
        .show(ui, |ui| numbers_ui(app, ui, &shown));
    charts_ui(ui, &drawn);
}

fn buttons_ui(app: &mut App, ui: &mut Ui, all: &[Arc<Finding<Evaluated>>]) {
    ui.horizontal_wrapped(|ui| {
        let is_running = app
            .jobs
            .running()
            .iter()
            .any(|job| job.label == Analysis::Evaluation.title());
        let again = ui.add_enabled(!is_running, egui::Button::new("Evaluate…"));
        if again
            .on_hover_text("The open model, on another part or against other labels")
            .clicked()
        {
            let command = Analyse::Dialog(Analysis::Evaluation);
            app.commands.push(Command::Analysis(command));
        }
        let of = chosen(app).map_or_else(String::new, |chosen| words_of(&chosen));
        let of = format!("Of {of}");
        for (words, picture, what) in [
            ("Save numbers…", Picture::EvaluationTable, of.as_str()),
            ("Save curves…", Picture::EvaluationCurves, of.as_str()),
            (
                "Save picture…",
                Picture::Evaluation,
                "Of all that are shown",
            ),
        ] {
            if ui.button(words).on_hover_text(what).clicked() {
                app.commands
                    .push(Command::Analysis(Analyse::Export(picture)));
            }
        }
        if all.len() > 1 {
            for finding in all {
                let place = Arc::as_ptr(finding).addr();
                let mut drawn = !app.evaluation_pane.hidden.contains(&place);
                let tick = ui.checkbox(&mut drawn, words_of(finding));
                let more = format!(
                    "Show its numbers and curves. Against {}.",
                    finding.table.labels
                );
                if tick.on_hover_text(more).changed() {
                    if drawn {
                        app.evaluation_pane.hidden.remove(&place);
                    } else {
                        app.evaluation_pane.hidden.insert(place);
                    }
                }
            }
        }
    });
}

/// An evaluation in a few words.
fn words_of(finding: &Finding<Evaluated>) -> String {
    let name: String = finding.basis.model_name.chars().take(28).collect();
    let table = &finding.table;
    let against = table.evaluation.against.as_ref();
    let against = against.map_or_else(String::new, |other| {
        let other: String = other.model.chars().take(20).collect();
        format!(", against {other}")
    });
    format!("{name}, {}{against}", table.region)
}

/// What a line of the table of numbers is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// A model that was evaluated.
    Model,
    /// The model that it is compared with, and the difference of the two.
    Against,
    /// What simpler means reach.
    Baseline,
}

/// A line of the table of numbers.
#[derive(Clone, Debug, PartialEq)]
struct Numbers<'a> {
    about: About,
    name: &'a str,
    /// ROC AUC and average precision.
    areas: [f64; 2],
    /// Both with their intervals, as shown.
    cells: [String; 4],
    at_peaks: Option<f64>,
    /// Whose line it is: the place among those that are shown.
    of: usize,
    region: &'a str,
    labels: &'a str,
}

/// The lines of all evaluations that are shown: each model with the one that it is compared with, then the baselines
/// of each. Baselines of the same positions that are the same are there once.
fn numbers<'a>(shown: &'a [Arc<Finding<Evaluated>>]) -> Vec<Numbers<'a>> {
    let near = |peaks: &[crate::analysis::peaks::PeakScore]| {
        let three = peaks.iter().find(|peak| peak.tolerance_bp == 3);
        three.map(|peak| peak.average_precision)
    };
    let line = |of: usize, about, name, measured: &Measured, at_peaks| Numbers {
        about,
        name,
        areas: [measured.roc_auc, measured.average_precision],
        cells: measured_cells(measured),
        at_peaks,
        of,
        region: shown[of].table.region.as_str(),
        labels: shown[of].table.labels.as_str(),
    };
    let mut lines: Vec<Numbers<'a>> = Vec::new();
    for (of, finding) in shown.iter().enumerate() {
        let found = &finding.table.evaluation;
        let at_peaks = near(&found.peaks);
        lines.push(line(
            of,
            About::Model,
            &found.model,
            &found.measured,
            at_peaks,
        ));
        if let Some(other) = &found.against {
            let of_other = near(&other.peaks);
            let name = &other.model;
            let other_line = line(of, About::Against, name, &other.measured, of_other);
            lines.push(other_line.clone());
            let both = at_peaks.zip(of_other);
            lines.push(Numbers {
                name: DIFFERENCE,
                areas: [other.roc_auc_difference, other.average_precision_difference],
                cells: difference_cells(other),
                at_peaks: both.map(|(own, other)| own - other),
                ..other_line
            });
        }
    }
    for (of, finding) in shown.iter().enumerate() {
        let found = &finding.table.evaluation;
        let matrix = found.matrix.iter().map(|matrix| (MATRIX, matrix));
        for (name, measured) in matrix.chain([(RANDOM, &found.random)]) {
            let at_peaks = near(&found.matrix_peaks).filter(|_| name == MATRIX);
            let own = line(of, About::Baseline, name, measured, at_peaks);
            let is_same = |other: &Numbers<'_>| {
                Numbers {
                    of,
                    ..other.clone()
                } == own
            };
            if !lines.iter().any(is_same) {
                lines.push(own);
            }
        }
    }
    lines
}

fn numbers_ui(app: &mut App, ui: &mut Ui, shown: &[Arc<Finding<Evaluated>>]) {
    let lines = numbers(shown);
    let chosen = chosen(app);
    let is_chosen = |finding: &Arc<Finding<Evaluated>>| {
        chosen
            .as_ref()
            .is_some_and(|chosen| Arc::ptr_eq(chosen, finding))
    };
    if let Some(chosen) = &chosen {
        let found = &chosen.table.evaluation;
        let mut words = format!(
            "{}: {} labels among {} positions of both strands, rate {:.6}. Against {}.",
            chosen.table.region,
            crate::genome::locus::grouped(found.positives),
            crate::genome::locus::grouped(found.positions),
            found.positive_rate,
            chosen.table.labels,
        );
        if shown.len() > 1 {
            words += " Numbers and curves are saved of the marked line; click another to mark it.";
        }
        ui.label(egui::RichText::new(words).small().weak());
    }
    for finding in shown {
        let other = finding.table.evaluation.against.as_ref();
        if let Some(caution) = other.and_then(Against::caution) {
            let color = ui.visuals().warn_fg_color;
            ui.label(egui::RichText::new(caution).small().color(color));
        }
    }
    let value = |row: usize, column: usize| {
        let line = &lines[row];
        let [roc, roc_interval, precision, precision_interval] = line.cells.clone();
        match column {
            0 => Value::count(row + 1),
            1 => Value::Text(line.name.to_owned()),
            2 => Value::number(line.areas[0], roc),
            3 => Value::Text(roc_interval),
            4 => Value::number(line.areas[1], precision),
            5 => Value::Text(precision_interval),
            6 => line.at_peaks.map_or(Value::number(f64::NAN, ""), |value| {
                let signed = format!("{value:+.4}");
                let plain = format!("{value:.4}");
                let is_difference = line.name == DIFFERENCE;
                Value::number(value, if is_difference { signed } else { plain })
            }),
            7 => Value::Text(line.region.to_owned()),
            _ => Value::Text(line.labels.to_owned()),
        }
    };
    let hover = |row: usize| {
        let line = &lines[row];
        match (line.about, line.name) {
            (About::Against, DIFFERENCE) => format!(
                "{} less {}: the interval is from the same draws of blocks for both",
                shown[line.of].table.evaluation.model,
                shown[line.of]
                    .table
                    .evaluation
                    .against
                    .as_ref()
                    .map_or("", |other| &other.model),
            ),
            (_, name) => format!("{name}, {}", line.region),
        }
    };
    let listing = Listing {
        name: "evaluations",
        columns: &NUMBERS,
        rows: lines.len(),
        value: &value,
        hover: &hover,
        is_weak: &|row| lines[row].about == About::Baseline,
        chosen: lines
            .iter()
            .position(|line| line.about == About::Model && is_chosen(&shown[line.of]))
            .filter(|_| shown.len() > 1),
    };
    let mut sorting = app.evaluation_pane.sorting;
    let clicked = listing.show(ui, &mut sorting);
    app.evaluation_pane.sorting = sorting;
    if let Some(row) = clicked {
        let finding = &shown[lines[row].of];
        app.evaluation_pane.chosen = Some(Arc::as_ptr(finding).addr());
    }
}

fn charts_ui(ui: &mut Ui, drawn: &[Series]) {
    let colors = operating::series(theme::figure_theme(ui.theme()));
    let palette = theme::palette(ui.theme());
    let color = |index: usize, series: &Series| {
        if series.is_baseline && series.name.starts_with(RANDOM) {
            color32(palette.faint)
        } else {
            color32(colors[(index + 1) % colors.len()])
        }
    };
    let named = drawn.iter().enumerate();
    let named = named.map(|(index, series)| (series, color(index, series)));
    names_ui(ui, named);
    let lines = |of: &dyn Fn(&Series) -> Vec<[f64; 2]>| -> Vec<PlotLine<'_>> {
        let lines = drawn.iter().enumerate().map(|(index, series)| PlotLine {
            name: &series.name,
            points: of(series),
            color: color(index, series),
            dashed: series.is_baseline,
        });
        lines.filter(|line| !line.points.is_empty()).collect()
    };
    let size = egui::vec2(
        ((ui.available_width() - 16.0) / 3.0).max(60.0),
        ui.available_height().max(60.0),
    );
    let place = |value: f64| {
        // From −4, a ten-thousandth, to 0, one.
        4.0 * (f64::from(logarithmic(value as f32)) - 1.0)
    };
    ui.horizontal_top(|ui| {
        curves(
            ui,
            "ROC",
            ["false positive rate", "true positive rate"],
            PlotAxes::Shares,
            lines(&|series| series.roc.clone()),
            None,
            size,
        );
        curves(
            ui,
            "Precision over recall",
            ["recall", "precision"],
            PlotAxes::Shares,
            lines(&|series| series.precision_recall.clone()),
            None,
            size,
        );
        let mut calibration = lines(&|series| {
            let points = series.calibration.iter();
            points.map(|[x, y]| [place(*x), place(*y)]).collect()
        });
        calibration.push(PlotLine {
            name: "as predicted",
            points: vec![[-4.0, -4.0], [0.0, 0.0]],
            color: color32(palette.faint),
            dashed: true,
        });
        curves(
            ui,
            "Calibration",
            ["predicted probability", "observed share"],
            PlotAxes::Logarithms,
            calibration,
            None,
            size,
        );
    });
}

/// The names of the curves over all three charts, beside a piece of each: inside a chart they would cover it.
fn names_ui<'a>(ui: &mut Ui, named: impl Iterator<Item = (&'a Series, egui::Color32)>) {
    const LONGEST: usize = 60;
    ui.horizontal_wrapped(|ui| {
        for (series, color) in named {
            // Piece and name stay together where the line is broken.
            ui.horizontal(|ui| {
                let (piece, _) =
                    ui.allocate_exact_size(egui::vec2(18.0, 10.0), egui::Sense::hover());
                let ends = [piece.left_center(), piece.right_center()];
                let stroke = egui::Stroke::new(1.5, color);
                if series.is_baseline {
                    let dashes = egui::Shape::dashed_line(&ends, stroke, 5.0, 3.0);
                    ui.painter().extend(dashes);
                } else {
                    ui.painter().line_segment(ends, stroke);
                }
                let mut name: String = series.name.chars().take(LONGEST).collect();
                if name.len() < series.name.len() {
                    name.push('…');
                }
                ui.small(name).on_hover_text(&series.name);
            });
        }
    });
}

/// The curves that are shown, as a picture of their own.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    let shown = shown(app);
    let tables: Vec<&Evaluated> = shown.iter().map(|finding| &finding.table).collect();
    let theme = if app.dark { Theme::Dark } else { Theme::Light };
    picture(&series(&tables), theme).filter(|_| !tables.is_empty())
}

/// The evaluation whose numbers and curves are saved: the marked one, else the first that is shown.
#[must_use]
pub fn chosen(app: &App) -> Option<Arc<Finding<Evaluated>>> {
    let shown = shown(app);
    let is_chosen = |finding: &&Arc<Finding<Evaluated>>| {
        app.evaluation_pane.chosen == Some(Arc::as_ptr(finding).addr())
    };
    let marked = shown.iter().find(is_chosen);
    marked.or(shown.first()).cloned()
}
