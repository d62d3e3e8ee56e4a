//! What jobs bring.

use super::analyse::{Finding, Table};
use super::find_sequence::SequenceHits;
use super::findings::Heads;
use super::open::{AnchorFile, SitesInDoubt};
use super::saved::findings::Stored;
use super::saved::{Found, OpenFile};
use crate::attention::Overview;
use crate::genome::read::ReadReport;
use crate::genome::read::preview::TablePreview;
use crate::genome::{FeatureSet, Genome};
use crate::model::Model;
use crate::sites::{MotifLibrary, SiteSet};
use std::path::PathBuf;

/// The result of a job, applied to the workspace by its owner.
#[derive(Debug)]
pub enum Outcome {
    /// A genome.
    Genome(Genome),
    /// A genome with the annotation that its file brings along.
    AnnotatedGenome {
        /// The genome.
        genome: Genome,
        /// Its features.
        features: FeatureSet,
        /// What was read and what was left out.
        report: String,
    },
    /// An annotation of the open genome.
    Features {
        /// The file's name.
        name: String,
        /// What it holds.
        features: FeatureSet,
        /// What was read and what was left out.
        report: String,
        /// Names that the file gives contigs (by index) of exactly the lengths that it declares.
        aliases: Vec<(usize, String)>,
    },
    /// Known sites whose sequences are not what the genome has there.
    SitesInDoubt(Box<SitesInDoubt>),
    /// A table of which nobody has said yet which column is which.
    UnknownTable(Box<TablePreview>),
    /// Known sites on the open genome.
    Sites {
        /// The sites.
        sites: SiteSet,
        /// What was read and how well it matches the genome.
        report: String,
    },
    /// Annotated transcription start sites on the open genome.
    Anchors {
        /// The start sites.
        anchors: AnchorFile,
        /// What was read and what was left out.
        report: String,
    },
    /// A motif library.
    Motifs {
        /// The motifs.
        library: MotifLibrary,
        /// What was read and what was left out.
        report: String,
    },
    /// A model.
    Model(Box<Model>),
    /// What the heads look at over anchors.
    Heads {
        /// Generation of genome, model and start sites that it was computed for.
        generation: u64,
        /// The table with profiles and motifs.
        result: Box<Heads>,
    },
    /// What an analysis has brought.
    Finding(Box<Finding<Table>>),
    /// What analyses had brought when a workspace was saved, with words about what was passed over.
    Findings(Vec<Stored>, Option<String>),
    /// What is drawn of a run over the whole genome.
    Overview {
        /// The folder of the run.
        name: String,
        /// Coarse tracks.
        overview: Box<Overview>,
    },
    /// Where a pattern of bases was found.
    Hits(Box<SequenceHits>),
    /// A file was opened.
    Opened {
        /// Which one, and how it was read.
        file: Box<OpenFile>,
        /// What it brought.
        outcome: Box<Outcome>,
    },
    /// A figure or a figure description was opened.
    Figure(Box<super::figure_page::opened::OpenedFigure>),
    /// A workspace file was read, and its files were looked for.
    Workspace(Box<Found>),
    /// A workspace file was written.
    SavedWorkspace(PathBuf),
    /// A training run has ended.
    Trained(Box<super::train::Trained>),
    /// A folder of a training run is to be looked at.
    TrainingRun(PathBuf),
    /// A file was written.
    Saved(PathBuf),
}

impl Outcome {
    /// An annotation, with what its reader reports.
    #[must_use]
    pub fn features(name: String, features: FeatureSet, report: &ReadReport) -> Self {
        Self::Features {
            name,
            features,
            report: report.to_string(),
            aliases: report.aliases.clone(),
        }
    }
}
