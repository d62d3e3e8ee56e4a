//! What panels are drawn from: the open genome and model, and what has been computed for other panels.

use super::describe::{InputsDescription, SitesInput};
use super::tables::{TableError, TableText};
use crate::analysis::anchors::PeakRule;
use crate::analysis::control::Permutations;
use crate::attention::Overview;
use crate::attention::block::AttentionBlock;
use crate::attention::expected::Expected;
use crate::genome::{FeatureSet, Genome, Interval, Strand};
use crate::job::figure::TracksPage;
use crate::job::findings::{Heads, HeadsRequest, PREDICTED, summarise};
use crate::job::live::EXPECTED_SAMPLE;
use crate::job::open::{self, AnchorFile};
use crate::job::{JobError, example, genome_run};
use crate::model::checkpoint::Overrides;
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Progress};
use crate::sites::SiteSet;
use crate::sites::read::SiteOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of tracks and weights that are kept for the next page.
const MOST_KEPT_BYTES: usize = 96 << 20;

/// Tracks of a stretch: those of the strand that is read, and the probability on the other one.
pub type StretchTracks = (TracksPage, Vec<f32>);

/// Contig, bases, strand and mode of something computed, and the layer for weights.
type Place = (usize, Interval, Strand, Mode, Option<usize>);

#[derive(Clone, Debug)]
enum Computed {
    Tracks(Arc<StretchTracks>),
    Block(Arc<AttentionBlock>),
}

impl Computed {
    fn bytes(&self) -> usize {
        match self {
            Self::Tracks(tracks) => tracks.0.bytes() + size_of_val(tracks.1.as_slice()),
            Self::Block(block) => size_of::<f32>() * block.heads * block.queries * block.context,
        }
    }
}

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
    /// Tables that are no files, by the names under which panels ask for them.
    pub tables: Vec<(String, Arc<str>)>,
    /// Whether the numbers behind the panels are written too.
    pub numbers: bool,
    heads: Vec<((usize, usize, Mode), Arc<Heads>)>,
    expected: Option<(Mode, Arc<Expected>)>,
    computed: Vec<(Place, Computed)>,
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
            tables: Vec::new(),
            numbers: true,
            heads: Vec::new(),
            expected: None,
            computed: Vec::new(),
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
        let mut sites = Vec::new();
        for input in &inputs.sites {
            let set = match input {
                SitesInput::Example => example::sites(&genome)?,
                SitesInput::File(path) => {
                    let options = SiteOptions::default();
                    open::checked_sites(path, &genome, &options, progress, cancel)?.0
                }
            };
            sites.push(Arc::new(set));
        }
        if inputs.sites.is_empty() && inputs.genome.is_none() {
            sites.push(Arc::new(example::sites(&genome)?));
        }
        let anchors = match &inputs.anchors {
            Some(path) => Some(Arc::new(
                open::anchor_file(path, &genome, progress, cancel)?.0,
            )),
            None => None,
        };
        let overview = Arc::new(match &inputs.run {
            Some(folder) => genome_run::open_overview(folder)?,
            None => example::overview()?,
        });
        let mismatch = genome_run::mismatch(&overview, &genome, &model);
        if let (Some(folder), Some(reason)) = (&inputs.run, &mismatch) {
            return Err(format!("{}: {reason}", folder.display()).into());
        }
        Ok(Self {
            sites,
            anchors,
            overview: mismatch.is_none().then_some(overview),
            mode: inputs.mode,
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
        let key = (permutations, predicted, self.mode);
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
        if let Some((mode, expected)) = &self.expected
            && *mode == self.mode
        {
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
        self.expected = Some((self.mode, Arc::clone(&measured)));
        Ok(measured)
    }

    /// Takes what has been computed already: the heads with so many permutations and predicted start
    /// sites, seamless.
    pub fn know_heads(&mut self, (permutations, predicted): (usize, usize), heads: Arc<Heads>) {
        let key = (permutations, predicted, Mode::Seamless);
        self.heads.retain(|(known, _)| *known != key);
        self.heads.push((key, heads));
    }

    /// Takes the mean attention of this mode.
    pub fn know_expected(&mut self, mode: Mode, expected: Arc<Expected>) {
        self.expected = Some((mode, expected));
    }

    /// The table that a panel asks for: one that is no file, else the file.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn table(&self, path: &Path) -> Result<TableText, TableError> {
        let own = self
            .tables
            .iter()
            .find(|(name, _)| path == Path::new(name.as_str()));
        match own {
            Some((name, text)) => Ok(TableText {
                path: PathBuf::from(name),
                text: Arc::clone(text),
            }),
            None => TableText::open(path),
        }
    }

    fn keep(&mut self, place: Place, computed: Computed) {
        self.computed.push((place, computed));
        let bytes = |kept: &[(Place, Computed)]| -> usize {
            kept.iter().map(|(_, computed)| computed.bytes()).sum()
        };
        // What was computed last is needed now.
        while self.computed.len() > 1 && bytes(&self.computed) > MOST_KEPT_BYTES {
            self.computed.remove(0);
        }
    }

    /// The tracks of a stretch on a strand, and the probability on the other.
    ///
    /// # Errors
    /// When it is cancelled.
    pub fn tracks(
        &mut self,
        contig: usize,
        bases: Interval,
        strand: Strand,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Arc<StretchTracks>, JobError> {
        let place = (contig, bases, strand, self.mode, None);
        let known = self.computed.iter().find_map(|(other, computed)| {
            let Computed::Tracks(tracks) = computed else {
                return None;
            };
            (*other == place).then(|| Arc::clone(tracks))
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let expected = self.expected(progress, cancel)?;
        let settings = self.settings();
        let (genome, model) = (Arc::clone(&self.genome), Arc::clone(&self.model));
        let sequence = &genome.contigs[contig];
        let own = StrandSequence::new(sequence, strand);
        let other = StrandSequence::new(sequence, strand.opposite());
        let kernel = &model.kernel;
        let tracks =
            predict::window_tracks(kernel, own, bases, &expected, &settings, progress, cancel)?;
        let other = predict::probabilities(kernel, other, bases, &settings, progress, cancel)?;
        let found = Arc::new((TracksPage::new(tracks, model.head_shape()), other));
        self.keep(place, Computed::Tracks(Arc::clone(&found)));
        Ok(found)
    }

    /// The weights of a layer's heads over the queries of a stretch.
    ///
    /// # Errors
    /// When it is cancelled.
    pub fn block(
        &mut self,
        contig: usize,
        bases: Interval,
        strand: Strand,
        layer: usize,
        cancel: &Cancel,
    ) -> Result<Arc<AttentionBlock>, JobError> {
        let place = (contig, bases, strand, self.mode, Some(layer));
        let known = self.computed.iter().find_map(|(other, computed)| {
            let Computed::Block(block) = computed else {
                return None;
            };
            (*other == place).then(|| Arc::clone(block))
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let block = Arc::new(predict::layer_block(
            &self.model.kernel,
            StrandSequence::new(&self.genome.contigs[contig], strand),
            bases,
            layer,
            &self.settings(),
            cancel,
        )?);
        self.keep(place, Computed::Block(Arc::clone(&block)));
        Ok(block)
    }
}
