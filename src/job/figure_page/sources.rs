//! What panels are drawn from: the open genome and model, and what has been computed for other panels.

use super::describe::InputsDescription;
use crate::analysis::anchors::PeakRule;
use crate::analysis::control::Permutations;
use crate::attention::Overview;
use crate::attention::expected::Expected;
use crate::genome::{FeatureSet, Genome};
use crate::job::findings::{Heads, HeadsRequest, PREDICTED, summarise};
use crate::job::live::EXPECTED_SAMPLE;
use crate::job::open::{self, AnchorFile};
use crate::job::{JobError, example, genome_run};
use crate::model::checkpoint::Overrides;
use crate::model::{Mode, Model, Settings, predict};
use crate::progress::{Cancel, Progress};
use crate::sites::SiteSet;
use crate::sites::read::SiteOptions;
use std::sync::Arc;

/// What panels are drawn from. What is costly is computed once, whoever asks for it.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its annotation.
    pub features: Arc<FeatureSet>,
    /// Known sites.
    pub sites: Vec<Arc<SiteSet>>,
    /// Start sites for heads; the model's own predictions where there are none.
    pub anchors: Option<Arc<AnchorFile>>,
    /// The model.
    pub model: Arc<Model>,
    /// A run over the whole genome, for loci too long to be computed.
    pub overview: Option<Arc<Overview>>,
    /// How the borders of segments are treated.
    pub mode: Mode,
    heads: Vec<((usize, usize), Arc<Heads>)>,
    expected: Option<Arc<Expected>>,
}

impl Sources {
    /// What is open, with nothing computed yet.
    #[must_use]
    pub fn new(genome: Arc<Genome>, features: Arc<FeatureSet>, model: Arc<Model>) -> Self {
        Self {
            genome,
            features,
            sites: Vec::new(),
            anchors: None,
            model,
            overview: None,
            mode: Mode::Seamless,
            heads: Vec::new(),
            expected: None,
        }
    }

    /// Opens the files that a description names; the embedded example where it names none.
    ///
    /// # Errors
    /// When a file cannot be read, or does not go with the genome.
    pub fn open(
        inputs: &InputsDescription,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Self, JobError> {
        let (genome, mut features) = if let Some(path) = &inputs.genome {
            let read = open::genome(path, progress, cancel)?;
            let features = read.features.map(|(features, _)| features);
            (read.genome, features.unwrap_or_default())
        } else {
            let genome = example::genome()?;
            let features = example::features(&genome)?;
            (genome, features)
        };
        if let Some(path) = &inputs.annotation {
            features = open::annotation(path, &genome)?.0;
        }
        let model = match &inputs.model {
            Some(path) => Model::open(path, Overrides::default())?,
            None => example::model(Overrides::default())?,
        };
        let sites = match &inputs.sites {
            Some(path) => {
                let options = SiteOptions::default();
                vec![Arc::new(
                    open::checked_sites(path, &genome, &options, progress, cancel)?.0,
                )]
            }
            None if inputs.genome.is_none() => vec![Arc::new(example::sites(&genome)?)],
            None => Vec::new(),
        };
        let anchors = match &inputs.anchors {
            Some(path) => Some(Arc::new(
                open::anchor_file(path, &genome, progress, cancel)?.0,
            )),
            None => None,
        };
        let overview = Arc::new(example::overview()?);
        let fits = genome_run::mismatch(&overview, &genome, &model).is_none();
        Ok(Self {
            sites,
            anchors,
            overview: fits.then_some(overview),
            ..Self::new(Arc::new(genome), Arc::new(features), Arc::new(model))
        })
    }

    /// How the model is run.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings::with_mode(self.mode)
    }

    /// What every head looks at, with so many permutations of the control and predicted start sites.
    ///
    /// # Errors
    /// As [`summarise`].
    pub fn heads(
        &mut self,
        (permutations, predicted): (usize, usize),
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Arc<Heads>, JobError> {
        let key = (permutations, predicted);
        if let Some((_, heads)) = self.heads.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(heads));
        }
        let request = HeadsRequest {
            genome: Arc::clone(&self.genome),
            model: Arc::clone(&self.model),
            anchors: self.anchors.clone(),
            predicted: PeakRule {
                count: predicted,
                ..PREDICTED
            },
            permutations: Permutations {
                count: permutations,
                ..Permutations::default()
            },
            mode: self.mode,
        };
        let heads = Arc::new(summarise(&request, progress, cancel)?);
        self.heads.push((key, Arc::clone(&heads)));
        Ok(heads)
    }

    /// Mean attention of every head by distance.
    ///
    /// # Errors
    /// When it is cancelled.
    pub fn expected(
        &mut self,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Arc<Expected>, JobError> {
        if let Some(expected) = &self.expected {
            return Ok(Arc::clone(expected));
        }
        let measured = predict::measure_expected(
            &self.model.kernel,
            &self.genome,
            EXPECTED_SAMPLE,
            &self.settings(),
            progress,
            cancel,
        )?;
        let measured = Arc::new(measured);
        self.expected = Some(Arc::clone(&measured));
        Ok(measured)
    }
}
