//! Training: the plan of a run at the left, its curves and what it has reached at the right.

use super::analyse::{line, number, time};
use super::jobs::duration;
use crate::figure::operating::series;
use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::canvas::color32;
use crate::gui::chart::{PlotAxes, PlotLine, curves};
use crate::gui::command::Command;
use crate::gui::measuring::Measuring;
use crate::gui::theme;
use crate::gui::training::Train;
use crate::job::JobId;
use crate::job::train::{Entry, Plan, Preset, RunFolder, TrainingSpeed, Watch};
use crate::model::train::Settings;
use egui::{ComboBox, DragValue, Grid, Panel, ProgressBar, RichText, ScrollArea, Ui};
use egui_plot::Corner;
use std::path::PathBuf;

/// The plan that is being made, and the run that is shown.
#[derive(Debug, Default)]
pub struct TrainingPane {
    form: Option<Plan>,
    folder: String,
    /// The run that this window trains.
    pub job: Option<JobId>,
    /// Where it is trained.
    pub job_folder: PathBuf,
    /// Steps that were done when it was seen first, and when that was.
    pub first_done: Option<(u64, std::time::Instant)>,
    /// Looks into the folder of the run that is shown.
    pub watch: Option<Watch>,
    /// What is in there.
    pub run: Option<RunFolder>,
    /// Why it cannot be read.
    pub unreadable: Option<String>,
    /// Why training did not begin or go on.
    pub failure: Option<String>,
    speed: Measuring<(Settings, u64), TrainingSpeed>,
}

impl TrainingPane {
    /// The plan that is being made.
    pub fn form(&mut self) -> &mut Plan {
        self.form.get_or_insert_with(|| Plan {
            settings: Preset::Embedded.settings(),
            split_start: None,
            from_open_model: false,
            name: String::new(),
            folder: std::env::home_dir()
                .unwrap_or_default()
                .join("headlight-training"),
        })
    }
}

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    let most = (ui.available_width() * 0.5).max(240.0);
    Panel::left("training plan")
        .resizable(true)
        .default_size(430.0_f32.min(most))
        .size_range(240.0..=900.0)
        .show(ui, |ui| plan_ui(app, ui));
    let margin = egui::Margin {
        left: 8,
        ..egui::Margin::ZERO
    };
    egui::Frame::new()
        .inner_margin(margin)
        .show(ui, |ui| run_ui(app, ui));
}

/// What decides how fast a run goes, with all that does not set to one value.
fn of_speed(settings: &Settings) -> Settings {
    Settings {
        config: settings.config,
        streams: settings.streams,
        near_labels: settings.near_labels,
        dropout: settings.dropout,
        ..Settings::published(settings.config)
    }
}

#[allow(
    clippy::too_many_lines,
    reason = "one line a setting, in the order of the screen"
)]
fn plan_ui(app: &mut App, ui: &mut Ui) {
    let mut plan = app.training_pane.form().clone();
    let before = plan.folder.clone();
    if app.training_pane.folder.is_empty()
        || std::path::Path::new(&app.training_pane.folder) != before.as_path()
    {
        app.training_pane.folder = before.display().to_string();
    }
    let is_running = app.training_pane.job.is_some();
    // What is done with the plan stays in view however long the plan is.
    buttons_ui(app, ui, &plan);
    estimate_ui(app, ui, &plan);
    if let Some(failure) = &app.training_pane.failure {
        ui.colored_label(ui.visuals().error_fg_color, failure);
    }
    ui.separator();
    let scroll = ScrollArea::vertical()
        .id_salt("training plan")
        .auto_shrink(false);
    scroll.show(ui, |ui| {
        ui.add_enabled_ui(!is_running, |ui| {
        Grid::new("training plan")
            .num_columns(2)
            .spacing([12.0, 5.0])
            .show(ui, |ui| {
                labels_ui(app, ui);
                line(
                    ui,
                    "Network",
                    "Sizes and settings to begin with; all of them can be changed",
                    |ui, _| {
                        let own = Preset::ALL
                            .into_iter()
                            .find(|preset| preset.settings().config == plan.settings.config);
                        ComboBox::from_id_salt("preset")
                            .selected_text(own.map_or("own sizes", Preset::words))
                            .width(230.0)
                            .show_ui(ui, |ui| {
                                for preset in Preset::ALL {
                                    let is_own = own == Some(preset);
                                    if ui.selectable_label(is_own, preset.words()).clicked() {
                                        plan.settings = preset.settings();
                                    }
                                }
                            })
                            .response
                            .widget_info(|| {
                                egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Network")
                            });
                    },
                );
                settings_ui(ui, &mut plan.settings);
                split_ui(app, ui, &mut plan);
                line(ui, "Begin with", "The first weights", |ui, _| {
                    ui.radio_value(&mut plan.from_open_model, false, "random weights");
                    let fits = *app.workspace.model.config() == plan.settings.config;
                    plan.from_open_model &= fits;
                    ui.add_enabled_ui(fits, |ui| {
                        ui.radio_value(&mut plan.from_open_model, true, "the open model")
                            .on_disabled_hover_text("It has other sizes");
                    });
                });
                line(
                    ui,
                    "Name",
                    "A few words that the model is called by",
                    |ui, label| {
                        let edit = egui::TextEdit::singleline(&mut plan.name)
                            .hint_text("as its file")
                            .desired_width(220.0);
                        ui.add(edit).labelled_by(label);
                    },
                );
                line(
                    ui,
                    "Folder",
                    "State, best model and log of the run; a run of the same settings in it goes on",
                    |ui, label| {
                        let edit = egui::TextEdit::singleline(&mut app.training_pane.folder)
                            .desired_width(220.0);
                        if ui.add(edit).labelled_by(label).changed() {
                            plan.folder = PathBuf::from(&app.training_pane.folder);
                        }
                    },
                );
            });
        });
    });
    *app.training_pane.form() = plan;
}

fn labels_ui(app: &mut App, ui: &mut Ui) {
    let meaning = "The model learns where transcription starts from a file of start sites";
    line(ui, "Labels", meaning, |ui, _| {
        if let Some(file) = &app.workspace.anchors {
            ui.label(format!("{} of {}", grouped(file.anchors.len()), file.name));
        } else {
            ui.weak("no file of start sites is open");
            if ui.small_button("Open…").clicked() {
                app.commands.push(Command::OpenDialog);
            }
        }
    });
}

fn settings_ui(ui: &mut Ui, settings: &mut Settings) {
    let meaning = "Batches of segments that the weights are fitted to, one after the other";
    line(ui, "Steps", meaning, |ui, label| {
        number(ui, label, &mut settings.steps, 1..=10_000_000);
        let label = ui.label("warm-up").id;
        number(ui, label, &mut settings.warm_up, 0..=1_000_000);
    });
    let meaning = "How far a step goes at most, after the warm-up; it falls to 0 along a cosine";
    line(ui, "Learning rate", meaning, |ui, label| {
        let value = DragValue::new(&mut settings.peak_rate)
            .speed(1e-5)
            .range(1e-7..=1.0)
            .custom_formatter(|value, _| format!("{value:e}"))
            .custom_parser(|text| text.trim().parse().ok());
        ui.add(value).labelled_by(label);
    });
    let meaning = "Segments of a step, each about as long as the context";
    line(ui, "Batch", meaning, |ui, label| {
        number(ui, label, &mut settings.streams, 1..=1_024);
        let label = ui.label("near labels").id;
        let value = DragValue::new(&mut settings.near_labels)
            .speed(0.01)
            .range(0.0..=0.9);
        ui.add(value).labelled_by(label).on_hover_text(
            "Share of segments drawn around labels, with importance weights; 0 reads the genome in order",
        );
    });
    let meaning = "Steps between validations; each keeps the model where it is the best so far";
    line(ui, "Validate every", meaning, |ui, label| {
        number(ui, label, &mut settings.validate_every, 1..=1_000_000);
        let label = ui.label("patience").id;
        number(ui, label, &mut settings.patience, 0..=10_000);
    });
    let meaning = "The same seed and the same input give the same model, bit for bit";
    line(ui, "Seed", meaning, |ui, label| {
        number(ui, label, &mut settings.seed, 0..=u64::from(u32::MAX));
    });
    let config = &mut settings.config;
    line(ui, "Sizes", "Layers, and heads in each", |ui, _| {
        for (name, value, most) in [
            ("layers", &mut config.layers, 64),
            ("heads", &mut config.heads, 64),
            ("context", &mut config.context, 8_192),
        ] {
            let label = ui.label(name).id;
            number(ui, label, value, 1..=most);
        }
    });
    line(
        ui,
        "Widths",
        "Of hidden rows, heads and convolutions",
        |ui, _| {
            for (name, value, most) in [
                ("rows", &mut config.d_model, 1_024),
                ("head", &mut config.d_head, 256),
                ("window", &mut config.kernel, 63),
            ] {
                let label = ui.label(name).id;
                number(ui, label, value, 0..=most);
            }
        },
    );
    let meaning =
        "How far downstream of a label its output lies, in bases: so much of what follows is seen";
    line(ui, "Label shift", meaning, |ui, label| {
        number(ui, label, &mut config.label_shift, 0..=8_192);
        let label = ui.label("dropout").id;
        let value = DragValue::new(&mut settings.dropout)
            .speed(0.01)
            .range(0.0..=0.9);
        ui.add(value).labelled_by(label);
    });
}

fn split_ui(app: &App, ui: &mut Ui, plan: &mut Plan) {
    let meaning = "70 % of the longest contig are learned from, 10 % choose the best model, and 20 % are kept for the last test";
    line(ui, "Split", meaning, |ui, label| {
        let mut own = plan.split_start.is_some();
        if ui.checkbox(&mut own, "begins at").changed() {
            plan.split_start = own.then_some(0);
        }
        if let Some(start) = &mut plan.split_start {
            let mut shown = *start + 1;
            number(ui, label, &mut shown, 1..=app.workspace.genome.len().max(1));
            *start = shown - 1;
        } else {
            ui.weak("as the embedded model");
        }
    });
    let embedded = app.workspace.embedded_split();
    let split = crate::job::train::TrainRequest::split_of(plan, &app.workspace.genome, embedded);
    ui.label("");
    ui.vertical(|ui| {
        for (name, part) in [
            ("learns from", &split.training),
            ("chooses by", &split.validation),
            ("never sees", &split.test),
        ] {
            let places: Vec<String> = part.iter().map(ToString::to_string).collect();
            ui.label(
                RichText::new(format!("{name} {}", places.join(" and ")))
                    .small()
                    .weak(),
            );
        }
    });
    ui.end_row();
}

fn estimate_ui(app: &mut App, ui: &mut Ui, plan: &Plan) {
    if let Err(error) = plan.settings.check() {
        let text = format!("The settings cannot be used: {error}.");
        ui.colored_label(ui.visuals().error_fg_color, text);
        return;
    }
    if app.training_pane.job.is_some() {
        return;
    }
    let Some(request) = app.train_request(plan.clone()) else {
        ui.weak("Open a file of start sites (TSV, BED or GFF3) to train on.");
        return;
    };
    let (learned, validated) = request.bases();
    let key = (of_speed(&plan.settings), app.workspace.changes);
    let (background, asked) = (app.jobs.background(), request.clone());
    let answer = app.training_pane.speed.ask(key, ui.ctx(), move |cancel| {
        let work = || asked.measure(cancel);
        background.map_or_else(work, |threads| threads.install(work))
    });
    let settings = &plan.settings;
    let passes = settings.steps as f64 * (settings.streams * settings.config.context) as f64
        / learned.max(1) as f64;
    match answer {
        None => {
            ui.weak("Measuring how fast this goes…");
            let again = std::time::Duration::from_millis(200);
            ui.ctx().request_repaint_after(again);
        }
        Some(Err(text)) => {
            ui.colored_label(ui.visuals().error_fg_color, text);
        }
        Some(Ok(speed)) => {
            let words = time(request.takes(*speed).as_secs_f64());
            ui.label(format!("Takes {words}: {passes:.1} passes over the training part."))
                .on_hover_text(format!(
                    "Measured a moment ago: {:.1} steps a second, and {} outputs a second in validations of {} outputs each",
                    speed.steps,
                    grouped(speed.validated as usize),
                    grouped(validated),
                ));
        }
    }
}

fn buttons_ui(app: &mut App, ui: &mut Ui, plan: &Plan) {
    ui.horizontal_wrapped(|ui| {
        if let Some(id) = app.training_pane.job {
            let stop = ui.button("Stop training");
            if stop
                .on_hover_text("Saves where it is; it can go on later")
                .clicked()
            {
                app.commands.push(Command::CancelJob(id));
            }
        } else {
            let run = app.training_pane.run.as_ref();
            let begun = run.is_some_and(|run| run.folder == plan.folder && run.steps() > 0);
            let words = if begun { "Go on" } else { "Start training" };
            let ready = app.workspace.anchors.is_some()
                && plan.settings.check().is_ok()
                && plan.folder.is_absolute();
            let start = ui.add_enabled(ready, egui::Button::new(words));
            if start
                .on_disabled_hover_text("Needs labels, usable settings and the full path of a folder")
                .clicked()
            {
                let command = Train::Start(Box::new(plan.clone()));
                app.commands.push(Command::Training(command));
            }
            let open = ui.button("Show the run in the folder");
            if open
                .on_hover_text("A run that was begun here, or with headlight train; also while it goes on there")
                .clicked()
            {
                let command = Train::Watch(plan.folder.clone());
                app.commands.push(Command::Training(command));
            }
        }
    });
}

fn run_ui(app: &mut App, ui: &mut Ui) {
    let Some(run) = app.training_pane.run.clone() else {
        ui.vertical_centered(|ui| {
            ui.add_space(24.0);
            match (&app.training_pane.unreadable, app.training_pane.job) {
                (_, Some(_)) => {
                    ui.label("The run begins.");
                }
                (Some(text), None) => {
                    ui.colored_label(ui.visuals().error_fg_color, text);
                    if ui.button("Show no run").clicked() {
                        app.commands.push(Command::Training(Train::Close));
                    }
                }
                (None, None) => {
                    ui.label(
                        "Trains a model on the open genome and file of start sites, as headlight train does. \
                         The curves appear here.",
                    );
                    ui.weak("A run that was begun elsewhere is shown when its folder is opened.");
                }
            }
        });
        return;
    };
    status_ui(app, ui, &run);
    let scores = points(&run.log);
    let palette = theme::palette(ui.theme());
    let colors = series(theme::figure_theme(ui.theme()));
    let color = |index: usize| color32(colors[index]);
    let size = egui::vec2(
        ((ui.available_width() - 8.0) / 2.0).max(60.0),
        ui.available_height().max(60.0),
    );
    let solid = |name, points, color| PlotLine {
        name,
        points,
        color,
        dashed: false,
    };
    ui.horizontal_top(|ui| {
        curves(
            ui,
            "Loss by step",
            ["steps", "focal loss"],
            PlotAxes::LogSteps,
            vec![
                solid("training", scores.training, color32(palette.faint)),
                solid("validation", scores.validation, color(1)),
            ],
            Some(Corner::RightTop),
            size,
        );
        curves(
            ui,
            "Validation scores by step",
            ["steps", "on the validation part"],
            PlotAxes::Steps,
            vec![
                solid("ROC AUC", scores.roc_auc, color(1)),
                solid("average precision", scores.average_precision, color(2)),
            ],
            Some(Corner::LeftTop),
            size,
        );
    });
}

/// How far the run is, what it has reached, and what can be done with it.
fn status_ui(app: &mut App, ui: &mut Ui, run: &RunFolder) {
    let own = app.training_pane.job;
    let own = own.filter(|_| app.training_pane.job_folder == run.folder);
    let job = app.jobs.running().iter().find(|job| Some(job.id) == own);
    let planned = run.settings.as_ref().map(|settings| settings.steps);
    if let Some(job) = job {
        let (done, total) = (job.progress.done(), job.progress.total());
        if total > 0 {
            let first = app.training_pane.first_done;
            let rate = first.map_or(0.0, |(first, seen)| {
                done.saturating_sub(first) as f64 / seen.elapsed().as_secs_f64().max(0.1)
            });
            let left = if rate > 0.0 && total > done {
                let seconds = (total - done) as f64 / rate;
                let left = std::time::Duration::from_secs_f64(seconds.clamp(0.0, 1e9));
                format!(", {} left", duration(left))
            } else {
                String::new()
            };
            let text = format!(
                "{} of {} steps, {rate:.1} a second{left}",
                grouped(done as usize),
                grouped(total as usize)
            );
            let share = job.progress.share().unwrap_or(0.0);
            ui.add(ProgressBar::new(share).text(text));
        } else {
            ui.label("The run begins.");
        }
    } else {
        let of = planned.map_or_else(String::new, |steps| {
            format!(" of {}", grouped(steps as usize))
        });
        let folder = crate::job::open::file_name(&run.folder);
        ui.strong(format!(
            "{folder}: {}{of} steps",
            grouped(run.steps() as usize)
        ));
    }
    ui.horizontal_wrapped(|ui| {
        match run.best_entry() {
            Some(Entry::Validation {
                step,
                loss,
                roc_auc,
                average_precision,
                ..
            }) => {
                ui.label(best_words(*step, *loss, *roc_auc, *average_precision));
            }
            _ => {
                ui.weak("Not validated yet: there is no model before the first validation.");
            }
        }
        let is_open = app
            .workspace
            .open_files()
            .any(|file| file.path == run.folder.join(crate::job::train::MODEL));
        let words = if is_open {
            "Use this model again"
        } else {
            "Use this model"
        };
        let button = ui.add_enabled(run.has_model, egui::Button::new(words));
        if button
            .on_hover_text("Opens the best model so far; training goes on")
            .on_disabled_hover_text("There is no model before the first validation")
            .clicked()
        {
            app.commands.push(Command::Training(Train::UseModel));
        }
        if job_is_none(app) && ui.button("Show no run").clicked() {
            app.commands.push(Command::Training(Train::Close));
        }
        if let Some(Entry::Steps {
            positions_per_second,
            ..
        }) = run
            .log
            .iter()
            .rev()
            .find(|entry| matches!(entry, Entry::Steps { .. }))
        {
            ui.weak(format!(
                "{} positions a second",
                grouped(*positions_per_second as usize)
            ));
        }
    });
    if let Some(text) = &app.training_pane.unreadable {
        ui.colored_label(ui.visuals().error_fg_color, text);
    }
}

fn job_is_none(app: &App) -> bool {
    app.training_pane.job.is_none()
}

/// The best validation in words.
fn best_words(step: u64, loss: f64, roc_auc: f64, average_precision: f64) -> String {
    format!(
        "Best after {} steps: validation loss {loss:.6}, ROC AUC {roc_auc:.4}, average precision {average_precision:.4}",
        grouped(step as usize)
    )
}

/// The curves of a log; losses as their logarithms to the base of 10.
#[derive(Default)]
struct LogCurves {
    training: Vec<[f64; 2]>,
    validation: Vec<[f64; 2]>,
    roc_auc: Vec<[f64; 2]>,
    average_precision: Vec<[f64; 2]>,
}

fn points(log: &[Entry]) -> LogCurves {
    let mut found = LogCurves::default();
    let mut add = |curve: fn(&mut LogCurves) -> &mut Vec<[f64; 2]>, step: u64, value: f64| {
        if value.is_finite() {
            curve(&mut found).push([step as f64, value]);
        }
    };
    for entry in log {
        match *entry {
            Entry::Steps { step, loss, .. } => {
                add(|curves| &mut curves.training, step, loss.log10());
            }
            Entry::Validation {
                step,
                loss,
                roc_auc,
                average_precision,
                ..
            } => {
                add(|curves| &mut curves.validation, step, loss.log10());
                add(|curves| &mut curves.roc_auc, step, roc_auc);
                add(
                    |curves| &mut curves.average_precision,
                    step,
                    average_precision,
                );
            }
        }
    }
    found
}
