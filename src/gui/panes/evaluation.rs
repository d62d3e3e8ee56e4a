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
    Evaluated, MATRIX, Measured, RANDOM, Series, measured_cells, picture, series,
};
use egui::{Panel, Ui};
use egui_plot::Corner;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is chosen in the pane.
#[derive(Debug)]
pub struct EvaluationPane {
    /// Evaluations (by their place in memory) whose curves are not drawn.
    hidden: BTreeSet<usize>,
    sorting: Sorting,
    /// The evaluations that were drawn (their places in memory), and their curves.
    drawn: Option<(Vec<usize>, Arc<Vec<Series>>)>,
}

impl Default for EvaluationPane {
    fn default() -> Self {
        Self {
            hidden: BTreeSet::new(),
            sorting: Sorting {
                column: 0,
                descending: false,
            },
            drawn: None,
        }
    }
}

const NUMBERS: [Column; 9] = [
    column("", "Order: as evaluated, baselines last", 24.0),
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
        for (words, picture) in [
            ("Save numbers…", Picture::EvaluationTable),
            ("Save curves…", Picture::EvaluationCurves),
            ("Save picture…", Picture::Evaluation),
        ] {
            if ui.button(words).clicked() {
                app.commands
                    .push(Command::Analysis(Analyse::Export(picture)));
            }
        }
        if all.len() > 1 {
            for finding in all {
                let place = Arc::as_ptr(finding).addr();
                let mut drawn = !app.evaluation_pane.hidden.contains(&place);
                let table = &finding.table;
                let name: String = finding.basis.model_name.chars().take(28).collect();
                let words = format!("{name}, {}", table.region);
                let tick = ui.checkbox(&mut drawn, words);
                if tick.on_hover_text("Draw its curves").changed() {
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

/// A line of the table of numbers.
struct Numbers<'a> {
    name: &'a str,
    measured: Measured,
    at_peaks: Option<f64>,
    found: &'a Evaluated,
    is_baseline: bool,
}

fn numbers<'a>(shown: &'a [Arc<Finding<Evaluated>>]) -> Vec<Numbers<'a>> {
    let near = |peaks: &[crate::analysis::peaks::PeakScore]| {
        let three = peaks.iter().find(|peak| peak.tolerance_bp == 3);
        three.map(|peak| peak.average_precision)
    };
    let mut lines: Vec<Numbers<'a>> = Vec::new();
    for finding in shown {
        let found = &finding.table;
        lines.push(Numbers {
            name: &found.evaluation.model,
            measured: found.evaluation.measured,
            at_peaks: near(&found.evaluation.peaks),
            found,
            is_baseline: false,
        });
    }
    if let Some(first) = shown.first() {
        let found = &first.table;
        let baseline = |name, measured, at_peaks| Numbers {
            name,
            measured,
            at_peaks,
            found,
            is_baseline: true,
        };
        let at_peaks = near(&found.evaluation.matrix_peaks);
        lines.extend(
            found
                .evaluation
                .matrix
                .map(|measured| baseline(MATRIX, measured, at_peaks)),
        );
        lines.push(baseline(RANDOM, found.evaluation.random, None));
    }
    lines
}

fn numbers_ui(app: &mut App, ui: &mut Ui, shown: &[Arc<Finding<Evaluated>>]) {
    let lines = numbers(shown);
    if let Some(first) = shown.first() {
        let found = &first.table.evaluation;
        ui.label(
            egui::RichText::new(format!(
                "{}: {} labels among {} positions of both strands, rate {:.6}. Against {}.",
                first.table.region,
                crate::genome::locus::grouped(found.positives),
                crate::genome::locus::grouped(found.positions),
                found.positive_rate,
                first.table.labels,
            ))
            .small()
            .weak(),
        );
    }
    let value = |row: usize, column: usize| {
        let line = &lines[row];
        let [roc, roc_interval, precision, precision_interval] = measured_cells(&line.measured);
        match column {
            0 => Value::count(row + 1),
            1 => Value::Text(line.name.to_owned()),
            2 => Value::number(line.measured.roc_auc, roc),
            3 => Value::Text(roc_interval),
            4 => Value::number(line.measured.average_precision, precision),
            5 => Value::Text(precision_interval),
            6 => line.at_peaks.map_or(Value::number(f64::NAN, ""), |value| {
                Value::number(value, format!("{value:.4}"))
            }),
            7 => Value::Text(line.found.region.clone()),
            _ => Value::Text(line.found.labels.clone()),
        }
    };
    let listing = Listing {
        name: "evaluations",
        columns: &NUMBERS,
        rows: lines.len(),
        value: &value,
        hover: &|row| lines[row].name.to_owned(),
        is_weak: &|row| lines[row].is_baseline,
        chosen: None,
    };
    let mut sorting = app.evaluation_pane.sorting;
    let _ = listing.show(ui, &mut sorting);
    app.evaluation_pane.sorting = sorting;
}

fn charts_ui(ui: &mut Ui, drawn: &[Series]) {
    let colors = operating::series(theme::figure_theme(ui.theme()));
    let palette = theme::palette(ui.theme());
    let lines = |of: &dyn Fn(&Series) -> Vec<[f64; 2]>| -> Vec<PlotLine<'_>> {
        let lines = drawn.iter().enumerate().map(|(index, series)| {
            let dashed = series.calibration.is_empty();
            PlotLine {
                name: &series.name,
                points: of(series),
                color: if dashed && series.name == RANDOM {
                    color32(palette.faint)
                } else {
                    color32(colors[(index + 1) % colors.len()])
                },
                dashed,
            }
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
            Some(Corner::RightBottom),
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

/// The curves that are shown, as a picture of their own.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    let shown = shown(app);
    let tables: Vec<&Evaluated> = shown.iter().map(|finding| &finding.table).collect();
    let theme = if app.dark { Theme::Dark } else { Theme::Light };
    picture(&series(&tables), theme).filter(|_| !tables.is_empty())
}

/// The evaluation that is saved: the first that is shown.
#[must_use]
pub fn chosen(app: &App) -> Option<Arc<Finding<Evaluated>>> {
    shown(app).first().cloned()
}
