//! The figure page: its description is part of the view, its preview is drawn beside, and figures lead
//! back to what they show.

use super::app::App;
use super::command::Picture;
use super::notices::Weight;
use super::state::{MapColors, Pin};
use super::track_list;
use crate::attention::HeadId;
use crate::figure::Scene;
use crate::job::figure::locus_text;
use crate::job::figure_page::describe::{
    GenomePanel, InputsDescription, LooksDescription, MOST_PANELS, MapColorRule, MapPanel,
    PageDescription, PanelDescription, PanelKind, QueryDescription, SitesInput, TrackName,
};
use crate::job::figure_page::files::{PageFile, save_page};
use crate::job::figure_page::live::{self, COMPARISON, LivePage, MUTAGENESIS, Opened, Question};
use crate::job::figure_page::opened::OpenedFigure;
use crate::job::figure_page::{Description, DescriptionError, RenderedPage, Sidecar, panel_name};
use crate::job::{JobError, Outcome, figure_page, open};
use crate::sites::read::SiteOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long nothing must have changed before a page is drawn anew.
const SETTLES: Duration = Duration::from_millis(150);
/// The name of a description that has not been saved.
const UNNAMED: &str = "figure.toml";

/// What can be asked for about the figure page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureCommand {
    /// Show or hide it.
    Show,
    /// Put something that is shown onto it.
    Add(NewPanel),
    /// Begin a new page.
    Clear,
    /// Ask for a figure to get back to what it shows.
    OpenFigure,
    /// Ask for a description.
    OpenDescription,
    /// Ask where to save the page.
    Save,
    /// Ask where to save its description.
    SaveDescription,
}

/// What can be put onto the page by one click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPanel {
    /// The genome view as it is.
    GenomeView,
    /// The attention map as it is.
    Map,
    /// The arcs of the pinned query.
    Arcs,
    /// The profile of the selected head.
    Profile,
    /// Its logo.
    Logo,
    /// All heads.
    HeadsGrid,
    /// The comparison that is shown.
    Comparison,
    /// What every substitution does.
    Mutagenesis,
    /// Curves of a table.
    Curves,
}

impl NewPanel {
    /// All, in the order of the buttons.
    pub const ALL: [Self; 9] = [
        Self::GenomeView,
        Self::Map,
        Self::Arcs,
        Self::Profile,
        Self::Logo,
        Self::HeadsGrid,
        Self::Comparison,
        Self::Mutagenesis,
        Self::Curves,
    ];

    /// Its words on a button.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::GenomeView => "Genome view",
            Self::Map => "Attention map",
            Self::Arcs => "Arcs",
            Self::Profile => "Profile",
            Self::Logo => "Logo",
            Self::HeadsGrid => "All heads",
            Self::Comparison => "Comparison",
            Self::Mutagenesis => "Mutagenesis",
            Self::Curves => "Curves",
        }
    }

    /// What it puts there, in a sentence.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::GenomeView => "Puts the genome view as it is now onto the page",
            Self::Map => "Puts the attention map as it is now onto the page",
            Self::Arcs => "Puts the arcs of the pinned query onto the page",
            Self::Profile => "Puts the profile of the selected head onto the page",
            Self::Logo => "Puts the logo of the selected head onto the page",
            Self::HeadsGrid => "Puts the grid of all heads onto the page",
            Self::Comparison => {
                "Puts the comparison of heads with known sites onto the page, or that of a table"
            }
            Self::Mutagenesis => {
                "Puts what every substitution does onto the page, of the What if tab or of a table"
            }
            Self::Curves => "Puts ROC or precision-recall curves of a table onto the page",
        }
    }
}

/// Size of the preview.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Zoom {
    /// As wide as there is room.
    #[default]
    Width,
    /// The page as a whole.
    Page,
    /// This much larger than on paper.
    Times(f32),
}

impl Zoom {
    /// All, in the order of the menu.
    pub const ALL: [Self; 7] = [
        Self::Width,
        Self::Page,
        Self::Times(0.5),
        Self::Times(1.0),
        Self::Times(1.5),
        Self::Times(2.0),
        Self::Times(4.0),
    ];

    /// Its words in the menu.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Width => "to the width".to_owned(),
            Self::Page => "the whole page".to_owned(),
            Self::Times(times) => format!("{:.0} %", times * 100.0),
        }
    }
}

/// The preview, and how the page is saved.
#[derive(Debug)]
pub struct FigureState {
    live: LivePage,
    asked: Option<Question>,
    changed: Option<(Question, Instant)>,
    /// The page that was drawn last, and of which question.
    pub(super) page: Option<(Question, Arc<RenderedPage>)>,
    /// What is wrong with the present page.
    pub(super) error: Option<(Question, String)>,
    /// Whether the window of the page is open.
    pub(super) shown: bool,
    /// Dots an inch of a PNG.
    pub(super) dpi: f32,
    /// Whether the page is left transparent.
    pub(super) transparent: bool,
    /// Whether the numbers behind the panels are saved too.
    pub(super) numbers: bool,
    /// Size of the preview.
    pub(super) zoom: Zoom,
    /// The preview at its size: of which page, at which zoom.
    pub(super) enlarged: Option<(usize, u32, Scene)>,
    /// The file of the description, once there is one.
    pub(super) file: Option<PathBuf>,
}

impl FigureState {
    /// Starts its thread. `wake` is called after each page.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        Ok(Self {
            live: live::start(wake)?,
            asked: None,
            changed: None,
            page: None,
            error: None,
            shown: false,
            dpi: 300.0,
            transparent: false,
            numbers: false,
            zoom: Zoom::default(),
            enlarged: None,
            file: None,
        })
    }
}

impl App {
    /// The page as it is described; an empty one where nothing has been put onto it.
    ///
    /// # Errors
    /// Where the view came from a file and says something else.
    pub fn figure_description(&self) -> Result<Description, DescriptionError> {
        Description::draft(Path::new(""), &self.view.figure)
    }

    /// The page as it was drawn last, and whether it is the present one.
    #[must_use]
    pub fn figure_preview(&self) -> Option<(&RenderedPage, bool)> {
        let (question, page) = self.figure.page.as_ref()?;
        Some((page, *question == self.figure_question()))
    }

    /// What is wrong with the present page.
    #[must_use]
    pub fn figure_error(&self) -> Option<&str> {
        let (question, text) = self.figure.error.as_ref()?;
        (*question == self.figure_question()).then_some(text.as_str())
    }

    /// Whether the window of the page is open.
    #[must_use]
    pub fn is_figure_shown(&self) -> bool {
        self.figure.shown
    }

    pub(super) fn set_figure(&mut self, description: &Description) {
        self.view.figure = description.to_toml(Path::new(""));
    }

    fn figure_question(&self) -> Question {
        let comparison = self.compare_pane.chosen(&self.workspace);
        Question {
            text: self.view.figure.clone(),
            opened: (
                self.workspace.changes,
                comparison.map_or(0, |found| Arc::as_ptr(&found) as usize),
            ),
        }
    }

    /// What is open, as a page needs it.
    fn opened_for_figure(&self) -> Opened {
        let workspace = &self.workspace;
        let generation = self.view_generation();
        let expected = self.expected.as_ref().filter(|(of, _)| *of == generation);
        Opened {
            genome: Arc::clone(&workspace.genome),
            features: Arc::clone(&workspace.features),
            model: Arc::clone(&workspace.model),
            sites: workspace.sites.clone(),
            anchors: workspace.anchors.clone(),
            overview: workspace.overview.clone(),
            heads: workspace.heads.clone(),
            expected: expected.map(|(_, expected)| (self.view.mode(), Arc::clone(expected))),
            comparison: self
                .compare_pane
                .chosen(workspace)
                .filter(|found| workspace.is_open(found)),
            saturation: self
                .shown_saturation()
                .filter(|found| workspace.is_open(found)),
        }
    }

    /// Asks for the preview, while the window of the page is open and once nothing changes any more.
    pub(super) fn want_figure(&mut self, ctx: &egui::Context) {
        let description = self.figure_description().ok();
        let description = description.filter(|page| self.figure.shown && !page.panels.is_empty());
        let Some(description) = description else {
            if self.figure.asked.take().is_some() {
                self.figure.live.ask(None);
            }
            return;
        };
        let question = self.figure_question();
        let state = &mut self.figure;
        let answered = |of: Option<&Question>| of == Some(&question);
        if answered(state.page.as_ref().map(|(of, _)| of))
            || answered(state.error.as_ref().map(|(of, _)| of))
        {
            return;
        }
        let opened = self.opened_for_figure();
        if let Some(lacking) = opened.lacking(&description) {
            let panel = &description.panels[lacking.panel];
            let name = panel_name(panel, lacking.panel, description.page.labels);
            self.figure.error = Some((question, format!("{name}: {}", lacking.text)));
            return;
        }
        self.missing += 1;
        let state = &mut self.figure;
        if state.asked.as_ref() == Some(&question) {
            return;
        }
        let since = match &state.changed {
            Some((of, since)) if *of == question => since.elapsed(),
            _ => {
                state.changed = Some((question.clone(), Instant::now()));
                Duration::ZERO
            }
        };
        if state.page.is_some() && since < SETTLES {
            ctx.request_repaint_after(SETTLES.saturating_sub(since));
            return;
        }
        state.asked = Some(question.clone());
        state.live.ask(Some((question, opened)));
    }

    pub(super) fn drain_figure(&mut self) {
        let answers: Vec<_> = self.figure.live.drain().collect();
        for answer in answers {
            if self.figure.asked.as_ref() == Some(&answer.question) {
                self.figure.asked = None;
            }
            match answer.result {
                Ok(page) => {
                    self.figure.error = None;
                    self.figure.page = Some((answer.question, page));
                }
                Err(text) => self.figure.error = Some((answer.question, text)),
            }
        }
    }

    pub(super) fn carry_out_figure(&mut self, command: FigureCommand) {
        match command {
            FigureCommand::Show => self.figure.shown = !self.figure.shown,
            FigureCommand::Add(what) => self.add_panel(what),
            FigureCommand::Clear => {
                self.view.figure.clear();
                self.figure.file = None;
            }
            FigureCommand::OpenFigure => self.dialogs.ask_open_figure(false),
            FigureCommand::OpenDescription => self.dialogs.ask_open_figure(true),
            FigureCommand::Save => {
                let name = self.figure.file.as_deref().map(open::file_name);
                let name = name.unwrap_or_else(|| UNNAMED.to_owned());
                let name = name.trim_end_matches(".toml").to_owned() + ".svg";
                self.dialogs.ask_save(Picture::FigurePage, name);
            }
            FigureCommand::SaveDescription => {
                let name = self.figure.file.as_deref().map(open::file_name);
                let name = name.unwrap_or_else(|| UNNAMED.to_owned());
                self.dialogs.ask_save(Picture::FigureDescription, name);
            }
        }
    }

    /// Puts what is shown onto the page, and shows the page.
    fn add_panel(&mut self, what: NewPanel) {
        let Ok(mut description) = self.figure_description() else {
            let text = "The figure page cannot be read. Begin a new one (Figure page, New page).";
            self.notices.add(Weight::Failure, text);
            return;
        };
        if description.panels.len() >= MOST_PANELS {
            let text = format!("A page holds {MOST_PANELS} panels at most.");
            self.notices.add(Weight::Hint, text);
            return;
        }
        let Some(kind) = self.panel_of(what) else {
            return;
        };
        if description.panels.is_empty() {
            description.page = PageDescription {
                base_colors: self.preferences.base_colors,
                ..description.page
            };
        }
        description.inputs.mode = self.view.mode();
        description.panels.push(PanelDescription {
            line: 1,
            span: match what {
                NewPanel::GenomeView | NewPanel::Map | NewPanel::Arcs | NewPanel::HeadsGrid => {
                    description.page.columns
                }
                _ => 1,
            },
            height_mm: None,
            title: None,
            kind,
        });
        self.set_figure(&description);
        self.figure.shown = true;
    }

    fn panel_of(&mut self, what: NewPanel) -> Option<PanelKind> {
        let head = self.view.head_id();
        Some(match what {
            NewPanel::GenomeView => PanelKind::GenomeView(Box::new(self.genome_panel()?)),
            NewPanel::Map => PanelKind::AttentionMap(self.map_panel()?),
            NewPanel::Arcs => {
                let Some(pin) = self.pin_in_view() else {
                    let text = "Nothing is pinned here: click the P(TSS) track, or press P, and add the arcs then.";
                    self.notices.add(Weight::Hint, text);
                    return None;
                };
                PanelKind::Arcs {
                    locus: self.shown_text()?,
                    query: query_of(pin, head),
                    hidden_tfs: self.hidden_tfs(),
                }
            }
            NewPanel::Profile => PanelKind::Profile { head },
            NewPanel::Logo => PanelKind::Logo { heads: vec![head] },
            NewPanel::HeadsGrid => PanelKind::HeadsGrid,
            NewPanel::Comparison => PanelKind::CompareMatrix {
                data: PathBuf::from(COMPARISON),
                tfs: Vec::new(),
                q: 0.05,
            },
            NewPanel::Mutagenesis => PanelKind::Mutagenesis {
                data: PathBuf::from(MUTAGENESIS),
                tss: None,
            },
            NewPanel::Curves => PanelKind::Curves {
                data: PathBuf::from("curves.tsv"),
                axes: figure_page::describe::CurveAxes::Roc,
            },
        })
    }

    /// What is shown, as a place.
    fn shown_text(&self) -> Option<String> {
        let contigs = &self.workspace.genome.contigs;
        let contig = contigs.get(self.view.viewport.contig)?;
        Some(locus_text(contig, self.shown()))
    }

    fn pin_in_view(&self) -> Option<Pin> {
        let contig = self.view.viewport.contig;
        self.view.pinned.filter(|pin| pin.contig == contig)
    }

    fn hidden_tfs(&self) -> Vec<String> {
        self.view.hidden_tfs.iter().cloned().collect()
    }

    /// The genome view as it is, as a panel.
    pub(super) fn genome_panel(&self) -> Option<GenomePanel> {
        let view = &self.view;
        let (head, contig) = (view.head_id(), view.viewport.contig);
        let selected = view.selection.filter(|selected| selected.contig == contig);
        let mut looks = LooksDescription {
            sites_over_heads: view.sites_over_heads,
            ..LooksDescription::default()
        };
        for setting in track_list::listed(self) {
            let Some(track) = TrackName::parse(&setting.track) else {
                continue;
            };
            if setting.hidden {
                looks.hidden.push(track.clone());
            }
            if (setting.height - 1.0).abs() > f32::EPSILON {
                looks.heights.push((track.clone(), setting.height));
            }
            match track {
                TrackName::Probability => looks.probability_top = setting.top,
                TrackName::Heads => {
                    looks.heads_top = setting.top;
                    let map = setting.color_map.as_deref();
                    looks.colormap = map.and_then(crate::figure::Colormap::sequential);
                }
                _ => {}
            }
            if !view.tracks.is_empty() {
                looks.order.push(track);
            }
        }
        Some(GenomePanel {
            strand: Some(view.strand),
            heads: if view.hidden_heads.is_empty() {
                Vec::new()
            } else {
                view.shown_heads(self.workspace.model.head_shape())
            },
            marked_head: Some(head),
            query: self.pin_in_view().map(|pin| query_of(pin, head)),
            selected: selected.map(|of| (of.interval.start + 1, of.interval.end)),
            hidden_tfs: self.hidden_tfs(),
            looks,
            ..GenomePanel::new(self.shown_text()?, view.rule)
        })
    }

    fn map_panel(&self) -> Option<MapPanel> {
        let viewport = self.map_viewport();
        let contig = self.workspace.genome.contigs.get(viewport.contig)?;
        let pin = self.view.pinned.filter(|pin| {
            pin.contig == viewport.contig
                && pin.strand == self.view.strand
                && viewport.interval().contains(pin.query)
        });
        Some(MapPanel {
            locus: locus_text(contig, viewport.interval()),
            strand: Some(self.view.strand),
            head: self.view.head_id(),
            colors: match self.view.map.colors {
                MapColors::Logarithmic => MapColorRule::Logarithmic,
                MapColors::Linear => MapColorRule::Linear,
                MapColors::OverExpected => MapColorRule::OverExpected,
            },
            longest_bp: self.view.map.longest_bp,
            query: pin.map(|pin| pin.query + 1),
            hidden_tfs: self.hidden_tfs(),
        })
    }

    /// The page with the files that it is drawn from, as a description in `folder` says it.
    fn figure_with_inputs(&mut self, folder: &Path) -> Option<Description> {
        let mut description = match self.figure_description() {
            Ok(description) if !description.panels.is_empty() => description,
            _ => {
                let text = "There is nothing on the figure page yet: put a panel onto it first.";
                self.notices.add(Weight::Hint, text);
                return None;
            }
        };
        let (files, notes) = self.workspace.figure_inputs();
        for note in notes {
            self.notices.add(Weight::Hint, note);
        }
        description.inputs = InputsDescription {
            mode: description.inputs.mode,
            permutations: description.inputs.permutations,
            predicted: description.inputs.predicted,
            ..files
        };
        description.text = description.to_toml(folder);
        Some(description)
    }

    /// Saves the page in a job.
    pub(super) fn save_figure(&mut self, path: PathBuf) {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let Some(description) = self.figure_with_inputs(&folder) else {
            return;
        };
        let known = self.figure.file.as_deref();
        let file = PageFile {
            dpi: self.figure.dpi,
            transparent: self.figure.transparent,
            numbers: self.figure.numbers,
            command: format!(
                "headlight figure {}",
                known.map_or_else(|| UNNAMED.to_owned(), open::file_name)
            ),
            path,
        };
        let opened = self.opened_for_figure();
        let background = self.jobs.background();
        let label = format!("Saving {}", open::file_name(&file.path));
        self.start_job(label, move |progress, cancel| {
            let mut sources = opened.update(&mut None, &description);
            let mut work = || save_page(&description, &mut sources, &file, progress, cancel);
            match background {
                Some(threads) => threads.install(work)?,
                None => work()?,
            }
            Ok(Outcome::Saved(file.path))
        });
    }

    /// Saves the description, and the tables that are no files beside it.
    pub(super) fn save_description(&mut self, path: PathBuf) {
        let path = if path.extension().is_some() {
            path
        } else {
            path.with_extension("toml")
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let Some(mut description) = self.figure_with_inputs(&folder) else {
            return;
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut tables: Vec<(PathBuf, Arc<str>)> = Vec::new();
        for (name, text) in self.opened_for_figure().tables(&description) {
            let own = folder.join(format!("{stem}.{name}"));
            for panel in &mut description.panels {
                if let Some(data) = panel.kind.data_mut()
                    && data == Path::new(&name)
                {
                    data.clone_from(&own);
                }
            }
            tables.push((own, text));
        }
        let text = description.to_toml(&folder);
        self.figure.file = Some(path.clone());
        let label = format!("Saving {}", open::file_name(&path));
        self.start_job(label, move |_, _| {
            let files = tables.iter().map(|(path, text)| (path, text.as_bytes()));
            for (path, bytes) in files.chain([(&path, text.as_bytes())]) {
                crate::figure::export::write_whole(path, bytes).map_err(|error| -> JobError {
                    format!("{} could not be written: {error}", path.display()).into()
                })?;
            }
            Ok(Outcome::Saved(path))
        });
    }

    /// A figure or a description was opened: shows what it shows.
    pub(super) fn take_figure(&mut self, opened: OpenedFigure) {
        match opened {
            OpenedFigure::Page(description) => {
                let name = open::file_name(&description.path);
                self.figure.file = Some(description.path.clone());
                self.take_page(description);
                let text = format!("Opened the figure description {name}.");
                self.notices.add(Weight::Done, text);
            }
            OpenedFigure::View(path, sidecar) => self.take_view(&path, &sidecar),
        }
    }

    /// Shows a page, and opens the files that it is drawn from.
    fn take_page(&mut self, mut description: Description) {
        let inputs = std::mem::take(&mut description.inputs);
        let sites = inputs.sites.into_iter().filter_map(|sites| match sites {
            SitesInput::Example => None,
            SitesInput::File(path) => Some(path),
        });
        let named = inputs.genome.clone();
        let first = [inputs.genome, inputs.annotation, inputs.model];
        let files = first.into_iter().flatten().chain(sites);
        let files = files.chain(inputs.anchors).chain(inputs.run);
        let is_open = |path: &Path| self.workspace.open_files().any(|file| file.path == path);
        // Another genome closes all that is open.
        let closes_all = named.is_some_and(|genome| !is_open(&genome));
        let is_lacking = |path: &PathBuf| closes_all || !is_open(path);
        let lacking: Vec<PathBuf> = files.filter(is_lacking).collect();
        if !lacking.is_empty() && !self.workspace.stored().is_empty() {
            self.save_last(self.saved());
        }
        let options = SiteOptions::default;
        self.waiting_files
            .extend(lacking.into_iter().map(|path| (path, options())));
        description.inputs = InputsDescription {
            mode: inputs.mode,
            permutations: inputs.permutations,
            predicted: inputs.predicted,
            ..InputsDescription::default()
        };
        self.set_figure(&description);
        self.figure.shown = true;
    }

    /// Goes back to what a figure shows; says what has to be opened first where other files are open.
    fn take_view(&mut self, path: &Path, sidecar: &Sidecar) {
        let name = open::file_name(path);
        if let Some(text) = &sidecar.description {
            let place = Sidecar::path_of(path);
            match Description::parse(&place, text) {
                Ok(description) => {
                    self.figure.file = None;
                    self.take_page(description);
                }
                Err(error) => self.notices.add(Weight::Failure, error.to_string()),
            }
        }
        if !self.waiting_files.is_empty() {
            // Its files are being opened: its place is found once they are.
            self.waiting_locus = sidecar.views.first().map(|view| view.locus.clone());
            return;
        }
        let others = self.other_sources(sidecar);
        for other in &others {
            let text = format!("{name} was drawn from {other}");
            self.notices.add(Weight::Failure, text);
        }
        let Some(view) = sidecar.views.first() else {
            if sidecar.description.is_none() {
                let text = format!("{name} shows no place to go back to.");
                self.notices.add(Weight::Hint, text);
            }
            return;
        };
        let place = match self.workspace.find(&view.locus) {
            Ok(place) => place,
            Err(error) => {
                self.notices.add(Weight::Failure, error.to_string());
                return;
            }
        };
        self.waiting_locus = None;
        let (start, end) = (place.interval.start as f64, place.interval.end as f64);
        self.show(place.contig, start, end);
        self.view.strand = view.strand;
        self.view.rule = view.rule;
        if let Some(head) = view.head {
            self.view.head = (head.layer, head.head);
            self.view
                .keep_head_within(self.workspace.model.head_shape());
        }
        self.view.hidden_tfs = view.hidden_tfs.iter().cloned().collect();
        let bp = self.contig_length();
        let query = view.query.and_then(|query| query.checked_sub(1));
        self.view.pinned = query.filter(|query| *query < bp).map(|query| Pin {
            contig: place.contig,
            query,
            strand: view.strand,
        });
        if others.is_empty() {
            let text = format!("Back at what {name} shows.");
            self.notices.add(Weight::Done, text);
        }
    }

    /// What a figure was drawn from that is not what is open, each with what to do.
    fn other_sources(&self, sidecar: &Sidecar) -> Vec<String> {
        let workspace = &self.workspace;
        let mut others = Vec::new();
        for (what, checksum, open) in [
            (
                "genome",
                &workspace.genome.checksum,
                workspace.genome.name.as_str(),
            ),
            ("model", &workspace.model.checksum, workspace.model.name()),
        ] {
            let stated = sidecar.value(&format!("{what} sha256"));
            if let Some(stated) = stated.filter(|stated| stated != checksum) {
                let name = sidecar.value(what).unwrap_or("another one");
                let sum: String = stated.chars().take(12).collect();
                others.push(format!(
                    "the {what} {name} (SHA-256 {sum}…), and {open} is open: open that {what} first."
                ));
            }
        }
        let known: Vec<String> = workspace
            .sites
            .iter()
            .map(|set| figure_page::sites_checksum(set))
            .collect();
        let entries = sidecar.provenance.windows(2);
        for pair in entries {
            let [(key, name), (of, sum)] = pair else {
                continue;
            };
            if key == "sites" && of == "sites sha256" && !known.contains(sum) {
                others.push(format!(
                    "the sites {name}, which are not open: open them to see them too."
                ));
            }
        }
        others
    }
}

fn query_of(pin: Pin, head: HeadId) -> QueryDescription {
    QueryDescription {
        position: pin.query + 1,
        strand: Some(pin.strand),
        head,
    }
}
