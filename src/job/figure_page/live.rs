//! The thread behind the window's figure page: draws the latest page that was asked for, and lets go of
//! those before.

use super::describe::PanelKind;
use super::{Description, FigurePageError, RenderedPage, Sources, render};
use crate::analysis::control::Permutations;
use crate::attention::{Expected, Overview};
use crate::genome::{FeatureSet, Genome};
use crate::job::analyse::Finding;
use crate::job::compare::Compared;
use crate::job::findings::{Heads, PREDICTED};
use crate::job::job::chain;
use crate::job::latest::Latest;
use crate::job::open::AnchorFile;
use crate::job::saturation::SaturationMap;
use crate::model::{Mode, Model};
use crate::progress::{Cancel, Progress};
use crate::sites::SiteSet;
use std::path::Path;
use std::sync::Arc;

/// What the table of the open comparison is called in a description.
pub const COMPARISON: &str = "comparison.tsv";
/// What the table of the open mutagenesis is called in a description.
pub const MUTAGENESIS: &str = "mutagenesis.tsv";

/// What is open in a window, as a page needs it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its annotation.
    pub features: Arc<FeatureSet>,
    /// The model.
    pub model: Arc<Model>,
    /// Known sites.
    pub sites: Vec<Arc<SiteSet>>,
    /// Start sites of a file.
    pub anchors: Option<Arc<AnchorFile>>,
    /// A run over the whole genome.
    pub overview: Option<Arc<Overview>>,
    /// Profiles and logos of all heads, as the window computes them.
    pub heads: Option<Arc<Heads>>,
    /// Mean attention by distance, and its mode.
    pub expected: Option<(Mode, Arc<Expected>)>,
    /// The comparison that the window shows.
    pub comparison: Option<Arc<Finding<Compared>>>,
    /// The mutagenesis that the window shows.
    pub saturation: Option<Arc<Finding<SaturationMap>>>,
}

impl Opened {
    /// Brings sources up to date for a description; what has been computed of the same genome and model stays.
    pub fn update(&self, sources: &mut Option<Sources>, description: &Description) -> Sources {
        let same = |known: &Sources| {
            Arc::ptr_eq(&known.genome, &self.genome)
                && Arc::ptr_eq(&known.model, &self.model)
                && match (&known.anchors, &self.anchors) {
                    (Some(known), Some(own)) => Arc::ptr_eq(known, own),
                    (known, own) => known.is_none() && own.is_none(),
                }
        };
        let mut made = sources.take().filter(same).unwrap_or_else(|| {
            let features = Arc::clone(&self.features);
            Sources::new(Arc::clone(&self.genome), features, Arc::clone(&self.model))
        });
        made.features = Arc::clone(&self.features);
        made.sites.clone_from(&self.sites);
        made.anchors.clone_from(&self.anchors);
        made.overview.clone_from(&self.overview);
        made.mode = description.inputs.mode;
        made.tables = self.tables(description);
        if let Some(heads) = &self.heads {
            let budget = (Permutations::default().count, PREDICTED.count);
            made.know_heads(budget, Arc::clone(heads));
        }
        if let Some((mode, expected)) = &self.expected
            && *mode == made.mode
        {
            made.know_expected(*mode, Arc::clone(expected));
        }
        made
    }

    /// The tables that the panels ask for and that are no files, by their names.
    #[must_use]
    pub fn tables(&self, description: &Description) -> Vec<(String, Arc<str>)> {
        let asked = |name: &str| {
            description.panels.iter().any(|panel| {
                let data = panel.kind.data();
                data.is_some_and(|data| data == Path::new(name))
            })
        };
        let mut tables = Vec::new();
        let mut add = |name: &str, written: std::io::Result<Vec<u8>>| {
            if let Some(text) = written.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                tables.push((name.to_owned(), Arc::from(text)));
            }
        };
        if let Some(found) = self.comparison.as_ref().filter(|_| asked(COMPARISON)) {
            let mut text = Vec::new();
            let written = found.table.comparison.write_tsv(&mut text);
            add(COMPARISON, written.map(|()| text));
        }
        if let Some(map) = self.saturation.as_ref().filter(|_| asked(MUTAGENESIS)) {
            let mut text = Vec::new();
            let written = map.table.write_table(&mut text);
            add(MUTAGENESIS, written.map(|()| text));
        }
        tables
    }

    /// What a page waits for before it can be drawn at once: profiles and logos that the window computes,
    /// or a table that nothing has brought yet.
    #[must_use]
    pub fn lacking(&self, description: &Description) -> Option<Lacking> {
        let usual = description.inputs.permutations == Permutations::default().count
            && description.inputs.predicted == PREDICTED.count
            && description.inputs.mode == Mode::Seamless;
        description.panels.iter().enumerate().find_map(|(panel, of)| {
            let text = match &of.kind {
                PanelKind::Logo { .. } | PanelKind::Profile { .. } | PanelKind::HeadsGrid
                    if self.heads.is_none() && usual =>
                {
                    "profiles and logos of the heads have not been computed yet (Analyse menu)"
                }
                kind if kind.data() == Some(Path::new(COMPARISON)) && self.comparison.is_none() => {
                    "no comparison of heads and sites is open: make one (Analyse menu), or name the file of its table"
                }
                kind if kind.data() == Some(Path::new(MUTAGENESIS)) && self.saturation.is_none() => {
                    "no mutagenesis is open: make one (What if), or name the file of its table"
                }
                _ => return None,
            };
            Some(Lacking { panel, text })
        })
    }
}

/// What a panel waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Index of the panel.
    pub panel: usize,
    /// What is lacking, in words.
    pub text: &'static str,
}

/// What tells one question from another: the page, and what is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The description as TOML.
    pub text: String,
    /// Counts up with everything that is opened, and tells comparisons apart.
    pub opened: (u64, usize),
}

/// The thread.
pub type LivePage = Latest<Question, Opened, RenderedPage>;

/// Starts the thread. `wake` is called after each answer.
///
/// # Errors
/// When the system gives no thread.
pub fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<LivePage> {
    LivePage::start("figure page", "The page could not be drawn", answer, wake)
}

/// `None` where it was cancelled.
fn answer(
    question: &Question,
    opened: &Opened,
    known: &mut Option<Sources>,
    cancel: &Cancel,
) -> Option<Result<RenderedPage, String>> {
    match draw(&question.text, opened, known, cancel) {
        Err(FigurePageError::Cancelled(_)) => None,
        drawn => Some(drawn.map_err(|error| chain(&error))),
    }
}

fn draw(
    text: &str,
    opened: &Opened,
    known: &mut Option<Sources>,
    cancel: &Cancel,
) -> Result<RenderedPage, FigurePageError> {
    let description = Description::parse(Path::new(""), text)?;
    let mut sources = opened.update(known, &description);
    sources.numbers = false;
    let page = render(&description, &mut sources, &Progress::default(), cancel);
    *known = Some(sources);
    page
}
