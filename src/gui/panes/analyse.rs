//! Asks how an analysis is to be done: start sites, known sites, motifs, null, permutations and seed.

use crate::analysis::association::Null;
use crate::genome::Strand;
use crate::genome::locus::grouped;
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::measuring::Measuring;
use crate::job::ablate::How;
use crate::job::analyse::{Analysis, AnalysisRequest, Asked};
use crate::job::compare::{Part, evidence_word};
use crate::job::estimate::{Estimate, Speeds, estimate};
use crate::job::evaluate::{self, OtherModel, Region};
use crate::job::train::MODEL;
use crate::sites::Evidence;
use egui::{ComboBox, DragValue, Grid, Ui};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The dialog, and what is chosen in it.
#[derive(Debug, Default)]
pub struct AnalyseDialog {
    asked: Option<Asked>,
    estimate: Measuring<(Asked, u64), Estimate>,
    /// Speeds of this machine, with the model and the threads that they were measured for.
    speeds: Option<((String, usize), Speeds)>,
    /// What was estimated for the analyses that were started from the dialog, in seconds.
    expected_s: BTreeMap<Analysis, f64>,
    /// How much longer the latest run of an analysis took than its work and the speeds say.
    factors: BTreeMap<Analysis, f64>,
}

impl AnalyseDialog {
    /// Shows the dialog with these choices.
    pub fn open(&mut self, asked: Asked) {
        self.asked = Some(asked);
    }

    /// An analysis begins: what was estimated for it is kept, to be compared with what it takes.
    pub fn started(&mut self, asked: &Asked) {
        self.expected_s.remove(&asked.analysis);
        if let Some(((of, _), Ok(found))) = self.estimate.latest()
            && of == asked
        {
            let seconds = found.takes.as_secs_f64();
            self.expected_s.insert(asked.analysis, seconds);
        }
    }

    /// A job is done: later estimates of its analysis follow what it took.
    pub fn learn(&mut self, label: &str, took: Duration) {
        let analysis = Analysis::ALL.into_iter().find(|a| a.title() == label);
        if let Some(analysis) = analysis
            && let Some(expected) = self.expected_s.remove(&analysis)
        {
            let factor = took.as_secs_f64() / expected.max(0.1);
            self.factors.insert(analysis, factor.clamp(0.02, 50.0));
        }
    }

    /// About how long the analysis takes, and on what that stands; `None` while it is being measured.
    fn takes(
        &mut self,
        request: AnalysisRequest,
        changes: u64,
        pool: Option<Arc<rayon::ThreadPool>>,
        ctx: &egui::Context,
    ) -> Option<Result<(f64, String), String>> {
        let threads = pool.as_ref().map_or(1, |pool| pool.current_num_threads());
        let of = (request.model.checksum.clone(), threads);
        let known = self.speeds.as_ref().filter(|(other, _)| *other == of);
        let known = known.map(|(_, speeds)| *speeds);
        let analysis = request.asked.analysis;
        let key = (request.asked.clone(), changes);
        let found = self.estimate.ask(key, ctx, move |cancel| {
            let work = || estimate(&request, known, cancel);
            pool.map_or_else(work, |threads| threads.install(work))
        })?;
        Some(match found {
            Err(text) => Err(text.clone()),
            Ok(found) => {
                self.speeds = Some((of, found.speeds));
                let factor = self.factors.get(&analysis);
                let seconds = found.takes.as_secs_f64() * factor.copied().unwrap_or(1.0);
                Ok((seconds, basis(found, factor.is_some())))
            }
        })
    }
}

/// What an estimate stands on.
fn basis(found: &Estimate, corrected: bool) -> String {
    let count = |value: f64| grouped(value.max(0.0) as usize);
    let most = if found.work.is_most { "at most " } else { "" };
    let learned = if corrected {
        ", and by what the last run of this analysis took"
    } else {
        ""
    };
    format!(
        "From the work, {most}{} units of the job's bar, and from what was measured on this machine with this model: {} \
         outputs a second, {} a second with what every base receives, {} a second around start sites{learned}.",
        count(found.work.units as f64),
        count(found.speeds.positions),
        count(found.speeds.tracks),
        count(found.speeds.at_anchors),
    )
}

/// Draws the dialog while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    let Some(mut asked) = app.analyse_dialog.asked.take() else {
        return;
    };
    let (mut start, mut close, mut is_refused) = (false, false, false);
    let modal = egui::Modal::new(egui::Id::unique("analyse")).show(ctx, |ui| {
        ui.set_width(600.0);
        ui.heading("Analyse");
        ui.horizontal_wrapped(|ui| {
            for analysis in Analysis::ALL {
                ui.selectable_value(&mut asked.analysis, analysis, analysis.title());
            }
        });
        ui.add_space(6.0);
        ui.label(asked.analysis.explanation());
        ui.add_space(8.0);
        Grid::new("choices")
            .num_columns(2)
            .spacing([12.0, 6.0])
            .show(ui, |ui| choices(app, ui, &mut asked));
        ui.add_space(8.0);
        let request = app.workspace.analysis_request(asked.clone());
        let lacking = request.lacking();
        if let Some(lacking) = &lacking {
            ui.colored_label(ui.visuals().error_fg_color, capital(&lacking.to_string()));
        } else {
            let (pool, changes) = (app.jobs.background(), app.workspace.changes);
            match app.analyse_dialog.takes(request, changes, pool, ui.ctx()) {
                Some(Ok((seconds, basis))) => {
                    ui.weak(format!("Takes {}, in the background.", time(seconds)))
                        .on_hover_text(basis);
                }
                Some(Err(text)) => {
                    ui.colored_label(ui.visuals().error_fg_color, text);
                    is_refused = true;
                }
                None => {
                    ui.weak("Measuring how long it takes…");
                    ui.ctx().request_repaint_after(Duration::from_millis(100));
                }
            }
        }
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            start = ui
                .add_enabled(lacking.is_none() && !is_refused, egui::Button::new("Start"))
                .clicked();
            close = ui.button("Cancel").clicked();
        });
    });
    let is_free = ctx.memory(|memory| memory.focused().is_none());
    let entered = is_free && ctx.input(|input| input.key_pressed(egui::Key::Enter));
    let lacks = app
        .workspace
        .analysis_request(asked.clone())
        .lacking()
        .is_some();
    if start || (entered && !lacks) {
        let command = Command::Analysis(Analyse::Start(Box::new(asked)));
        app.commands.push(command);
    } else if !close && !modal.should_close() {
        app.analyse_dialog.asked = Some(asked);
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// An estimated time in words.
pub(super) fn time(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.5 => "about a second".to_owned(),
        seconds if seconds < 90.0 => format!("about {seconds:.0} s"),
        seconds if seconds < 5_400.0 => format!("about {:.0} min", seconds / 60.0),
        seconds if seconds < 172_800.0 => format!("about {:.0} h", seconds / 3_600.0),
        seconds => format!("about {:.0} days", seconds / 86_400.0),
    }
}

/// One line of the dialog: a name with its explanation, and what is chosen from.
pub(super) fn line(ui: &mut Ui, name: &str, meaning: &str, add: impl FnOnce(&mut Ui, egui::Id)) {
    let label = ui.label(name).on_hover_text(meaning);
    // From the top of its cell: a grid would begin a line that is broken in the middle, over the next one.
    ui.vertical(|ui| ui.horizontal_wrapped(|ui| add(ui, label.id)));
    ui.end_row();
}

pub(super) fn number<T: egui::emath::Numeric>(
    ui: &mut Ui,
    label: egui::Id,
    value: &mut T,
    range: std::ops::RangeInclusive<T>,
) {
    ui.add(DragValue::new(value).range(range))
        .labelled_by(label);
}

fn choices(app: &App, ui: &mut Ui, asked: &mut Asked) {
    start_sites(app, ui, asked);
    match asked.analysis {
        Analysis::Names => {
            libraries(app, ui, asked);
            permutations(ui, asked);
        }
        Analysis::Comparison => {
            sites(app, ui, asked);
            comparison(app, ui, asked);
            permutations(ui, asked);
        }
        Analysis::Ablation => {
            sites(app, ui, asked);
            line(ui, "Removed how", "What takes the head's place", |ui, _| {
                for (how, words) in [
                    (How::Zero, "nothing"),
                    (How::Mean, "its mean output"),
                    (How::Uniform, "every key alike"),
                    (How::Positional, "its mean weights"),
                ] {
                    ui.selectable_value(&mut asked.how, how, words);
                }
            });
        }
        Analysis::Novel => {
            sites(app, ui, asked);
            let meaning = "Sites with a larger estimated false discovery rate are not listed";
            line(ui, "False discovery rate", meaning, |ui, label| {
                let value = DragValue::new(&mut asked.fdr)
                    .speed(0.005)
                    .range(0.001..=1.0);
                ui.add(value).labelled_by(label);
            });
            let meaning = "Genomes with shuffled regions between genes, which the model reads for comparison; each takes \
                           as long as the genome itself";
            line(ui, "Shuffled genomes", meaning, |ui, label| {
                number(ui, label, &mut asked.decoys, 1..=100);
            });
            permutations(ui, asked);
        }
        Analysis::Redundancy => return,
        Analysis::Evaluation => {
            region(app, ui, asked);
            against(app, ui, asked);
            return;
        }
    }
    line(
        ui,
        "Seed",
        "The same seed draws the same numbers, and gives the same table",
        |ui, label| {
            number(
                ui,
                label,
                &mut asked.rule.draws.seed,
                0..=u64::from(u32::MAX),
            );
        },
    );
}

fn start_sites(app: &App, ui: &mut Ui, asked: &mut Asked) {
    let meaning = "Where the heads are looked at, or what the model is measured against";
    line(ui, "Start sites", meaning, |ui, _| {
        let otherwise = match asked.analysis {
            Analysis::Comparison => "the annotation's, else predicted ones",
            _ => "the model's own predictions",
        };
        match &app.workspace.anchors {
            Some(file) => {
                let words = format!("{} of {}", grouped(file.anchors.len()), file.name);
                ui.radio_value(&mut asked.predicted, false, words);
                if matches!(asked.analysis, Analysis::Ablation | Analysis::Evaluation) {
                    asked.predicted = false;
                } else {
                    ui.radio_value(&mut asked.predicted, true, otherwise);
                }
            }
            None if matches!(asked.analysis, Analysis::Ablation | Analysis::Evaluation) => {
                ui.weak("none are open");
            }
            None => {
                ui.label(otherwise);
            }
        }
    });
}

fn region(app: &App, ui: &mut Ui, asked: &mut Asked) {
    let split = app.workspace.model.metadata.split.as_ref();
    let has_split =
        split.is_some_and(|split| crate::job::train::fits(&app.workspace.genome, split));
    let meaning = "A part of the split that the model was trained with, or a place";
    line(ui, "Region", meaning, |ui, _| {
        let mut offer = |ui: &mut Ui, part, words: &str| {
            ui.selectable_value(&mut asked.evaluated_in, Region::Part(part), words);
        };
        if has_split {
            offer(ui, None, "test part");
            offer(ui, Some(evaluate::Part::Validation), "validation part");
            offer(ui, Some(evaluate::Part::Training), "training part");
            offer(ui, Some(evaluate::Part::All), "whole genome");
        } else {
            offer(ui, None, "whole genome");
        }
        let is_place = matches!(asked.evaluated_in, Region::Locus(_));
        if ui.selectable_label(is_place, "a place").clicked() && !is_place {
            asked.evaluated_in = Region::Locus(String::new());
        }
    });
    if let Region::Locus(text) = &mut asked.evaluated_in {
        let meaning = "A locus (1-based, closed) or a gene, of which both strands are scored";
        line(ui, "Place", meaning, |ui, label| {
            let edit = egui::TextEdit::singleline(text)
                .hint_text("366,305-386,304, lacZ")
                .desired_width(260.0);
            ui.add(edit).labelled_by(label);
        });
    }
    if has_split && asked.evaluated_in == Region::Part(None) {
        ui.label("");
        ui.weak("For the number that is reported at the end. Choose between models by the validation part.");
        ui.end_row();
    }
}

/// The other model that the open one is compared with.
fn against(app: &App, ui: &mut Ui, asked: &mut Asked) {
    let meaning = "Another model, scored on the same positions: the difference of the two has its interval from the \
                   same draws of blocks";
    let run = app.view.training_run.as_ref();
    let of_run = run.map(|folder| OtherModel::File(folder.join(MODEL)));
    let mut offered = app.workspace.other_models();
    offered.extend(of_run.filter(|of_run| !offered.contains(of_run)));
    if asked.against == Some(OtherModel::Embedded) && !offered.contains(&OtherModel::Embedded) {
        // It is the open one by now.
        asked.against = None;
    }
    let is_typed = |other: &OtherModel| !offered.contains(other);
    line(ui, "Against", meaning, |ui, _| {
        let words = match &asked.against {
            None => "no other model".to_owned(),
            Some(other) if is_typed(other) => "a file".to_owned(),
            Some(other) => other.to_string(),
        };
        ComboBox::from_id_salt("against")
            .selected_text(words)
            .width(280.0)
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut asked.against, None, "no other model");
                for other in &offered {
                    let words = other.to_string();
                    let label = ui.selectable_value(&mut asked.against, Some(other.clone()), words);
                    if let OtherModel::File(path) = other {
                        label.on_hover_text(path.display().to_string());
                    }
                }
                let typed = asked.against.as_ref().is_some_and(is_typed);
                if ui.selectable_label(typed, "a file").clicked() && !typed {
                    asked.against = Some(OtherModel::File(PathBuf::new()));
                }
            })
            .response
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Against"));
    });
    // Also of an offered file: a path that is typed may be one of those on its way.
    if let Some(OtherModel::File(path)) = asked.against.as_mut() {
        let meaning = "A checkpoint: safetensors or a PyTorch file";
        line(ui, "Model file", meaning, |ui, label| {
            let mut text = path.display().to_string();
            let edit = egui::TextEdit::singleline(&mut text)
                .hint_text("runs/second/model.safetensors")
                .desired_width(360.0);
            if ui.add(edit).labelled_by(label).changed() {
                *path = PathBuf::from(text);
            }
        });
    }
}

fn sites(app: &App, ui: &mut Ui, asked: &mut Asked) {
    let meaning = "Known binding sites that are open";
    line(ui, "Known sites", meaning, |ui, _| {
        if app.workspace.sites.is_empty() {
            ui.weak("none are open");
        }
        let mut chosen = asked.sites.clone();
        for set in &app.workspace.sites {
            let words = format!("{} ({})", set.name, grouped(set.sites.len()));
            ui.radio_value(&mut chosen, Some(set.name.clone()), words);
        }
        if chosen != asked.sites {
            let own = app
                .workspace
                .sites
                .iter()
                .find(|set| chosen.as_ref() == Some(&set.name));
            let stated = own.is_some_and(|set| {
                set.sites
                    .iter()
                    .any(|site| site.evidence >= Evidence::Strong)
            });
            asked.rule.evidence = if stated {
                Evidence::Strong
            } else {
                Evidence::Unknown
            };
            asked.sites = chosen;
        }
    });
}

fn libraries(app: &App, ui: &mut Ui, asked: &mut Asked) {
    let meaning = "All of them are one table: q counts every motif that was compared";
    line(ui, "Motif libraries", meaning, |ui, _| {
        if app.workspace.motifs.is_empty() {
            ui.weak("none are open");
        }
        for library in &app.workspace.motifs {
            let mut with = !asked.without_libraries.contains(&library.name);
            let words = format!("{} ({})", library.name, library.motifs.len());
            if ui.checkbox(&mut with, words).changed() {
                if with {
                    asked.without_libraries.remove(&library.name);
                } else {
                    asked.without_libraries.insert(library.name.clone());
                }
            }
        }
    });
}

fn permutations(ui: &mut Ui, asked: &mut Asked) {
    let meaning = "More of them make smaller p possible, and take longer";
    let name = if asked.analysis == Analysis::Comparison {
        "Draws"
    } else {
        "Permutations"
    };
    line(ui, name, meaning, |ui, label| {
        number(ui, label, &mut asked.rule.draws.permutations, 99..=20_000);
    });
}

/// What a null is, in a few words.
#[must_use]
pub fn null_words(null: Null) -> &'static str {
    match null {
        Null::Promoter => "promoters permuted",
        Null::Shift => "all sites shifted along the genome",
        Null::Matched => "windows of the same AT content and distance",
        Null::Shuffle => "genomes shuffled between genes",
    }
}

fn comparison(app: &App, ui: &mut Ui, asked: &mut Asked) {
    let meaning = "What the sites are compared with. Promoters permuted is the headline: a factor's sites are dealt out \
                   to other promoters of the same kind";
    line(ui, "Null", meaning, |ui, _| {
        ComboBox::from_id_salt("null")
            .selected_text(null_words(asked.rule.null))
            .width(280.0)
            .show_ui(ui, |ui| {
                for null in [Null::Promoter, Null::Shift, Null::Matched, Null::Shuffle] {
                    ui.selectable_value(&mut asked.rule.null, null, null_words(null));
                }
            })
            .response
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Null"));
        if asked.rule.null != Null::Shift {
            ui.checkbox(&mut asked.both_nulls, "and all sites shifted")
                .on_hover_text(
                    "Compares once more under the second null; the matrix then bears the marks of both",
                );
        }
    });
    line(
        ui,
        "Least evidence",
        "Sites with less are left out",
        |ui, _| {
            for evidence in [
                Evidence::Unknown,
                Evidence::Weak,
                Evidence::Strong,
                Evidence::Confirmed,
            ] {
                ui.selectable_value(&mut asked.rule.evidence, evidence, evidence_word(evidence));
            }
        },
    );
    let meaning = "Factors with fewer sites that a query sees as a whole are not tested";
    line(ui, "Least sites", meaning, |ui, label| {
        number(ui, label, &mut asked.rule.min_sites, 1..=1_000);
    });
    line(ui, "Part", "Which part of the model's split", |ui, _| {
        for (part, words) in [
            (None, "all"),
            (Some(Part::Training), "training"),
            (Some(Part::HeldOut), "held out"),
        ] {
            ui.selectable_value(&mut asked.rule.part, part, words);
        }
    });
    line(ui, "Strand", "Only start sites on this strand", |ui, _| {
        for (strand, words) in [
            (None, "both"),
            (Some(Strand::Forward), "+"),
            (Some(Strand::Reverse), "−"),
        ] {
            ui.selectable_value(&mut asked.rule.strand, strand, words);
        }
    });
    let meaning = "Only start sites in these bases";
    line(ui, "Region", meaning, |ui, _| {
        ui.selectable_value(&mut asked.rule.region, None, "the whole genome");
        let view = app.view.viewport;
        let shown = Some((view.contig, app.shown()));
        ui.selectable_value(&mut asked.rule.region, shown, "what is in view");
        if let Some(selected) = app.view.selection {
            let bases = Some((selected.contig, selected.interval));
            ui.selectable_value(&mut asked.rule.region, bases, "the selected bases");
        }
    });
    let meaning = "A site beside another factor's may only share its place";
    line(ui, "Neighbours", meaning, |ui, _| {
        let words = "leave out sites with another factor's site nearer than 20 bases";
        ui.checkbox(&mut asked.rule.conditional, words);
    });
}
