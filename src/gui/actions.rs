//! Carries out commands: the only place where the window's state changes on request.

use super::app::{App, Closing};
use super::command::{Command, GENOME_JOB, HEADS_JOB, Picture};
use super::notices::Weight;
use super::panes;
use super::preferences::ThemeChoice;
use super::state::{Bookmark, Tab};
use crate::analysis::control::Permutations;
use crate::attention::store::{Statistic, StoreError};
use crate::figure::Theme;
use crate::figure::provenance::Provenance;
use crate::figure::scene::Scene;
use crate::figure::viewport::Viewport;
use crate::genome::{FeatureKind, Interval, Locus};
use crate::job::figure_page::files::save_picture;
use crate::job::figure_page::inside::add_view;
use crate::job::figure_page::{ShownView, Sidecar, sites_checksum};
use crate::job::findings::{self, HeadsRequest};
use crate::job::genome_run::{self, GenomeRun};
use crate::job::{JobError, JobId, Outcome, figure, open, saved};
use crate::model::Mode;
use crate::sites::read::SiteOptions;
use std::path::PathBuf;
use std::sync::Arc;

/// Resolution of a PNG that the window saves.
const PNG_DPI: f32 = 300.0;

impl App {
    #[allow(clippy::too_many_lines, reason = "one arm a command, in one place")]
    pub(super) fn carry_out(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::OpenDialog => self.dialogs.ask_open(),
            Command::TypePath => self.dialogs.type_open(),
            Command::Open(path) => self.waiting_files.push_back((path, SiteOptions::default())),
            Command::OpenWith(path, options) => self.waiting_files.push_back((path, *options)),
            Command::ExportView => self.ask_save(Picture::GenomeView),
            Command::ExportLogo => self.ask_save(Picture::Logo),
            Command::ExportHeads => self.ask_save(Picture::HeadsGrid),
            Command::Save(Picture::Selection, path) => self.save_fasta(path),
            Command::Save(Picture::FigurePage, path) => self.save_figure(path),
            Command::Save(Picture::FigureDescription, path) => self.save_description(path),
            Command::Figure(command) => self.carry_out_figure(command),
            Command::Save(picture, path) if picture.is_table() => self.save_table(picture, path),
            Command::Save(
                picture @ (Picture::WhatIfTable
                | Picture::Mutations
                | Picture::EditList
                | Picture::EditedFasta),
                path,
            ) => self.save_what_if_text(picture, path),
            Command::Save(picture, path) => self.save(picture, path),
            Command::Analysis(asked) => self.carry_out_analysis(asked),
            Command::GoTo(text) => self.go_to(&text),
            Command::Show { contig, start, end } => self.show(contig, start, end),
            Command::Zoom(factor) => {
                let middle = f64::midpoint(self.view.viewport.start, self.view.viewport.end);
                self.view.viewport = self.view.viewport.zoom_at(factor, middle);
            }
            Command::Pan(share) => {
                self.view.viewport = self
                    .view
                    .viewport
                    .pan(share * self.view.viewport.width_bp());
            }
            Command::Home => self.jump_to_edge(0.0),
            Command::End => self.jump_to_edge(1.0),
            Command::NextFeature => self.step_feature(true),
            Command::PreviousFeature => self.step_feature(false),
            Command::Back => {
                if let Some(place) = self.history.back(&self.view.viewport) {
                    self.view.viewport = place;
                }
            }
            Command::Forward => {
                if let Some(place) = self.history.forward(&self.view.viewport) {
                    self.view.viewport = place;
                }
            }
            Command::Search => self.search.focus(),
            Command::SelectHead(head) => self.view.head = (head.layer, head.head),
            Command::SwitchStrand => self.view.strand = self.view.strand.opposite(),
            Command::SummariseHeads => {
                self.heads_wanted = true;
                self.summarise_heads();
            }
            Command::RunGenomeDialog => self.run_dialog.open(),
            Command::RunGenome(statistics, folder) => self.run_genome(statistics, folder),
            Command::CancelJob(id) => {
                self.jobs
                    .running()
                    .iter()
                    .filter(|job| job.id == id)
                    .for_each(|job| job.cancel.cancel());
            }
            Command::SwitchMode => self.view.faithful = !self.view.faithful,
            Command::SwitchTheme => {
                self.preferences.theme = if self.dark {
                    ThemeChoice::Light
                } else {
                    ThemeChoice::Dark
                };
            }
            Command::Undo => {
                if let Some(view) = self.steps.undo(&self.view) {
                    self.view = view;
                }
            }
            Command::Redo => {
                if let Some(view) = self.steps.redo(&self.view) {
                    self.view = view;
                }
            }
            Command::SetRule(rule) => self.view.rule = rule,
            Command::ShowTab(tab) => self.view.tab = tab,
            Command::HideTfs(tfs) => self.view.hidden_tfs = tfs,
            Command::HideHeads(heads) => self.hide_heads(heads),
            Command::Pin(pin) => self.view.pinned = pin,
            Command::Select(selection) => self.view.selection = selection,
            Command::SetTracks(tracks) => self.view.tracks = tracks,
            Command::SetMap(map) => self.view.map = map,
            Command::Bookmark(name) => self.bookmark(name),
            Command::RemoveBookmark(name) => {
                self.view.bookmarks.retain(|bookmark| bookmark.name != name);
            }
            Command::GoToBookmark(name) => self.go_to_bookmark(&name),
            Command::Training(asked) => self.carry_out_training(asked),
            Command::WhatIf(command) => self.carry_out_what_if(command),
            Command::Place(place) => self.carry_out_place(ctx, place),
            Command::ExportMap => self.ask_save(Picture::Map),
            Command::ExportSelection => self.ask_save_fasta(),
            Command::Tour => self.tour_shown = !self.tour_shown,
            Command::Keys => self.keys_shown = !self.keys_shown,
            Command::Sources => self.sources_shown = !self.sources_shown,
            Command::SaveWorkspace => self.save_workspace(),
            Command::SaveWorkspaceAs => self.ask_where_to_save(),
            Command::SaveWorkspaceTo(path) => self.save_workspace_to(path),
            Command::OpenLast => self.open_last(),
            Command::FindFile(index) => self.ask_find(index),
            Command::Relocate(index, path) => self.relocate(index, path),
            Command::OpenRelocated => self.open_relocated(),
            Command::Restore => self.restore(),
            Command::ForgetLeftBehind => self.forget_left_behind(),
            Command::Palette => self.palette.toggle(),
            Command::Settings => self.settings_shown = !self.settings_shown,
            Command::SetTheme(theme) => self.preferences.theme = theme,
            Command::ResetLayout => self.reset_layout(ctx),
            Command::LeftPanel => self.view.left_panel = !self.view.left_panel,
            Command::RightPanel => self.view.right_panel = !self.view.right_panel,
            Command::About => self.about_shown = !self.about_shown,
            Command::Quit => self.close(ctx),
            Command::QuitAnyway => {
                self.jobs.cancel_all();
                self.closing = Closing::Sure;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    pub(super) fn start_job(
        &mut self,
        label: String,
        work: impl FnOnce(
            &crate::progress::Progress,
            &crate::progress::Cancel,
        ) -> Result<Outcome, crate::job::JobError>
        + Send
        + 'static,
    ) -> Option<JobId> {
        match self.jobs.start(label, work) {
            Ok(id) => Some(id),
            Err(error) => {
                let text = format!("The system gives no thread for this work: {error}");
                self.notices.add(Weight::Failure, text);
                None
            }
        }
    }

    pub(super) fn start_opening(&mut self, path: PathBuf, options: SiteOptions) {
        let (genome, name) = (Arc::clone(&self.workspace.genome), open::file_name(&path));
        self.opening = self.start_job(format!("Opening {name}"), move |progress, cancel| {
            saved::open(&path, &genome, &options, progress, cancel)
        });
    }

    fn ask_save(&mut self, picture: Picture) {
        self.dialogs
            .ask_save(picture, picture.file_name().to_owned());
    }

    fn save(&mut self, picture: Picture, path: PathBuf) {
        let scene: Option<Scene> = match picture {
            Picture::GenomeView => self.genome_pane.export_scene(),
            Picture::Logo => panes::selected::logo_scene(self),
            Picture::HeadsGrid => panes::heads::export_scene(self),
            Picture::Map => panes::map::export_scene(self),
            Picture::Comparison => panes::compare::export_scene(self),
            Picture::Evaluation => panes::evaluation::export_scene(self),
            Picture::Similarity => panes::similar::export_scene(self),
            Picture::WhatIf => panes::what_if::export_scene(self),
            Picture::Saturation => panes::saturation::export_scene(self),
            _ => None,
        };
        let Some(scene) = scene else {
            self.notices.add(
                Weight::Hint,
                "There is nothing to save yet: profiles and logos are computed first (Analyse menu), the attention map \
                 when its tab is open.",
            );
            return;
        };
        // A finding says itself of which model and genome it is: another one may be open by now.
        let (found, view) = (self.provenance_of(picture), self.shown_view());
        let mut provenance = found.unwrap_or_else(|| self.provenance());
        add_view(&mut provenance, &view);
        let sidecar = Sidecar::new(&provenance, vec![view], None);
        let label = format!("Saving {}", open::file_name(&path));
        self.start_job(label, move |progress, cancel| {
            let beside = (&provenance, Some(&sidecar));
            save_picture(&scene, &path, PNG_DPI, beside, progress, cancel)?;
            Ok(Outcome::Saved(path))
        });
    }

    /// What the finding behind a picture was made of; `None` for a picture of the view.
    fn provenance_of(&self, picture: Picture) -> Option<Provenance> {
        match picture {
            Picture::Comparison => {
                let found = self.compare_pane.chosen(&self.workspace)?;
                Some(found.provenance.clone())
            }
            Picture::Evaluation => {
                let found = panes::evaluation::chosen(self)?;
                Some(found.provenance.clone())
            }
            Picture::Similarity => Some(self.workspace.redundancy()?.provenance.clone()),
            Picture::Saturation => Some(self.shown_saturation()?.provenance.clone()),
            _ => None,
        }
    }

    /// What the window shows, for the file beside a picture.
    fn shown_view(&self) -> ShownView {
        let contigs = &self.workspace.genome.contigs;
        let contig = contigs.get(self.view.viewport.contig);
        let locus = contig.map(|contig| figure::locus_text(contig, self.shown()));
        let pinned = self.view.pinned.filter(|pin| {
            pin.contig == self.view.viewport.contig && pin.strand == self.view.strand
        });
        let theme = if self.dark { Theme::Dark } else { Theme::Light };
        ShownView {
            rule: self.view.rule,
            head: Some(self.view.head_id()),
            hidden_tfs: self.view.hidden_tfs.iter().cloned().collect(),
            query: pinned.map(|pin| pin.query + 1),
            ..ShownView::new(locus.unwrap_or_default(), self.view.strand, theme)
        }
    }

    fn provenance(&self) -> Provenance {
        let (genome, model) = (&self.workspace.genome, &self.workspace.model);
        let locus = genome
            .contigs
            .get(self.view.viewport.contig)
            .map(|contig| figure::locus_text(contig, self.shown()));
        let mut provenance = figure::view_provenance(
            genome,
            model,
            locus.unwrap_or_default(),
            self.view.strand,
            self.view.rule,
            self.view.mode(),
        );
        for set in &self.workspace.sites {
            provenance.add("sites", set.name.as_str());
            provenance.add("sites sha256", sites_checksum(set));
        }
        provenance
    }

    pub(super) fn go_to(&mut self, text: &str) {
        match self.workspace.find(text) {
            Ok(locus) => self.show_locus(locus),
            Err(error) => self.notices.add(Weight::Failure, error.to_string()),
        }
    }

    /// Gives panels and windows their first sizes and places.
    fn reset_layout(&mut self, ctx: &egui::Context) {
        ctx.memory_mut(|memory| {
            memory.reset_areas();
            memory
                .data
                .remove_by_type::<egui::containers::panel::PanelState>();
        });
        self.view.left_panel = true;
        self.view.right_panel = true;
    }

    /// Gives what is shown (or the selected stretch) a name.
    fn bookmark(&mut self, name: Option<String>) {
        let selected = self.view.selection;
        let (contig, interval) = selected.map_or_else(
            || (self.view.viewport.contig, self.shown()),
            |selection| (selection.contig, selection.interval),
        );
        let Some(contig) = self.workspace.genome.contigs.get(contig) else {
            return;
        };
        let name = name.map(|name| name.trim().to_owned());
        let name = name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| figure::locus_text(contig, interval));
        self.view.add_bookmark(Bookmark {
            name,
            contig: contig.name.clone(),
            interval,
        });
    }

    fn go_to_bookmark(&mut self, name: &str) {
        let Some(bookmark) = self.view.bookmarks.iter().find(|other| other.name == name) else {
            return;
        };
        let (contig, interval) = (bookmark.contig.clone(), bookmark.interval);
        if let Some(contig) = self.workspace.genome.contig_index(&contig) {
            self.show(contig, interval.start as f64, interval.end as f64);
        } else {
            let text = format!("The open genome has no sequence {contig}, where {name} lies.");
            self.notices.add(Weight::Failure, text);
        }
    }

    fn show_locus(&mut self, locus: Locus) {
        if let Some(strand) = self.forced_strand.take().or(locus.strand) {
            self.view.strand = strand;
        }
        let (start, end) = figure::surroundings(&locus, &self.workspace.features);
        self.show(locus.contig, start, end);
    }

    pub(super) fn show(&mut self, contig: usize, start: f64, end: f64) {
        let Some(length_bp) = self
            .workspace
            .genome
            .contigs
            .get(contig)
            .map(crate::genome::Contig::len)
        else {
            return;
        };
        self.history.leave(self.view.viewport);
        self.view.viewport = Viewport::new(contig, length_bp, start, end);
    }

    fn jump_to_edge(&mut self, share: f64) {
        let room = (self.contig_length() as f64 - self.view.viewport.width_bp()).max(0.0);
        let (start, width) = (share * room, self.view.viewport.width_bp());
        self.show(self.view.viewport.contig, start, start + width);
    }

    pub(super) fn contig_length(&self) -> usize {
        self.workspace
            .genome
            .contigs
            .get(self.view.viewport.contig)
            .map_or(0, crate::genome::Contig::len)
    }

    fn step_feature(&mut self, forward: bool) {
        let middle = f64::midpoint(self.view.viewport.start, self.view.viewport.end);
        let features = Arc::clone(&self.workspace.features);
        let genes = features.all().iter().filter(|f| {
            f.contig() == self.view.viewport.contig
                && matches!(f.kind, FeatureKind::Gene | FeatureKind::Tss)
        });
        let distance =
            |interval: Interval| f64::midpoint(interval.start as f64, interval.end as f64) - middle;
        let next = if forward {
            genes
                .filter(|f| distance(f.interval) > 1.0)
                .min_by(|a, b| distance(a.interval).total_cmp(&distance(b.interval)))
        } else {
            genes
                .filter(|f| distance(f.interval) < -1.0)
                .max_by(|a, b| distance(a.interval).total_cmp(&distance(b.interval)))
        };
        if let Some(feature) = next {
            let shift = distance(feature.interval);
            self.show(
                self.view.viewport.contig,
                self.view.viewport.start + shift,
                self.view.viewport.end + shift,
            );
        }
    }

    /// What a run over the whole genome with these statistics is.
    pub(super) fn genome_run(&self, statistics: Vec<Statistic>) -> GenomeRun {
        GenomeRun {
            genome: Arc::clone(&self.workspace.genome),
            model: Arc::clone(&self.workspace.model),
            mode: self.view.mode(),
            statistics,
            anchors: self.workspace.anchors.clone(),
        }
    }

    fn run_genome(&mut self, statistics: Vec<Statistic>, folder: PathBuf) {
        let run = self.genome_run(statistics);
        let (background, name) = (self.jobs.background(), open::file_name(&folder));
        self.start_job(format!("{GENOME_JOB} {name}"), move |progress, cancel| {
            let work = || run.start(&folder, progress, cancel);
            let result = background.map_or_else(work, |threads| threads.install(work));
            let folder = result.map_err(|error| -> JobError {
                match error {
                    StoreError::Cancelled(cancelled) => cancelled.into(),
                    other => other.into(),
                }
            })?;
            let overview = Box::new(genome_run::open_overview(&folder)?);
            let file = saved::OpenFile::new(&folder, SiteOptions::default(), cancel)?;
            Ok(Outcome::Opened {
                file: Box::new(file),
                outcome: Box::new(Outcome::Overview { name, overview }),
            })
        });
        self.view.tab = Tab::Jobs;
    }

    pub(super) fn summarise_heads(&mut self) {
        let generation = self.workspace.heads_generation;
        self.heads_asked_for = generation;
        let request = HeadsRequest {
            genome: Arc::clone(&self.workspace.genome),
            model: Arc::clone(&self.workspace.model),
            anchors: self.workspace.anchors.clone(),
            predicted: findings::PREDICTED,
            permutations: Permutations::default(),
            mode: Mode::Seamless,
        };
        let background = self.jobs.background();
        self.start_job(HEADS_JOB.to_owned(), move |progress, cancel| {
            let work = || findings::summarise(&request, progress, cancel);
            let result = background.map_or_else(work, |threads| threads.install(work))?;
            Ok(Outcome::Heads {
                generation,
                result: Box::new(result),
            })
        });
        if self.screenshot.is_none() && self.workspace.heads.is_some() {
            self.view.tab = Tab::Heads;
        }
    }
}
