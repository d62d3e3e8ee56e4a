//! The window's program: `logic` drains and applies, `ui` only draws and collects commands.

use super::asked::Asked;
use super::canvas::Canvas;
use super::command::{self, Command, HEADS_JOB};
use super::dialogs::{self, Dialogs};
use super::history::History;
use super::keeper::Keeper;
use super::notices::{Notices, Weight};
use super::palette::{self, Palette};
use super::panes;
use super::panes::jobs::Ended;
use super::preferences::{Preferences, ThemeChoice};
use super::saving::Kept;
use super::screenshot::{Saved, Screenshot};
use super::search::SearchBox;
use super::state::{Remembered, View};
use super::theme;
use super::undo::Steps;
use crate::attention::block::AttentionBlock;
use crate::attention::expected::Expected;
use crate::figure::viewport::Viewport;
use crate::job::live::{Computed, Live, MapKey};
use crate::job::{End, JobId, Jobs, Outcome};
use crate::sites::read::SiteOptions;
use crate::workspace::{Pages, Workspace};
use std::collections::VecDeque;
use std::sync::Arc;

/// What the command line asked the window to do.
#[derive(Clone, Debug, Default)]
pub struct ViewOptions {
    /// Files to open, in this order.
    pub files: Vec<std::path::PathBuf>,
    /// How sites and tables among them are read.
    pub sites: SiteOptions,
    /// Other names of sequences: `(own, other)`.
    pub aliases: Vec<(String, String)>,
    /// Where to go first.
    pub locus: Option<String>,
    /// Size of the window in points.
    pub size: Option<[f32; 2]>,
    /// Pixels a point, over what the system asks for.
    pub scale: Option<f32>,
    /// Dark or light; what was used last where it is not given.
    pub dark: Option<bool>,
    /// Tab to show below the genome view.
    pub tab: Option<super::state::Tab>,
    /// Rule of the head rows.
    pub rule: Option<crate::attention::Received>,
    /// Analyses to start, one after the other, once everything is open.
    pub analyses: Vec<crate::job::analyse::Analysis>,
    /// Changes of bases and heads to make once the first place is shown.
    pub changes: Vec<String>,
    /// Head to select.
    pub head: Option<crate::attention::HeadId>,
    /// Strand to read; the gene's own where it is not given.
    pub strand: Option<crate::genome::Strand>,
    /// Do not start the heads job by itself once the view has settled.
    pub without_heads: bool,
    /// Where to save a picture of the window once it has settled; then it closes.
    pub screenshot: Option<std::path::PathBuf>,
    /// Where the window keeps its log and its latest state; nowhere where it is not given.
    pub data_folder: Option<std::path::PathBuf>,
}

/// Whether the window is to be closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// No.
    #[default]
    No,
    /// Somebody has to say first what becomes of running work.
    Asked,
    /// Yes, whatever runs.
    Sure,
}

/// Bases that are shown first of a genome that was opened.
const FIRST_VIEW_BP: f64 = 5_000.0;

/// Sites as the view shows them, with what they were made from: what is open, and which factors are hidden.
type ShownSitesOf = (
    (u64, std::collections::BTreeSet<String>),
    Arc<crate::job::figure::ShownSites>,
);

/// Something that is kept so that it need not be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cache {
    /// What it is, and in what it is counted.
    pub name: &'static str,
    /// How much is kept.
    pub held: usize,
    /// How much may be.
    pub budget: usize,
}

/// Tab, rule of the head rows and head, as far as they were asked for.
type GivenView = (
    Option<super::state::Tab>,
    Option<crate::attention::Received>,
    Option<crate::attention::HeadId>,
);

/// Everything alive in the window.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent switches of windows that are shown or not"
)]
pub struct App {
    pub(super) workspace: Workspace,
    pub(super) view: View,
    pub(super) preferences: Preferences,
    /// Whether the theme that is shown is the dark one.
    pub(super) dark: bool,
    pub(super) steps: Steps,
    pub(super) history: History,
    pub(super) pages: Pages,
    pub(super) map: Option<(MapKey, Arc<AttentionBlock>)>,
    /// The attention of the pinned query.
    pub(super) pin: Option<(MapKey, Arc<AttentionBlock>)>,
    pub(super) shown_sites: Option<ShownSitesOf>,
    /// The hit of the pattern of bases that was shown last.
    pub(super) hit: Option<usize>,
    pub(super) hit_moved: bool,
    /// Where the frame of the minimap was taken, in bases from its middle.
    pub(super) minimap_grip: Option<f64>,
    pub(super) table_shown: Option<super::table::TableKind>,
    pub(super) explained: Option<panes::explain::Topic>,
    pub(super) lists: panes::open::Lists,
    pub(super) expected: Option<(u64, Arc<Expected>)>,
    pub(super) jobs: Jobs,
    pub(super) live: Live,
    pub(super) what_if: super::what_if::WhatIfState,
    pub(super) figure: super::figure_page::FigureState,
    pub(super) missing: usize,
    /// The view in which the model failed: it is not tried again until the view changes.
    pub(super) failed_view: Option<(u64, Viewport)>,
    frames: u64,
    pub(super) canvas: Canvas,
    pub(super) notices: Notices,
    pub(super) search: SearchBox,
    pub(super) dialogs: Dialogs,
    pub(super) asked: Asked,
    pub(super) commands: Vec<Command>,
    pub(super) tour_shown: bool,
    pub(super) keys_shown: bool,
    pub(super) sources_shown: bool,
    pub(super) heads_asked_for: u64,
    /// Whether somebody asked for the heads job that runs.
    pub(super) heads_wanted: bool,
    pub(super) run_dialog: panes::run::RunDialog,
    pub(super) analyse_dialog: panes::analyse::AnalyseDialog,
    pub(super) compare_pane: panes::compare::ComparePane,
    pub(super) novel_pane: panes::novel::NovelPane,
    pub(super) heads_pane: panes::head_list::HeadsPane,
    pub(super) exact_pane: panes::exact::ExactPane,
    pub(super) similar_pane: panes::similar::SimilarPane,
    pub(super) training_pane: panes::training::TrainingPane,
    pub(super) evaluation_pane: panes::evaluation::EvaluationPane,
    /// Analyses still to be started.
    pub(super) waiting_analyses: Vec<crate::job::analyse::Analysis>,
    pub(super) genome_pane: panes::genome::GenomePane,
    pub(super) map_pane: panes::map::MapPane,
    pub(super) screenshot: Option<Screenshot>,
    /// Files still to be opened, one after the other: each is read on what the ones before have opened.
    pub(super) waiting_files: VecDeque<(std::path::PathBuf, SiteOptions)>,
    pub(super) opening: Option<JobId>,
    pub(super) waiting_locus: Option<String>,
    waiting_changes: Vec<String>,
    /// The place that the command line named, which goes before that of a workspace.
    pub(super) given_locus: Option<String>,
    /// The tab, rule and head that the command line asked for: they go before those of a workspace.
    pub(super) given_view: Option<GivenView>,
    pub(super) palette: Palette,
    /// Whether a text field had the focus at the end of the frame before.
    typed_in: bool,
    pub(super) settings_shown: bool,
    /// The size while its slider is dragged.
    pub(super) settings_scale: Option<f32>,
    /// The size that the last frame asked for.
    scale: Option<f32>,
    pub(super) about_shown: bool,
    pub(super) keeper: Keeper,
    pub(super) kept: Kept,
    pub(super) closing: Closing,
    pub(super) ended: Ended,
    /// The report of a panic, while it is shown.
    pub(super) failure: Option<String>,
    without_heads: bool,
    pub(super) forced_strand: Option<crate::genome::Strand>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("view", &self.view)
            .finish_non_exhaustive()
    }
}

impl App {
    /// A window's program on `workspace`. `remembered` is what the window showed last, and what its user prefers.
    ///
    /// # Errors
    /// When the system gives no thread for the model.
    #[allow(clippy::too_many_lines, reason = "one field a line")]
    pub fn new(
        ctx: &egui::Context,
        mut workspace: Workspace,
        remembered: Remembered,
        options: ViewOptions,
        saved: Saved,
    ) -> std::io::Result<Self> {
        theme::install(ctx);
        let Remembered {
            mut view,
            mut preferences,
        } = remembered;
        if let Some(scale) = options.scale {
            preferences.ui_scale = scale;
        }
        let keeper = Keeper::start(options.data_folder);
        let kept = Kept::new(keeper.left_behind());
        keeper.log(concat!("Headlight ", env!("CARGO_PKG_VERSION"), " starts"));
        for (name, alias) in &options.aliases {
            workspace.add_alias(name, alias);
        }
        if let Some(dark) = options.dark {
            preferences.theme = if dark {
                ThemeChoice::Dark
            } else {
                ThemeChoice::Light
            };
        }
        view.tab = options.tab.unwrap_or(view.tab);
        view.rule = options.rule.unwrap_or(view.rule);
        view.head = options
            .head
            .map_or(view.head, |head| (head.layer, head.head));
        // Before the first frame, in which panels find their sizes.
        ctx.set_zoom_factor(preferences.usable_scale());
        view.keep_head_within(workspace.model.head_shape());
        view.keep_within(&workspace.genome);
        let wake: Arc<dyn Fn() + Send + Sync> = {
            let ctx = ctx.clone();
            Arc::new(move || ctx.request_repaint())
        };
        let mut jobs = Jobs::new(Arc::clone(&wake));
        jobs.set_threads(preferences.threads);
        let length_bp = workspace
            .genome
            .contigs
            .first()
            .map_or(1, crate::genome::Contig::len);
        view.viewport = Viewport::new(0, length_bp, 0.0, FIRST_VIEW_BP);
        let app = Self {
            history: History::default(),
            pages: Pages::default(),
            map: None,
            pin: None,
            shown_sites: None,
            hit: None,
            hit_moved: false,
            minimap_grip: None,
            table_shown: None,
            explained: None,
            lists: panes::open::Lists::default(),
            expected: None,
            jobs,
            live: Live::start(Arc::clone(&wake))?,
            what_if: super::what_if::WhatIfState::start(Arc::clone(&wake))?,
            figure: super::figure_page::FigureState::start(wake)?,
            missing: 0,
            failed_view: None,
            frames: 0,
            canvas: Canvas::default(),
            notices: Notices::default(),
            search: SearchBox::default(),
            dialogs: Dialogs::default(),
            asked: Asked::default(),
            commands: Vec::new(),
            tour_shown: false,
            keys_shown: false,
            sources_shown: false,
            heads_asked_for: 0,
            heads_wanted: false,
            run_dialog: panes::run::RunDialog::default(),
            analyse_dialog: panes::analyse::AnalyseDialog::default(),
            compare_pane: panes::compare::ComparePane::default(),
            novel_pane: panes::novel::NovelPane::default(),
            heads_pane: panes::head_list::HeadsPane::default(),
            exact_pane: panes::exact::ExactPane::default(),
            similar_pane: panes::similar::SimilarPane::default(),
            training_pane: panes::training::TrainingPane::default(),
            evaluation_pane: panes::evaluation::EvaluationPane::default(),
            waiting_analyses: options.analyses,
            genome_pane: panes::genome::GenomePane::default(),
            map_pane: panes::map::MapPane::default(),
            screenshot: options.screenshot.map(|path| Screenshot::new(path, saved)),
            waiting_files: options
                .files
                .into_iter()
                .map(|path| (path, options.sites.clone()))
                .collect(),
            opening: None,
            given_locus: options.locus.clone(),
            given_view: Some((options.tab, options.rule, options.head)),
            waiting_locus: Some(options.locus.unwrap_or_else(|| "lacZ".to_owned())),
            waiting_changes: options.changes,
            palette: Palette::default(),
            typed_in: false,
            settings_shown: false,
            settings_scale: None,
            scale: None,
            about_shown: false,
            keeper,
            kept,
            closing: Closing::No,
            ended: Ended::default(),
            failure: None,
            forced_strand: options.strand,
            without_heads: options.without_heads,
            workspace,
            view,
            preferences,
            dark: false,
            steps: Steps::default(),
        };
        Ok(app)
    }

    /// Sets fonts, spacing and colours of a context that this program will draw into.
    pub fn install(ctx: &egui::Context) {
        theme::install(ctx);
    }

    /// Carries out what has come in since the last frame. Draws nothing.
    pub fn logic(&mut self, ctx: &egui::Context) {
        self.guarded(ctx, |app| app.unguarded_logic(ctx));
    }

    fn unguarded_logic(&mut self, ctx: &egui::Context) {
        ctx.set_theme(self.preferences.theme);
        self.dark = ctx.theme() == egui::Theme::Dark;
        // Ctrl with + and − sizes the window by itself.
        let shown = ctx.zoom_factor();
        if self
            .scale
            .is_some_and(|scale| scale.to_bits() != shown.to_bits())
        {
            self.preferences.ui_scale = shown;
        }
        let scale = self.preferences.usable_scale();
        ctx.set_zoom_factor(scale);
        self.scale = Some(scale);
        self.canvas.begin_frame();
        self.frames += 1;
        self.drain_jobs();
        self.drain_model();
        self.drain_what_if();
        self.drain_figure();
        self.open_waiting();
        self.start_waiting_analyses();
        self.commands.extend(self.typed_bases(ctx));
        self.commands.extend(command::pressed(ctx));
        self.commands
            .extend(self.dialogs.answers(&mut self.notices));
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        let dropped = dropped.iter().map(|file| file.path().to_owned());
        self.commands
            .extend(dialogs::in_order(dropped.collect()).map(Command::Open));
        let time = ctx.input(|input| input.time);
        for command in std::mem::take(&mut self.commands) {
            if command.is_gesture() {
                self.carry_out(ctx, command);
            } else {
                self.steps.end_step(time, &self.view);
                self.carry_out(ctx, command);
                self.steps.end_step(time, &self.view);
            }
        }
        self.steps.see(time, &self.view);
        if self.steps.is_in_gesture() {
            ctx.request_repaint_after(std::time::Duration::from_secs_f32(super::undo::GESTURE_S));
        }
        self.want_what_is_shown();
        self.want_what_if();
        self.want_figure(ctx);
        self.watch_training(ctx);
        if ctx.input(|input| input.viewport().close_requested()) {
            self.close(ctx);
        }
        self.keep(ctx);
        let settled = self.is_settled();
        if let Some(screenshot) = &mut self.screenshot {
            screenshot.step(ctx, !settled);
        }
        if !self.jobs.running().is_empty() {
            ctx.request_repaint_after(std::time::Duration::from_millis(200));
        }
    }

    /// Asks for something, as a menu or a key would; it is carried out with the next frame.
    pub fn send(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// What is open.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// What is shown.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What the user prefers.
    #[must_use]
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// The place that is shown.
    #[must_use]
    pub fn viewport(&self) -> Viewport {
        self.view.viewport
    }

    /// Everything that is kept so that it need not be made again, and how much of it may be.
    #[must_use]
    pub fn caches(&self) -> Vec<Cache> {
        let maps = [&self.map, &self.pin].into_iter().flatten();
        let weights = |block: &AttentionBlock| block.heads * block.queries * block.context;
        let maps = maps.map(|(_, block)| size_of::<f32>() * weights(block));
        let (places, most_places) = self.history.kept();
        let cache = |name, held, budget| Cache { name, held, budget };
        vec![
            cache(
                "computed pages, bytes",
                self.pages.bytes(),
                Pages::BUDGET_BYTES,
            ),
            cache(
                "attention maps, bytes",
                maps.sum(),
                super::wants::MAP_BUDGET_BYTES,
            ),
            cache(
                "textures, bytes",
                self.canvas.texture_bytes(),
                Canvas::BUDGET_BYTES,
            ),
            cache("places behind and ahead", places, most_places),
        ]
    }

    /// The genome view as it was last drawn.
    #[must_use]
    pub fn genome_scene(&self) -> Option<crate::figure::scene::Scene> {
        self.genome_pane.export_scene()
    }

    /// What the window tells the user at the moment, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        self.notices
            .shown()
            .iter()
            .map(|notice| notice.text.clone())
            .collect()
    }

    /// Whether a file waits for somebody to say how it is to be read.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.asked.is_open()
    }

    /// Whether everything that the view shows has been computed.
    #[must_use]
    pub fn is_view_complete(&self) -> bool {
        self.missing == 0
            && self.waiting_files.is_empty()
            && self.waiting_locus.is_none()
            && !self.kept.is_restoring()
            && self.frames > 2
    }

    /// Whether nothing is left to compute, to open or to show.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.missing == 0
            && self.jobs.running().is_empty()
            && self.waiting_files.is_empty()
            && self.waiting_locus.is_none()
            && !self.kept.is_restoring()
            && self.waiting_analyses.is_empty()
            && !self.wants_heads()
    }

    /// Whether the heads job is still to be started for this genome and model.
    fn wants_heads(&self) -> bool {
        !self.without_heads && self.heads_asked_for != self.workspace.heads_generation
    }

    fn drain_jobs(&mut self) {
        for (job, end) in self.jobs.drain() {
            let line = self.ended.add(&job, &end);
            self.keeper.log(&line);
            self.opening.take_if(|opening| *opening == job.id);
            self.see_training_end(&job, &end);
            if matches!(end, End::Finished(_)) {
                self.analyse_dialog.learn(&job.label, job.started.elapsed());
            }
            match end {
                End::Finished(outcome) => {
                    let genome = &self.workspace.genome;
                    match *outcome {
                        Outcome::SitesInDoubt(doubt) => {
                            self.asked.doubt(*doubt);
                            continue;
                        }
                        Outcome::Workspace(found) => {
                            self.take_workspace(*found);
                            continue;
                        }
                        Outcome::Figure(opened) => {
                            self.take_figure(*opened);
                            continue;
                        }
                        Outcome::TrainingRun(folder) => {
                            self.carry_out_training(super::training::Train::Watch(folder));
                            continue;
                        }
                        Outcome::SavedWorkspace(path) => {
                            self.has_saved(path);
                            continue;
                        }
                        Outcome::UnknownTable(table) => {
                            self.asked.table(*table, &self.preferences, genome);
                            continue;
                        }
                        _ => {}
                    }
                    let checksum = genome.checksum.clone();
                    let before = (self.workspace.generation, self.workspace.heads_generation);
                    let restored = matches!(*outcome, Outcome::Findings(..));
                    if let Outcome::Findings(_, words) = &*outcome {
                        self.has_opened_findings(words.as_deref());
                    }
                    if let Some(text) = self.workspace.apply(*outcome) {
                        self.notices.add(Weight::Done, text);
                    }
                    if self.workspace.generation != before.0 {
                        self.start_over();
                    }
                    if checksum != self.workspace.genome.checksum {
                        self.asked.clear();
                        let first = self.workspace.genome.contigs.first();
                        let length_bp = first.map_or(1, crate::genome::Contig::len);
                        self.view.viewport = Viewport::new(0, length_bp, 0.0, FIRST_VIEW_BP);
                        self.view.keep_within(&self.workspace.genome);
                        self.steps = Steps::default();
                    }
                    if self.workspace.heads_generation != before.1 {
                        self.cancel_heads();
                    }
                    if restored && self.workspace.heads.is_some() {
                        self.heads_asked_for = self.workspace.heads_generation;
                    }
                }
                End::Failed(text) => self.notices.add(Weight::Failure, text),
                End::Cancelled => self
                    .notices
                    .add(Weight::Hint, format!("Stopped: {}", job.label)),
            }
        }
    }

    /// Stops a heads job whose genome, model or start sites are no longer open.
    fn cancel_heads(&self) {
        let stale = self
            .jobs
            .running()
            .iter()
            .filter(|job| job.label == HEADS_JOB);
        stale.for_each(|job| job.cancel.cancel());
    }

    /// Names genome, model and mode of what is computed for the view.
    pub(super) fn view_generation(&self) -> u64 {
        2 * self.workspace.generation + u64::from(self.view.faithful)
    }

    /// Forgets what belongs to the genome or model before.
    pub(super) fn start_over(&mut self) {
        self.pages.clear();
        self.map = None;
        self.pin = None;
        self.expected = None;
        self.hit = None;
        self.view
            .keep_head_within(self.workspace.model.head_shape());
        self.history = History::default();
        self.steps = Steps::default();
    }

    fn drain_model(&mut self) {
        let computed: Vec<Computed> = self.live.drain().collect();
        for computed in computed {
            match computed {
                Computed::Page(key, page) if key.generation == self.view_generation() => {
                    self.pages.insert(key, page);
                }
                Computed::Map(key, block) if key.generation == self.view_generation() => {
                    if self.is_pin(&key) {
                        self.pin = Some((key, block));
                    } else {
                        self.map = Some((key, block));
                    }
                }
                Computed::Expected(generation, expected)
                    if generation == self.view_generation() =>
                {
                    self.expected = Some((generation, expected));
                }
                Computed::Failed(text) => {
                    self.failed_view = Some((self.view_generation(), self.view.viewport));
                    self.notices.add(Weight::Failure, text);
                }
                _ => {}
            }
        }
    }

    /// Opens waiting files one after the other, then goes to the first place, then asks for the heads.
    fn open_waiting(&mut self) {
        if self.opening.is_some() {
            return;
        }
        if let Some((path, options)) = self.waiting_files.pop_front() {
            self.start_opening(path, options);
        } else if self.kept.is_restoring() {
            self.finish_restoring();
        } else if let Some(text) = self.waiting_locus.take() {
            if self.workspace.find(&text).is_ok() || self.screenshot.is_some() {
                self.go_to(&text);
            }
            // The command line has had its say: a workspace that is opened later shows its own view.
            self.given_locus = None;
            self.given_view = None;
            // Nobody asked for what was there before.
            self.history = History::default();
            self.steps = Steps::default();
            let changes = std::mem::take(&mut self.waiting_changes).into_iter();
            let change = |text| Command::WhatIf(super::what_if::WhatIfCommand::Change(text));
            self.commands.extend(changes.map(change));
        } else if self.wants_heads() && self.missing == 0 && self.jobs.running().is_empty() {
            self.heads_wanted = false;
            self.summarise_heads();
        }
    }

    /// Jobs that somebody asked for: closing stops those only when it is said so.
    pub(super) fn asked_jobs(&self) -> impl Iterator<Item = &str> {
        let running = self.jobs.running().iter();
        let by_itself = |label: &str| label == HEADS_JOB && !self.heads_wanted;
        running
            .map(|job| job.label.as_str())
            .filter(move |label| !by_itself(label))
    }

    /// Closes the window, or asks first what becomes of running work.
    pub(super) fn close(&mut self, ctx: &egui::Context) {
        let waits = self.closing != Closing::Sure
            && self.screenshot.is_none()
            && self.asked_jobs().next().is_some();
        if waits {
            self.closing = Closing::Asked;
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            return;
        }
        self.jobs.cancel_all();
        if self.closing != Closing::Sure {
            self.closing = Closing::Sure;
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    /// Whether the report of a panic is shown.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Whether the window is closing.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closing == Closing::Sure
    }

    /// The workspace file that is open.
    #[must_use]
    pub fn workspace_file(&self) -> Option<&std::path::Path> {
        self.kept.file.as_deref()
    }

    /// Draws the window.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        if self.failure_ui(ui) {
            return;
        }
        let ctx = ui.ctx().clone();
        self.guarded(&ctx, |app| app.unguarded_ui(ui));
    }

    /// Closes the window that was opened last over the others, unless something else takes the key.
    fn close_by_escape(&mut self, ctx: &egui::Context) {
        // The key leaves a field first: by now it has lost the focus that it had.
        let is_taken = self.palette.open
            || self.typed_in
            || egui::Popup::is_any_open(ctx)
            || ctx.memory(|memory| memory.top_modal_layer().is_some());
        if is_taken || !ctx.input(|input| input.key_pressed(egui::Key::Escape)) {
            return;
        }
        let windows = [
            &mut self.about_shown,
            &mut self.settings_shown,
            &mut self.sources_shown,
            &mut self.keys_shown,
            &mut self.tour_shown,
        ];
        if let Some(shown) = windows.into_iter().find(|shown| **shown) {
            *shown = false;
        } else if self.explained.take().is_none() && self.table_shown.take().is_none() {
            self.asked.leave();
        }
    }

    fn unguarded_ui(&mut self, ui: &mut egui::Ui) {
        self.close_by_escape(ui.ctx());
        panes::bar::show(self, ui);
        panes::below::show(self, ui);
        if self.view.left_panel {
            panes::open::show(self, ui);
        }
        let right = ui.available_rect_before_wrap().right_bottom();
        if self.view.right_panel {
            panes::selected::show(self, ui);
        }
        let centre = ui.available_rect_before_wrap();
        panes::genome::show(self, ui);
        self.dialogs.show(ui.ctx(), &mut self.commands);
        let genome = Arc::clone(&self.workspace.genome);
        self.asked
            .show(ui.ctx(), &genome, &mut self.preferences, &mut self.commands);
        panes::run::show(self, ui.ctx());
        panes::figure::show(self, ui.ctx());
        panes::analyse::show(self, ui.ctx());
        panes::tables::show(self, ui.ctx());
        panes::explain::show(self, ui.ctx());
        panes::tour::show(&mut self.tour_shown, ui.ctx(), &mut self.commands);
        panes::keys::show(&mut self.keys_shown, ui.ctx());
        panes::sources::show(&mut self.sources_shown, ui.ctx());
        panes::settings::show(self, ui.ctx());
        panes::about::show(self, ui.ctx());
        palette::show(self, ui.ctx());
        panes::start::left_behind(self, ui.ctx());
        panes::start::closing(self, ui.ctx());
        panes::start::dropping(ui.ctx());
        // At the lower end of the panel on the right they cover neither its title nor the genome view.
        let (pivot, corner) = if self.view.right_panel {
            (egui::Align2::RIGHT_BOTTOM, right - egui::vec2(8.0, 4.0))
        } else {
            let below = panes::minimap::HEIGHT_PT + 32.0;
            let corner = centre.right_top() + egui::vec2(-12.0, below);
            (egui::Align2::RIGHT_TOP, corner)
        };
        self.notices.show(ui.ctx(), pivot, corner);
        self.typed_in = ui.ctx().text_edit_focused();
        if !self.commands.is_empty() {
            ui.ctx().request_repaint();
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        Self::logic(self, ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        Self::ui(self, ui);
        for page in super::browser::clicked(ui.ctx()) {
            if let Err(text) = super::browser::open(&page) {
                self.notices.add(super::notices::Weight::Failure, text);
            }
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.finish_training();
        self.finish_keeping();
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw_input: &mut egui::RawInput) {
        // Where the pointer happens to be is not part of a picture.
        if self.screenshot.is_some() {
            raw_input
                .events
                .retain(|event| !matches!(event, egui::Event::PointerMoved(_)));
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        let remembered = Remembered {
            view: self.view.clone(),
            preferences: self.preferences.clone(),
        };
        eframe::set_value(storage, super::STATE_KEY, &remembered);
    }
}
