//! Which files what is open came from, for workspace files.

use super::Workspace;
use crate::attention::Overview;
use crate::figure::theme::BaseColors;
use crate::genome::{FeatureSet, Genome};
use crate::job::Outcome;
use crate::job::evaluate::OtherModel;
use crate::job::figure_page::describe::{InputsDescription, SitesInput};
use crate::job::genome_run;
use crate::job::saved::{Named, OpenFile, Saved};
use crate::model::Model;
use crate::sites::SiteSet;
use crate::sites::read::SiteOptions;
use std::path::PathBuf;
use std::sync::Arc;

/// Files of models that are remembered.
const MOST_MODELS: usize = 8;

/// What a file brought: a new one of the same part takes the place of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Genome,
    Annotation,
    Sites(String),
    Anchors,
    Motifs(String),
    Model,
    Overview,
}

impl Part {
    /// The part that an outcome brings, if it comes from a file.
    pub(super) fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Genome(_) | Outcome::AnnotatedGenome { .. } => Some(Self::Genome),
            Outcome::Features { .. } => Some(Self::Annotation),
            Outcome::Sites { sites, .. } => Some(Self::Sites(sites.name.clone())),
            Outcome::Anchors { .. } => Some(Self::Anchors),
            Outcome::Motifs { library, .. } => Some(Self::Motifs(library.name.clone())),
            Outcome::Model(_) => Some(Self::Model),
            Outcome::Overview { .. } => Some(Self::Overview),
            _ => None,
        }
    }
}

/// The embedded example, shared with what is open of it.
#[derive(Clone, Debug)]
pub(super) struct Embedded {
    genome: Arc<Genome>,
    features: Arc<FeatureSet>,
    sites: Vec<Arc<SiteSet>>,
    model: Arc<Model>,
    overview: Option<Arc<Overview>>,
}

impl Workspace {
    /// The embedded example as it is open now.
    pub(super) fn embedded(&self) -> Embedded {
        Embedded {
            genome: Arc::clone(&self.genome),
            features: Arc::clone(&self.features),
            sites: self.sites.clone(),
            model: Arc::clone(&self.model),
            overview: self.overview.clone(),
        }
    }

    /// The split of the embedded model.
    #[must_use]
    pub fn embedded_split(&self) -> Option<crate::model::metadata::Split> {
        let embedded = self.embedded.as_ref()?;
        embedded.model.metadata.split.clone()
    }

    /// Models that the open one can be compared with: the embedded one, and those that were opened before.
    #[must_use]
    pub fn other_models(&self) -> Vec<OtherModel> {
        let embedded = self.embedded.as_ref();
        let is_other = |embedded: &&Embedded| embedded.model.checksum != self.model.checksum;
        let embedded = embedded.filter(is_other).map(|_| OtherModel::Embedded);
        let open = self.files.iter().find(|(part, _)| *part == Part::Model);
        let open = open.map(|(_, file)| &file.path);
        let before = self.models.iter().rev();
        let before = before.filter(|path| Some(*path) != open).cloned();
        embedded
            .into_iter()
            .chain(before.map(OtherModel::File))
            .collect()
    }

    /// Closes everything that was opened: the embedded example is left, with these other names of sequences.
    pub fn start_again(&mut self, aliases: &[(String, String)]) {
        let Some(embedded) = self.embedded.clone() else {
            return;
        };
        self.genome = embedded.genome;
        self.features = embedded.features;
        self.sites = embedded.sites;
        self.model = embedded.model;
        self.overview = embedded.overview;
        self.anchors = None;
        self.motifs.clear();
        self.heads = None;
        self.findings = super::Findings::default();
        self.hits = None;
        self.files.clear();
        self.absent.clear();
        self.aliases.clear();
        for (name, alias) in aliases {
            self.add_alias(name, alias);
        }
        self.generation += 1;
        self.heads_generation += 1;
        self.changes += 1;
    }

    /// The files that were opened on top of the embedded example and are open still, in their order.
    pub fn open_files(&self) -> impl Iterator<Item = &OpenFile> {
        self.files.iter().map(|(_, file)| file)
    }

    /// The file that the open start sites came from.
    pub(super) fn anchors_path(&self) -> Option<&std::path::Path> {
        let mut files = self.files.iter();
        files
            .find(|(part, _)| *part == Part::Anchors)
            .map(|(_, file)| file.path.as_path())
    }

    /// The files that a figure description names for what is open, and what it cannot say of them.
    #[must_use]
    pub fn figure_inputs(&self) -> (InputsDescription, Vec<String>) {
        let mut notes = Vec::new();
        let mut file = |wanted: &Part| -> Option<PathBuf> {
            let (_, file) = self.files.iter().find(|(part, _)| part == wanted)?;
            if file.options != SiteOptions::default() {
                let path = file.path.display();
                notes.push(format!(
                    "{path} was opened with columns or a remedy of its own, which a figure description does not say."
                ));
            }
            Some(file.path.clone())
        };
        let named: Vec<Option<PathBuf>> = self
            .sites
            .iter()
            .map(|set| file(&Part::Sites(set.name.clone())))
            .collect();
        let sites = if named.iter().all(Option::is_none) {
            Vec::new()
        } else {
            let example =
                |path: Option<PathBuf>| path.map_or(SitesInput::Example, SitesInput::File);
            named.into_iter().map(example).collect()
        };
        let inputs = InputsDescription {
            genome: file(&Part::Genome),
            annotation: file(&Part::Annotation),
            model: file(&Part::Model),
            anchors: file(&Part::Anchors),
            run: file(&Part::Overview),
            sites,
            ..InputsDescription::default()
        };
        (inputs, notes)
    }

    /// What is open, to be saved with what the window shows.
    #[must_use]
    pub fn saved(&self, view: serde_json::Value, base_colors: BaseColors) -> Saved {
        let named = |name: &str, sha256: &str| Named {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
        };
        Saved {
            genome: named(&self.genome.name, &self.genome.checksum),
            model: named(self.model.name(), &self.model.checksum),
            aliases: self.aliases.clone(),
            files: self.open_files().chain(&self.absent).cloned().collect(),
            view,
            base_colors,
            ..Saved::new()
        }
    }

    /// Takes what a file has brought, and remembers the file.
    pub(super) fn opened(&mut self, file: OpenFile, outcome: Outcome) -> Option<String> {
        let part = Part::of(&outcome);
        let fits = match &outcome {
            Outcome::Overview { overview, .. } => {
                genome_run::mismatch(overview, &self.genome, &self.model).is_none()
            }
            _ => true,
        };
        let text = self.apply(outcome);
        if let Some(part) = part.filter(|_| fits) {
            self.remember(part, file);
        }
        text
    }

    /// Remembers the file of a part that has just been opened.
    fn remember(&mut self, part: Part, file: OpenFile) {
        let of_genome = |part: &Part| {
            matches!(
                part,
                Part::Genome | Part::Annotation | Part::Sites(_) | Part::Anchors
            )
        };
        let genome_closed = part == Part::Genome;
        let overview_closed = self.overview.is_none();
        self.files.retain(|(other, _)| {
            *other != part
                && !(genome_closed && of_genome(other))
                && !(overview_closed && *other == Part::Overview)
        });
        if part == Part::Model {
            self.models.retain(|other| *other != file.path);
            self.models.push(file.path.clone());
            let surplus = self.models.len().saturating_sub(MOST_MODELS);
            self.models.drain(..surplus);
        }
        self.files.push((part, file));
    }
}
