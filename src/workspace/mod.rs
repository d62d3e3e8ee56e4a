//! What is open, and how the outcome of a job changes it. The one owner of state.

mod analyses;
mod files;
mod pages;

pub use analyses::{Findings, Kept};
pub use pages::Pages;

use crate::attention::Overview;
use crate::genome::locus::grouped;
use crate::genome::{FeatureSet, Genome, find};
use crate::job::Outcome;
use crate::job::example::Example;
use crate::job::find_sequence::SequenceHits;
use crate::job::findings::Heads;
use crate::job::genome_run;
use crate::job::saved::OpenFile;
use crate::model::Model;
use crate::sites::{MotifLibrary, SiteSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that is open. Parts are replaced whole, never changed in place.
#[derive(Debug)]
pub struct Workspace {
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its annotation; empty where none is open.
    pub features: Arc<FeatureSet>,
    /// Known sites, in the order in which they were opened.
    pub sites: Vec<Arc<SiteSet>>,
    /// Annotated transcription start sites, where a file of them is open.
    pub anchors: Option<Arc<crate::job::open::AnchorFile>>,
    /// Motif libraries, in the order in which they were opened.
    pub motifs: Vec<Arc<MotifLibrary>>,
    /// The model.
    pub model: Arc<Model>,
    /// What it finds on the whole genome, coarsely; `None` where no such run is open.
    pub overview: Option<Arc<Overview>>,
    /// What its heads look at over anchors, once that job has run.
    pub heads: Option<Arc<Heads>>,
    /// What analyses have brought.
    pub findings: Findings,
    /// Where the pattern of bases that was looked for last was found.
    pub hits: Option<Arc<SequenceHits>>,
    /// Names that the user gives sequences, and the sequences' own: `(own, other)`.
    pub aliases: Vec<(String, String)>,
    /// Counts up whenever genome or model change.
    pub generation: u64,
    /// Counts up whenever genome, model or start sites change: what the heads job works on.
    pub heads_generation: u64,
    /// Counts up with everything that is opened.
    pub changes: u64,
    /// Files of the workspace file that were not to be found: they stay in it until they are.
    pub absent: Vec<OpenFile>,
    files: Vec<(files::Part, OpenFile)>,
    /// Files of models that were opened, oldest first.
    models: Vec<PathBuf>,
    embedded: Option<files::Embedded>,
}

impl Workspace {
    /// The embedded example: *E. coli* K-12 with its genes, CRP sites and model.
    #[must_use]
    pub fn new(example: Example) -> Self {
        let mut workspace = Self {
            features: Arc::new(example.features),
            sites: vec![Arc::new(example.sites)],
            anchors: None,
            motifs: Vec::new(),
            overview: genome_run::mismatch(&example.overview, &example.genome, &example.model)
                .is_none()
                .then(|| Arc::new(example.overview)),
            model: Arc::new(example.model),
            genome: Arc::new(example.genome),
            heads: None,
            findings: Findings::default(),
            hits: None,
            aliases: Vec::new(),
            generation: 1,
            heads_generation: 1,
            changes: 0,
            absent: Vec::new(),
            files: Vec::new(),
            models: Vec::new(),
            embedded: None,
        };
        workspace.embedded = Some(workspace.embedded());
        workspace
    }

    /// Gives a sequence another name: in the open genome, and in those that are opened later.
    pub fn add_alias(&mut self, name: &str, alias: &str) {
        self.aliases.push((name.to_owned(), alias.to_owned()));
        // It may be meant for a genome that is opened later.
        let _ = Arc::make_mut(&mut self.genome).add_alias(name, alias);
    }

    #[allow(clippy::too_many_lines, reason = "one arm an outcome, in one place")]
    /// Takes what a job has brought. Returns what to tell the user, if anything.
    #[allow(clippy::too_many_lines, reason = "one arm an outcome, in one place")]
    pub fn apply(&mut self, outcome: Outcome) -> Option<String> {
        self.changes += 1;
        match outcome {
            Outcome::Genome(mut genome) => {
                for (name, alias) in &self.aliases {
                    // They are meant for whichever genome has the name.
                    let _ = genome.add_alias(name, alias);
                }
                self.genome = Arc::new(genome);
                self.features = Arc::default();
                self.sites.clear();
                self.anchors = None;
                self.heads = None;
                self.findings = Findings::default();
                self.hits = None;
                self.close_other_overview();
                self.generation += 1;
                self.heads_generation += 1;
                let contigs = match self.genome.contigs.len() {
                    1 => "1 contig".to_owned(),
                    several => format!("{} contigs", grouped(several)),
                };
                Some(format!(
                    "Opened {}: {} bp in {contigs}. Annotation and sites of the genome before were closed.",
                    self.genome.name,
                    grouped(self.genome.len()),
                ))
            }
            Outcome::AnnotatedGenome {
                genome,
                features,
                report,
            } => {
                let text = self.apply(Outcome::Genome(genome))?;
                self.features = Arc::new(features);
                Some(format!("{text} {report}"))
            }
            // Somebody has to decide first: the window asks.
            Outcome::SitesInDoubt(_)
            | Outcome::UnknownTable(_)
            | Outcome::Workspace(_)
            | Outcome::Figure(_)
            | Outcome::TrainingRun(_)
            | Outcome::SavedWorkspace(_) => None,
            Outcome::Features {
                name,
                features,
                report,
                aliases,
            } => {
                if !aliases.is_empty() {
                    Arc::make_mut(&mut self.genome).learn_aliases(&aliases);
                }
                self.features = Arc::new(features);
                Some(format!("Opened {name}: {report}"))
            }
            Outcome::Sites { sites, report } => {
                let name = sites.name.clone();
                self.sites.retain(|set| set.name != name);
                self.sites.push(Arc::new(sites));
                Some(format!("Opened {name}: {report}"))
            }
            Outcome::Anchors { anchors, report } => {
                let text = format!("Opened {}: {report}", anchors.name);
                self.anchors = Some(Arc::new(anchors));
                self.heads = None;
                self.heads_generation += 1;
                Some(text)
            }
            Outcome::Motifs { library, report } => {
                let name = library.name.clone();
                self.motifs.retain(|open| open.name != name);
                self.motifs.push(Arc::new(library));
                Some(format!("Opened {name}: {report}"))
            }
            Outcome::Model(model) => {
                let text = format!("Opened the model {}.", model.name());
                self.model = Arc::from(model);
                self.heads = None;
                self.close_other_overview();
                self.generation += 1;
                self.heads_generation += 1;
                Some(text)
            }
            Outcome::Heads { generation, result } => {
                if generation == self.heads_generation {
                    self.heads = Some(Arc::new(*result));
                }
                None
            }
            Outcome::Finding(finding) => self.take_finding(*finding),
            Outcome::Findings(stored, words) => {
                self.restore(stored);
                words
            }
            Outcome::Overview { name, overview } => {
                if let Some(reason) = genome_run::mismatch(&overview, &self.genome, &self.model) {
                    return Some(format!("{name} was not opened. {reason}"));
                }
                let text = format!(
                    "Opened {name}: what the heads look at on the whole genome, {} borders.",
                    overview.manifest.mode
                );
                self.overview = Some(Arc::new(*overview));
                Some(text)
            }
            Outcome::Hits(hits) => {
                if hits.genome_checksum == self.genome.checksum {
                    self.hits = Some(Arc::new(*hits));
                }
                None
            }
            Outcome::Opened { file, outcome } => self.opened(*file, *outcome),
            Outcome::Trained(trained) => Some(trained.words()),
            Outcome::Saved(path) => Some(format!("Saved {}", path.display())),
        }
    }

    /// Closes an overview that is not about the open genome and model.
    fn close_other_overview(&mut self) {
        self.overview
            .take_if(|open| genome_run::mismatch(open, &self.genome, &self.model).is_some());
    }

    /// The place that `text` names.
    ///
    /// # Errors
    /// When nothing in the open genome is called so; the error says what comes near.
    pub fn find(&self, text: &str) -> Result<crate::genome::Locus, find::FindError> {
        find::find(text, &self.genome, &self.features)
    }
}
