//! What if: the list of changes of the view, what the model makes of them, and commands about them.

use super::analyses::with_provenance;
use super::app::App;
use super::command::{Command, Picture};
use super::notices::Weight;
use super::panes;
use super::panes::what_if::Drawn;
use super::state::{Selection, Tab};
use crate::attention::HeadId;
use crate::genome::Locus;
use crate::genome::edit::Edit;
use crate::genome::locus::grouped;
use crate::genome::{Base, Contig, Interval, base};
use crate::job::analyse::{Finding, Table};
use crate::job::mutate::MutateError;
use crate::job::saturation::{LONGEST_BP, SaturationMap, saturate};
use crate::job::whatif::list::{self, Listed};
use crate::job::whatif::live::{self, About, LiveWhatIf, Question, WIDEST_BP};
use crate::job::whatif::picture::Panels;
use crate::job::whatif::{Change, WhatIf, write_edited_fasta};
use crate::job::{JobError, Outcome, open};
use crate::model::Mode;
use crate::model::variants::VariantError;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Windows start and end at multiples of this, so that small moves need no new run.
const GRID_BP: usize = 64;

/// What can be asked for about changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhatIfCommand {
    /// Put this base, of the forward strand, in the place of the first selected one.
    Type(Base),
    /// Put these bases in the place of the selected ones.
    Replace(String),
    /// Put these bases in before the selected ones.
    Insert(String),
    /// Take the selected bases out.
    Delete,
    /// Hide the selected bases from the model; what is shown where none are selected.
    Mask,
    /// Make a change by its name, such as `g.366300A>T` or `L4H5:off`.
    Change(String),
    /// Switch a head off, or on again.
    HeadOff(HeadId),
    /// Forget this change of the list.
    Remove(usize),
    /// Call this change of the list so.
    Rename(usize, String),
    /// Forget all changes.
    Clear,
    /// Go to where this change of the list is.
    Show(usize),
    /// Draw these panels.
    Panels(Panels),
    /// Change every selected base, or every base that is shown, to each of the others.
    Saturate,
    /// Show what every substitution does, instead of the list's changes.
    ShowSaturation(bool),
    /// Ask where to save something of it.
    Export(Picture),
}

/// What the model makes of the changes.
#[derive(Debug)]
pub struct WhatIfState {
    live: LiveWhatIf,
    asked: Option<Question>,
    /// The latest answer, which may be of a question before.
    pub(super) answer: Option<(Question, Arc<WhatIf>)>,
    /// What is wrong with the present question.
    pub(super) error: Option<(Question, String)>,
    /// How long the latest answer took.
    pub(super) took: Duration,
    /// Bases or a change that are being typed.
    pub(super) typed: String,
    pub(super) drawn: Option<Drawn>,
    pub(super) saturation: Option<panes::saturation::Drawn>,
    /// The mutagenesis that is shown, where it is not the latest one.
    pub(super) chosen_saturation: Option<Arc<Finding<SaturationMap>>>,
}

impl WhatIfState {
    /// Starts its thread. `wake` is called after each answer.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        Ok(Self {
            live: live::start(wake)?,
            asked: None,
            answer: None,
            error: None,
            took: Duration::ZERO,
            typed: String::new(),
            drawn: None,
            saturation: None,
            chosen_saturation: None,
        })
    }
}

impl App {
    /// The bases that the tab is about: what is shown, or a part of it where that is too much.
    pub(super) fn what_if_window(&self) -> Interval {
        let shown = self.shown();
        let length = self.contig_length();
        let rounded = |start: usize, end: usize| {
            let start = start / GRID_BP * GRID_BP;
            Interval::new(start, end.next_multiple_of(GRID_BP).min(length).max(start))
        };
        if shown.len() <= WIDEST_BP {
            return rounded(shown.start, shown.end);
        }
        // Around the change, or what is selected, that is nearest to the middle.
        let middle = shown.middle();
        let changes = self.what_if_changes();
        let edits = changes.iter().filter_map(|change| match change {
            Change::Bases(edit) => Some(edit.interval().middle()),
            Change::HeadOff(_) | Change::HeadUniform(_) => None,
        });
        let selected = self.what_if_selection().map(Interval::middle);
        let near = edits
            .chain(selected)
            .filter(|place| shown.contains(*place))
            .min_by_key(|place| place.abs_diff(middle));
        let start = near.unwrap_or(middle).saturating_sub(WIDEST_BP / 2);
        rounded(start, (start + WIDEST_BP).min(length))
    }

    /// The changes that count here.
    pub(super) fn what_if_changes(&self) -> Vec<Change> {
        let contig = self.view.viewport.contig;
        list::of_contig(&self.view.what_if, &self.workspace.genome, contig)
    }

    /// The selected bases of the contig in view.
    pub(super) fn what_if_selection(&self) -> Option<Interval> {
        let selection = self.view.selection;
        selection
            .filter(|selection| selection.contig == self.view.viewport.contig)
            .map(|selection| selection.interval)
    }

    /// Asks what the tab shows, while it is open.
    pub(super) fn want_what_if(&mut self) {
        if self.view.tab != Tab::WhatIf || self.contig_length() == 0 {
            if self.what_if.asked.take().is_some() {
                self.what_if.live.ask(None);
            }
            return;
        }
        let question = Question {
            generation: self.workspace.generation,
            contig: self.view.viewport.contig,
            strand: self.view.strand,
            window: self.what_if_window(),
            changes: self.what_if_changes(),
        };
        let answered = |of: Option<&Question>| of == Some(&question);
        let state = &mut self.what_if;
        if answered(state.answer.as_ref().map(|(of, _)| of))
            || answered(state.error.as_ref().map(|(of, _)| of))
        {
            return;
        }
        self.missing += 1;
        if answered(state.asked.as_ref()) {
            return;
        }
        state.asked = Some(question.clone());
        let generation = 2 * self.workspace.generation;
        let expected = self.expected.as_ref();
        let about = About {
            genome: Arc::clone(&self.workspace.genome),
            model: Arc::clone(&self.workspace.model),
            expected: expected
                .filter(|(of, _)| *of == generation && self.view.mode() == Mode::Seamless)
                .map(|(_, expected)| Arc::clone(expected)),
        };
        state.live.ask(Some((question, about)));
    }

    pub(super) fn drain_what_if(&mut self) {
        let answers: Vec<_> = self.what_if.live.drain().collect();
        for answer in answers {
            if self.what_if.asked.as_ref() == Some(&answer.question) {
                self.what_if.asked = None;
            }
            self.what_if.took = answer.took;
            match answer.result {
                Ok(found) => {
                    if !found.names.is_empty() {
                        let words = panes::what_if::outcome(&found, self.view.pinned);
                        let (names, took) = (found.names.join(", "), answer.took.as_millis());
                        self.keeper
                            .log(&format!("What if {names}: {words}; {took} ms"));
                    }
                    self.what_if.answer = Some((answer.question, found));
                }
                Err(text) => self.what_if.error = Some((answer.question, text)),
            }
        }
    }

    /// What the model makes of the changes that are listed, once it has been asked: the latest
    /// answer, and whether it is that of the view as it is.
    #[must_use]
    pub fn what_if_answer(&self) -> Option<(&WhatIf, bool)> {
        let (question, found) = self.what_if.answer.as_ref()?;
        let is_present = question.generation == self.workspace.generation
            && question.contig == self.view.viewport.contig
            && question.strand == self.view.strand
            && question.window == self.what_if_window()
            && question.changes == self.what_if_changes();
        Some((found, is_present))
    }

    /// How long the latest answer took to compute.
    #[must_use]
    pub fn what_if_took(&self) -> Duration {
        self.what_if.took
    }

    pub(super) fn carry_out_what_if(&mut self, command: WhatIfCommand) {
        match command {
            WhatIfCommand::Type(base) => {
                if let Some(at) = self.needed_selection() {
                    let edit = Edit::substitution(at.start, base);
                    if self.change(&Change::Bases(edit)) {
                        let next = (at.start + 1).min(self.contig_length().saturating_sub(1));
                        self.view.selection = Some(Selection {
                            contig: self.view.viewport.contig,
                            interval: Interval::new(next, next + 1),
                        });
                    }
                }
            }
            WhatIfCommand::Replace(text) => {
                if let Some((at, bases)) = self.needed_selection().zip(self.needed_bases(&text)) {
                    let changes = list::replacement(at, bases);
                    changes.iter().all(|change| self.change(change));
                }
            }
            WhatIfCommand::Insert(text) => {
                if let Some((at, bases)) = self.needed_selection().zip(self.needed_bases(&text)) {
                    self.change(&Change::Bases(Edit::insertion(at.start, bases)));
                }
            }
            WhatIfCommand::Delete => {
                if let Some(at) = self.needed_selection() {
                    self.change(&Change::Bases(Edit::deletion(at)));
                }
            }
            WhatIfCommand::Mask => {
                let interval = self.what_if_selection().unwrap_or_else(|| self.shown());
                self.change(&Change::Bases(Edit::Mask { interval }));
            }
            WhatIfCommand::Change(text) => {
                let contig = self.view.viewport.contig;
                match Change::parse(&text, &self.workspace.genome, contig) {
                    Ok(change) => {
                        self.change(&change);
                    }
                    Err(error) => self.notices.add(Weight::Failure, error.to_string()),
                }
            }
            WhatIfCommand::HeadOff(head) => {
                let name = format!("{head}:off");
                if list::is_off(&self.view.what_if, head) {
                    self.view.what_if.retain(|listed| listed.change != name);
                } else {
                    self.change(&Change::HeadOff(head));
                }
            }
            WhatIfCommand::Remove(index) => {
                if index < self.view.what_if.len() {
                    self.view.what_if.remove(index);
                }
            }
            WhatIfCommand::Rename(index, name) => {
                if let Some(listed) = self.view.what_if.get_mut(index) {
                    name.trim().clone_into(&mut listed.name);
                }
            }
            WhatIfCommand::Clear => self.view.what_if.clear(),
            WhatIfCommand::Show(index) => self.show_change(index),
            WhatIfCommand::Panels(panels) => {
                self.view.what_if_panels = panels;
                self.view.saturation = false;
            }
            WhatIfCommand::Saturate => self.saturate(),
            WhatIfCommand::ShowSaturation(shown) => self.view.saturation = shown,
            WhatIfCommand::Export(picture) => {
                let name = picture.file_name().to_owned();
                self.dialogs.ask_save(picture, name);
            }
        }
    }

    /// The mutagenesis that is shown: the chosen one, else the latest with the open model, else the latest.
    #[must_use]
    pub(super) fn shown_saturation(&self) -> Option<Arc<Finding<SaturationMap>>> {
        let all = self.workspace.findings.saturations.all();
        let chosen = self.what_if.chosen_saturation.as_ref().and_then(|chosen| {
            let mut kept = all.iter();
            kept.find(|other| Arc::ptr_eq(other, chosen))
        });
        let latest = || self.workspace.saturation().or_else(|| all.last());
        chosen.or_else(latest).cloned()
    }

    fn saturate(&mut self) {
        let interval = self
            .what_if_selection()
            .filter(|selected| selected.len() > 1);
        let interval = interval.unwrap_or_else(|| self.shown());
        if interval.len() > LONGEST_BP {
            let text = format!(
                "{} bases are too many: zoom in, or select at most {LONGEST_BP}.",
                grouped(interval.len())
            );
            self.notices.add(Weight::Hint, text);
            return;
        }
        let (genome, model) = (
            Arc::clone(&self.workspace.genome),
            Arc::clone(&self.workspace.model),
        );
        let (contig, strand) = (self.view.viewport.contig, self.view.strand);
        let locus = Locus {
            contig,
            interval,
            strand: Some(strand),
        };
        self.view.tab = Tab::WhatIf;
        self.view.saturation = true;
        self.what_if.chosen_saturation = None;
        let background = self.jobs.background();
        let label = format!("Saturation mutagenesis of {interval}");
        self.start_job(label, move |progress, cancel| {
            let work = || saturate(&genome, &model, locus, strand, progress, cancel);
            let result = background.map_or_else(work, |threads| threads.install(work));
            let map = result.map_err(|error| -> JobError {
                match error {
                    MutateError::Variant(VariantError::Cancelled(cancelled)) => cancelled.into(),
                    other => other.into(),
                }
            })?;
            let found = map.with(Table::Saturation);
            Ok(Outcome::Finding(Box::new(found)))
        });
    }

    /// Adds a change to the list and shows the tab; says why where it cannot be made.
    fn change(&mut self, change: &Change) -> bool {
        let contig = self.view.viewport.contig;
        let genome = Arc::clone(&self.workspace.genome);
        self.view.tab = Tab::WhatIf;
        match list::add(&mut self.view.what_if, &genome, contig, change) {
            Ok(()) => true,
            Err(error) => {
                self.notices.add(Weight::Failure, error.to_string());
                false
            }
        }
    }

    fn needed_selection(&mut self) -> Option<Interval> {
        let selected = self.what_if_selection();
        if selected.is_none() {
            self.notices.add(
                Weight::Hint,
                "Select a base first: click its letter, or hold Shift and drag over the genome view.",
            );
        }
        selected
    }

    fn needed_bases(&mut self, text: &str) -> Option<Vec<Base>> {
        let letters = text.bytes().filter(|letter| !letter.is_ascii_whitespace());
        let bases: Option<Vec<Base>> = letters.map(Base::from_ascii).collect();
        let bases = bases.filter(|bases| !bases.is_empty());
        if bases.is_none() {
            let text =
                format!("'{text}' is no stretch of bases: expected letters A, C, G, T or N.");
            self.notices.add(Weight::Failure, text);
        }
        bases
    }

    fn show_change(&mut self, index: usize) {
        let genome = Arc::clone(&self.workspace.genome);
        let listed = self.view.what_if.get(index);
        match listed.and_then(|listed| list::read(listed, &genome)) {
            Some((Some(contig), Change::Bases(edit))) => {
                let interval = edit.interval();
                let half = (self.view.viewport.width_bp() / 2.0).min(150.0);
                let middle = interval.middle() as f64;
                let reach = half.max(interval.len() as f64);
                self.show(contig, middle - reach, middle + reach);
            }
            Some((_, Change::HeadOff(head) | Change::HeadUniform(head))) => {
                self.view.head = (head.layer, head.head);
            }
            _ => self.notices.add(
                Weight::Hint,
                "This change is about a sequence of another genome.",
            ),
        }
    }

    /// Saves what is text of it: the list, the numbers, or the edited sequence.
    pub(super) fn save_what_if_text(&mut self, picture: Picture, path: PathBuf) {
        let label = format!("Saving {}", open::file_name(&path));
        let contig = self.view.viewport.contig;
        let (genome, changes) = (Arc::clone(&self.workspace.genome), self.what_if_changes());
        let (listed, rule) = (self.view.what_if.clone(), self.view.rule);
        let saturation = self.shown_saturation();
        let answer = self
            .what_if
            .answer
            .as_ref()
            .map(|(_, found)| Arc::clone(found));
        self.start_job(label, move |_, _| {
            let failed =
                |error: std::io::Error| format!("{} could not be written: {error}", path.display());
            let mut bytes = Vec::new();
            match picture {
                Picture::EditedFasta => {
                    let contig: &Contig = genome
                        .contigs
                        .get(contig)
                        .ok_or("The view shows a contig that is not open.")?;
                    write_edited_fasta(contig, &changes, &mut bytes).map_err(failed)?;
                }
                Picture::WhatIfTable => {
                    let found =
                        answer.ok_or("There is nothing to save yet: open the What if tab.")?;
                    found.write_table(rule, &mut bytes).map_err(failed)?;
                }
                Picture::Mutations => {
                    let map = saturation.ok_or("There is nothing to save yet.")?;
                    with_provenance(&path, &map, |mut out| map.table.write_table(&mut out))
                        .map_err(failed)?;
                    return Ok(Outcome::Saved(path));
                }
                _ => bytes = list::text(&listed).into_bytes(),
            }
            std::fs::write(&path, bytes).map_err(failed)?;
            Ok(Outcome::Saved(path))
        });
    }

    /// Bases that are typed over selected ones while the tab is open, as commands.
    pub(super) fn typed_bases(&self, ctx: &egui::Context) -> Vec<Command> {
        use egui::{Key, Modifiers};
        let free =
            !ctx.text_edit_focused() && ctx.memory(|memory| memory.top_modal_layer().is_none());
        if self.view.tab != Tab::WhatIf || self.what_if_selection().is_none() || !free {
            return Vec::new();
        }
        let keys = [
            (Key::A, WhatIfCommand::Type(Base::A)),
            (Key::C, WhatIfCommand::Type(Base::C)),
            (Key::G, WhatIfCommand::Type(Base::G)),
            (Key::T, WhatIfCommand::Type(Base::T)),
            (Key::N, WhatIfCommand::Type(Base::N)),
            (Key::M, WhatIfCommand::Mask),
            (Key::Delete, WhatIfCommand::Delete),
            (Key::Backspace, WhatIfCommand::Delete),
        ];
        ctx.input_mut(|input| {
            let pressed = keys.into_iter().filter(|(key, _)| {
                !input.modifiers.any() && input.consume_key(Modifiers::NONE, *key)
            });
            let commands: Vec<Command> = pressed
                .map(|(_, command)| Command::WhatIf(command))
                .collect();
            commands
        })
    }

    /// The selected bases, as the forward strand reads, the longest ones cut short.
    pub(super) fn what_if_selected_text(&self) -> Option<String> {
        const MOST: usize = 24;
        let interval = self.what_if_selection()?;
        let contig = self
            .workspace
            .genome
            .contigs
            .get(self.view.viewport.contig)?;
        let first = Interval::new(interval.start, interval.end.min(interval.start + MOST));
        let bases = base::text(&contig.sequence.bases(first));
        let more = if interval.len() > MOST { "…" } else { "" };
        Some(format!("{interval} {bases}{more}"))
    }

    /// The list of changes.
    #[must_use]
    pub fn what_if_list(&self) -> &[Listed] {
        &self.view.what_if
    }
}
