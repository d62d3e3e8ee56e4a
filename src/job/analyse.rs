//! The analyses that a window offers: what each is asked for, what it works on, and what it brings.

use super::JobError;
use super::ablate::{self, Ablation, How, ablate, validation_sample};
use super::compare::{
    CHECKSUMS, CompareRequest, CompareRule, Compared, checksums, compare, evidence_word,
};
use super::evaluate::{EvaluateRequest, Evaluated, OtherModel, Region};
use super::figure::provenance;
use super::findings::{HeadsRequest, PREDICTED, predicted_start_sites};
use super::name::{NameRequest, NamedHeads, name};
use super::novel::{Novel, NovelRequest, NovelRule, novel_sites};
use super::open::AnchorFile;
use super::redundancy::{Redundancy, RedundancyRequest, redundancy};
use super::saturation::SaturationMap;
use crate::analysis::association::Null;
use crate::analysis::causal::ablation::write_ablations;
use crate::analysis::consensus::MotifRule;
use crate::analysis::control::Permutations;
use crate::analysis::naming::NamingRule;
use crate::figure::provenance::Provenance;
use crate::genome::read::Input;
use crate::genome::read::promoters;
use crate::genome::{FeatureSet, Genome, Interval};
use crate::model::train::Settings as Training;
use crate::model::{Mode, Model};
use crate::progress::{Cancel, Progress};
use crate::sites::{MotifLibrary, SiteSet};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Known motifs that are kept for each head, the best ones.
const MATCHES: usize = 5;
/// Start sites nearer than this on one strand count once where heads are compared with one another.
const APART_BP: usize = 50;

/// An analysis of the model and of what its heads look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Analysis {
    /// Motifs of the heads against libraries of known motifs.
    Names,
    /// Heads against known binding sites.
    Comparison,
    /// What the model loses without each head.
    Ablation,
    /// Peaks of attention where nothing is known.
    Novel,
    /// Heads against one another.
    Redundancy,
    /// How well the model predicts.
    Evaluation,
}

impl Analysis {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 6] = [
        Self::Names,
        Self::Comparison,
        Self::Ablation,
        Self::Novel,
        Self::Redundancy,
        Self::Evaluation,
    ];

    /// What it is called: a menu's words, and the label of its job.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Names => "Heads against known motifs",
            Self::Comparison => "Heads against known sites",
            Self::Ablation => "The model without each head",
            Self::Novel => "Novel sites",
            Self::Redundancy => "Heads against one another",
            Self::Evaluation => "How well the model predicts",
        }
    }

    /// What it does, in a sentence or two.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Names => {
                "Compares the motif of every head with every motif of the open libraries. A head is named only where q is \
                 below 0.05 and its logo and its match hold on start sites that were not used to make them."
            }
            Self::Comparison => {
                "Asks of every head and transcription factor whether the factor's sites get more attention than the same \
                 places of other promoters."
            }
            Self::Ablation => {
                "Removes each head in turn and measures what the model loses on its validation part: loss, average \
                 precision, and the score at start sites."
            }
            Self::Novel => {
                "Lists peaks of attention between genes that overlap no known site and no promoter box, with a false \
                 discovery rate from shuffled genomes that the model reads as well."
            }
            Self::Redundancy => {
                "Compares every two heads by where they look, what their motifs are, and how often they look at the same base."
            }
            Self::Evaluation => {
                "Ranks every position of a region by the model's score and counts how well that finds the labels: ROC, \
                 precision over recall, peaks and calibration, beside a position-weight matrix and a random order."
            }
        }
    }
}

/// What somebody asks of an analysis. Parts that an analysis does not use are ignored.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which analysis.
    pub analysis: Analysis,
    /// Whether the model's own predictions are the start sites although a file of them is open.
    pub predicted: bool,
    /// Name of the set of known sites; the one that was opened last where none is named.
    pub sites: Option<String>,
    /// Motif libraries that are left out.
    pub without_libraries: BTreeSet<String>,
    /// Which sites and start sites are compared, how, how often and from which seed. Other analyses take its
    /// permutations and its seed.
    pub rule: CompareRule,
    /// Whether the comparison is done once more with all sites shifted, the second null.
    pub both_nulls: bool,
    /// The largest false discovery rate of a novel site.
    pub fdr: f64,
    /// Shuffled genomes that novel sites are compared with.
    pub decoys: usize,
    /// What is done to a head that is removed.
    pub how: How,
    /// Where the model is evaluated.
    pub evaluated_in: Region,
    /// The model that it is compared with there.
    pub against: Option<OtherModel>,
}

impl Asked {
    /// An analysis as the command line does it where nothing is said.
    #[must_use]
    pub fn new(analysis: Analysis) -> Self {
        Self {
            analysis,
            predicted: false,
            sites: None,
            without_libraries: BTreeSet::new(),
            rule: CompareRule::default(),
            both_nulls: false,
            fdr: NovelRule::default().fdr,
            decoys: NovelRule::default().decoys,
            how: How::Zero,
            evaluated_in: Region::default(),
            against: None,
        }
    }

    /// Permutations or draws.
    #[must_use]
    pub fn permutations(&self) -> usize {
        self.rule.draws.permutations
    }

    /// Seed of all that is drawn.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.rule.draws.seed
    }
}

/// What an analysis works on.
#[derive(Clone, Debug)]
pub struct AnalysisRequest {
    /// What was asked.
    pub asked: Asked,
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its annotation.
    pub features: Arc<FeatureSet>,
    /// The model.
    pub model: Arc<Model>,
    /// Start sites of a file.
    pub anchors: Option<Arc<AnchorFile>>,
    /// That file, which may also tell promoters' names and σ factors.
    pub anchors_path: Option<PathBuf>,
    /// Known sites.
    pub sites: Option<Arc<SiteSet>>,
    /// Libraries of known motifs.
    pub libraries: Vec<Arc<MotifLibrary>>,
}

/// What an analysis lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lacking {
    /// No known sites are open.
    #[error(
        "no known sites are open: open a file of them first (Help → Data sources says where they come from)"
    )]
    Sites,
    /// No motif library is open or chosen.
    #[error(
        "no motif library is open or chosen: open a motif file first (MEME, JASPAR, TRANSFAC, …)"
    )]
    Motifs,
    /// No labels are open.
    #[error(
        "no file of start sites is open: a model is measured against start sites that it did not predict itself; open a file of them first"
    )]
    Labels,
    /// The other model of a comparison is not named.
    #[error("no file of the other model is named: choose one, or compare with none")]
    OtherModel,
    /// The model names no validation part of this genome.
    #[error(
        "the model states no validation part on this genome, so that there is nothing to measure on"
    )]
    Validation,
}

/// What an analysis has brought.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one of them at a time, on its way into the workspace"
)]
pub enum Table {
    /// Motifs and names.
    Names(NamedHeads),
    /// Heads against sites.
    Comparison(Compared),
    /// What is lost without heads.
    Ablation(Ablation),
    /// Novel sites.
    Novel(Novel),
    /// Heads against one another.
    Redundancy(Redundancy),
    /// How well the model predicts.
    Evaluation(Evaluated),
    /// What every substitution of a stretch does.
    Saturation(SaturationMap),
}

/// The genome and the model that a table was computed on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Basis {
    /// Checksum of the genome.
    pub genome: String,
    /// Checksum of the model.
    pub model: String,
    /// Name of the model.
    pub model_name: String,
}

impl Basis {
    /// Of this genome and this model.
    #[must_use]
    pub fn of(genome: &Genome, model: &Model) -> Self {
        Self {
            genome: genome.checksum.clone(),
            model: model.checksum.clone(),
            model_name: model.name().to_owned(),
        }
    }
}

/// A table with what it was computed on and how.
#[derive(Clone, Debug)]
pub struct Finding<T> {
    /// What it was computed on.
    pub basis: Basis,
    /// Everything that it depends on, in words.
    pub provenance: Provenance,
    /// The table.
    pub table: T,
}

impl<T> Finding<T> {
    /// The same of another table.
    pub fn with<U>(self, change: impl FnOnce(T) -> U) -> Finding<U> {
        Finding {
            basis: self.basis,
            provenance: self.provenance,
            table: change(self.table),
        }
    }

    /// Writes names and values of the provenance as JSON.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_provenance(&self, out: &mut impl Write) -> io::Result<()> {
        let entries = self.provenance.entries().iter();
        let described: Vec<serde_json::Value> = entries
            .map(|(name, value)| serde_json::json!({ "name": name, "value": value }))
            .collect();
        serde_json::to_writer_pretty(&mut *out, &serde_json::json!({ "provenance": described }))?;
        writeln!(out)
    }

    /// An entry of the provenance; empty where there is none of this name.
    #[must_use]
    pub fn stated(&self, name: &str) -> &str {
        let mut entries = self.provenance.entries().iter();
        entries
            .find(|(entry, _)| entry == name)
            .map_or("", |(_, value)| value.as_str())
    }
}

/// Writes the rows of an ablation, as `headlight ablate` does.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_ablation(ablation: &Ablation, out: &mut impl Write) -> io::Result<()> {
    write_ablations(out, &ablation.rows)
}

/// A region as provenance states it.
#[must_use]
pub fn region_words(genome: &Genome, region: Option<(usize, Interval)>) -> String {
    let named = region.and_then(|(contig, bases)| {
        let contig = genome.contigs.get(contig)?;
        Some(format!("{}:{bases}", contig.name))
    });
    named.unwrap_or_else(|| "all".to_owned())
}

impl AnalysisRequest {
    /// What is lacking, if anything.
    #[must_use]
    pub fn lacking(&self) -> Option<Lacking> {
        match self.asked.analysis {
            Analysis::Names => self.libraries.is_empty().then_some(Lacking::Motifs),
            Analysis::Comparison | Analysis::Novel => {
                self.sites.is_none().then_some(Lacking::Sites)
            }
            Analysis::Ablation | Analysis::Evaluation if self.anchors.is_none() => {
                Some(Lacking::Labels)
            }
            Analysis::Ablation => validation_sample(&self.genome, &self.model)
                .is_empty()
                .then_some(Lacking::Validation),
            Analysis::Evaluation => {
                let unnamed = OtherModel::File(PathBuf::new());
                (self.asked.against == Some(unnamed)).then_some(Lacking::OtherModel)
            }
            Analysis::Redundancy => None,
        }
    }

    fn heads(&self) -> HeadsRequest {
        HeadsRequest {
            genome: Arc::clone(&self.genome),
            model: Arc::clone(&self.model),
            anchors: self.anchors.clone(),
            predicted: PREDICTED,
            permutations: Permutations {
                count: self.asked.permutations(),
                seed: self.asked.seed(),
            },
            mode: Mode::Seamless,
        }
    }

    fn sites(&self) -> Result<Arc<SiteSet>, Lacking> {
        self.sites.clone().ok_or(Lacking::Sites)
    }

    /// Runs the analysis. What `progress` counts is the analysis' own.
    ///
    /// # Errors
    /// [`Lacking`], and those of the analysis.
    pub fn run(&self, progress: &Progress, cancel: &Cancel) -> Result<Finding<Table>, JobError> {
        if let Some(lacking) = self.lacking() {
            return Err(lacking.into());
        }
        let mut more = vec![("analysis", self.asked.analysis.title().to_owned())];
        let table = match self.asked.analysis {
            Analysis::Names => Table::Names(self.names(&mut more, progress, cancel)?),
            Analysis::Comparison => {
                Table::Comparison(self.comparison(&mut more, progress, cancel)?)
            }
            Analysis::Ablation => Table::Ablation(self.ablation(&mut more, progress, cancel)?),
            Analysis::Novel => Table::Novel(self.novel(&mut more, progress, cancel)?),
            Analysis::Redundancy => {
                Table::Redundancy(self.redundancy(&mut more, progress, cancel)?)
            }
            Analysis::Evaluation => {
                let found = self.evaluation()?.run(progress, cancel)?;
                more.extend([
                    ("labels", found.labels.clone()),
                    ("region", found.region.clone()),
                    ("mode", Mode::Faithful.to_string()),
                ]);
                if let Some(other) = &found.evaluation.against {
                    let words = format!("{}, sha256 {}", other.model, other.checksum);
                    more.push(("against", words));
                }
                Table::Evaluation(found)
            }
        };
        if self.asked.analysis != Analysis::Evaluation {
            more.push(("seed", self.asked.seed().to_string()));
        }
        Ok(Finding {
            basis: Basis::of(&self.genome, &self.model),
            provenance: provenance(&self.genome, &self.model, &more),
            table,
        })
    }

    fn names(
        &self,
        more: &mut Vec<(&'static str, String)>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<NamedHeads, JobError> {
        let request = NameRequest {
            heads: self.heads(),
            libraries: self.libraries.clone(),
            rule: NamingRule {
                kept: MATCHES,
                ..NamingRule::default()
            },
        };
        let found = name(&request, progress, cancel)?;
        more.push(("anchors", found.heads.anchors.clone()));
        more.push(("permutations", self.asked.permutations().to_string()));
        more.push(("metric", request.rule.metric.to_string()));
        for library in &found.names.libraries {
            let (name, motifs, sha256) = (&library.name, library.motifs, &library.sha256);
            more.push((
                "motifs",
                format!("{name}, {motifs} motifs, sha256 {sha256}"),
            ));
        }
        Ok(found)
    }

    /// What is compared; `promoters` are those that the file of start sites describes.
    pub(super) fn compare_request(
        &self,
        promoters: Vec<promoters::PromoterRow>,
    ) -> Result<CompareRequest, Lacking> {
        Ok(CompareRequest {
            genome: Arc::clone(&self.genome),
            features: Arc::clone(&self.features),
            model: Arc::clone(&self.model),
            sites: self.sites()?,
            anchors: self.anchors.clone(),
            promoters,
            rule: self.asked.rule,
        })
    }

    /// What is evaluated.
    pub(super) fn evaluation(&self) -> Result<EvaluateRequest, Lacking> {
        Ok(EvaluateRequest {
            genome: Arc::clone(&self.genome),
            features: Arc::clone(&self.features),
            model: Arc::clone(&self.model),
            labels: self.anchors.clone().ok_or(Lacking::Labels)?,
            region: self.asked.evaluated_in.clone(),
            against: self.asked.against.clone(),
        })
    }

    fn comparison(
        &self,
        more: &mut Vec<(&'static str, String)>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Compared, JobError> {
        let named = self.anchors.as_ref().and(self.anchors_path.as_ref());
        let promoters = match named {
            Some(path) => {
                // Bytes of a file are none of the units that the comparison counts.
                let reading = Progress::default();
                let mut input = Input::open(path, &reading, cancel)?;
                promoters::read(&mut input, &self.genome)?
            }
            None => Vec::new(),
        };
        let request = self.compare_request(promoters)?;
        let rule = request.rule;
        let found = compare(&request, progress, cancel)?;
        let draws = match rule.null {
            Null::Shuffle => rule.shuffles,
            _ => rule.draws.permutations,
        };
        more.push(("sites", request.sites.name.clone()));
        let sums = checksums(&request.sites, request.anchors.as_deref(), &self.features);
        more.extend(CHECKSUMS.into_iter().zip(sums));
        more.extend([
            ("anchors", found.anchors.clone()),
            ("null", rule.null.to_string()),
            ("permutations", draws.to_string()),
            ("most permutations", rule.draws.most.to_string()),
            ("minimum of sites", rule.min_sites.to_string()),
            ("least evidence", evidence_word(rule.evidence).to_owned()),
            ("conditional", rule.conditional.to_string()),
            (
                "part",
                rule.part.map_or("all".to_owned(), |part| part.to_string()),
            ),
            (
                "strand",
                rule.strand
                    .map_or("both".to_owned(), |strand| strand.to_string()),
            ),
            ("region", region_words(&self.genome, rule.region)),
            ("mode", rule.mode.to_string()),
            (
                "promoters compared",
                found.comparison.promoters.len().to_string(),
            ),
        ]);
        Ok(found)
    }

    fn ablation(
        &self,
        more: &mut Vec<(&'static str, String)>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Ablation, JobError> {
        let labels = self.anchors.clone().ok_or(Lacking::Labels)?;
        let slices = validation_sample(&self.genome, &self.model);
        let request = ablate::Request {
            genome: &self.genome,
            model: &self.model,
            labels: &labels.anchors,
            sites: self.sites.as_deref(),
            slices: &slices,
            heads: Vec::new(),
            how: vec![self.asked.how],
            controls: true,
            mode: Mode::Faithful,
            gamma: f64::from(Training::published(*self.model.config()).gamma),
            seed: self.asked.seed(),
        };
        let found = ablate(&request, progress, cancel)?;
        more.extend([
            ("labels", labels.name.clone()),
            ("how", self.asked.how.name().to_owned()),
            ("mode", request.mode.to_string()),
            ("focal loss gamma", request.gamma.to_string()),
        ]);
        Ok(found)
    }

    /// Where novel sites are looked for.
    pub(super) fn novel_request(&self) -> Result<NovelRequest, Lacking> {
        Ok(NovelRequest {
            genome: Arc::clone(&self.genome),
            features: Arc::clone(&self.features),
            model: Arc::clone(&self.model),
            sites: self.sites()?,
            promoters: self.anchors.clone(),
            heads: None,
            region: None,
            rule: NovelRule {
                decoys: self.asked.decoys,
                fdr: self.asked.fdr,
                seed: self.asked.seed(),
                permutations: self.asked.permutations(),
                ..NovelRule::default()
            },
        })
    }

    fn novel(
        &self,
        more: &mut Vec<(&'static str, String)>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Novel, JobError> {
        let request = self.novel_request()?;
        let found = novel_sites(&request, progress, cancel)?;
        let promoters = request.promoters.as_ref();
        more.extend([
            ("sites", request.sites.name.clone()),
            (
                "start sites",
                promoters.map_or("none".to_owned(), |file| file.name.clone()),
            ),
            ("heads", found.chosen.clone()),
            ("decoys", found.rule.decoys.to_string()),
            ("false discovery rate", found.rule.fdr.to_string()),
        ]);
        Ok(found)
    }

    fn redundancy(
        &self,
        more: &mut Vec<(&'static str, String)>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Redundancy, JobError> {
        let mode = Mode::Seamless;
        let (anchors, words) = match &self.anchors {
            Some(file) => (
                file.anchors.clone(),
                format!("start sites of {}", file.name),
            ),
            None => predicted_start_sites(&self.genome, &self.model, mode, progress, cancel)?,
        };
        more.extend([("anchors", words), ("mode", mode.to_string())]);
        let request = RedundancyRequest {
            genome: Arc::clone(&self.genome),
            model: Arc::clone(&self.model),
            against: None,
            anchors,
            apart_bp: APART_BP,
            motif: MotifRule::default(),
            mode,
        };
        redundancy(&request, progress, cancel)
    }
}
