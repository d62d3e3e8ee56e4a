//! What a run was made from and what of it is kept.

use std::fmt;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::array::Item;
use super::error::StoreError;
use super::{LEVELS_BP, MANIFEST, STRETCH_BP};
use crate::attention::{HeadShape, Received};

/// Version of the format; a reader refuses others.
const VERSION: u32 = 1;

/// A number for each base and strand, or for each base, strand and head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The model's probability at the base as an output. Always kept.
    Probability,
    /// [`Received::Mean`].
    ReceivedMean,
    /// [`Received::Weighted`].
    ReceivedWeighted,
    /// [`Received::OverExpected`].
    ReceivedOverExpected,
    /// Distance from the base as a query to the key with the largest weight.
    LargestDistance,
    /// That weight.
    LargestWeight,
    /// Entropy of the base's weights as a query, in bits.
    EntropyBits,
}

impl Statistic {
    /// All, in the order of their files.
    pub const ALL: [Self; 7] = [
        Self::Probability,
        Self::ReceivedMean,
        Self::ReceivedWeighted,
        Self::ReceivedOverExpected,
        Self::LargestDistance,
        Self::LargestWeight,
        Self::EntropyBits,
    ];

    /// Its name in files and arguments.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Probability => "probability",
            Self::ReceivedMean => "received_mean",
            Self::ReceivedWeighted => "received_weighted",
            Self::ReceivedOverExpected => "received_over_expected",
            Self::LargestDistance => "largest_distance",
            Self::LargestWeight => "largest_weight",
            Self::EntropyBits => "entropy_bits",
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Probability => "the model's probability",
            Self::ReceivedMean => "attention received, mean over the queries that see the base",
            Self::ReceivedWeighted => "attention received, weighted by the model's probability",
            Self::ReceivedOverExpected => "the weighted one over expected, log2",
            Self::LargestDistance => "distance from each base to the key that it looks at most",
            Self::LargestWeight => "the weight of that key",
            Self::EntropyBits => "entropy of each base's attention, bits",
        }
    }

    /// The rule of [`Received`] that it is made by, if it is one.
    #[must_use]
    pub fn received(self) -> Option<Received> {
        match self {
            Self::ReceivedMean => Some(Received::Mean),
            Self::ReceivedWeighted => Some(Received::Weighted),
            Self::ReceivedOverExpected => Some(Received::OverExpected),
            _ => None,
        }
    }

    /// The statistic that follows a rule.
    #[must_use]
    pub fn of(received: Received) -> Self {
        match received {
            Received::Mean => Self::ReceivedMean,
            Received::Weighted => Self::ReceivedWeighted,
            Received::OverExpected => Self::ReceivedOverExpected,
        }
    }

    /// Whether it says what a base does as a query.
    #[must_use]
    pub fn is_of_queries(self) -> bool {
        matches!(
            self,
            Self::LargestDistance | Self::LargestWeight | Self::EntropyBits
        )
    }

    /// Whether coarser levels are kept: the maximum of several bases must say something.
    pub(super) fn has_levels(self) -> bool {
        self == Self::Probability || self.received().is_some()
    }

    pub(super) fn item(self) -> Item {
        match self {
            Self::Probability => Item::F32,
            Self::LargestDistance => Item::U16,
            _ => Item::F16,
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One contig of the genome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContigEntry {
    /// Its name.
    pub name: String,
    /// Its length.
    pub length_bp: usize,
    /// Whether it closes to a ring.
    pub circular: bool,
}

/// The genome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenomeEntry {
    /// Its name.
    pub name: String,
    /// Its checksum, as the program shows it.
    pub sha256: String,
    /// Its contigs, in the order of the position axis.
    pub contigs: Vec<ContigEntry>,
}

/// The model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Its name.
    pub name: String,
    /// Checksum of its file.
    pub sha256: String,
    /// Number of layers.
    pub layers: usize,
    /// Heads in each layer.
    pub heads: usize,
    /// Keys that a query sees.
    pub context: usize,
    /// How far downstream of a start site its output lies.
    pub label_shift: usize,
}

/// What a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `headlight run`.
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// The program that made it.
    pub program: String,
    /// The genome.
    pub genome: GenomeEntry,
    /// The model.
    pub model: ModelEntry,
    /// `faithful` or `seamless`.
    pub mode: String,
    /// What computed it, which decides the last bits: `avx512`, `avx2`, `portable`, or the name of
    /// another device.
    pub kernel: String,
    /// What E(o) was measured on.
    pub expected: String,
    /// Name and checksum of the anchors whose queries are summed apart, if any.
    pub anchors: Option<(String, String)>,
    /// Positions of a stretch.
    pub stretch_bp: usize,
    /// What is kept.
    pub statistics: Vec<Statistic>,
    /// Bases of a cell of each coarser level.
    pub levels_bp: Vec<usize>,
    /// Whether every stretch is finished and the levels are made.
    pub complete: bool,
}

fn has_distances(statistics: &[Statistic]) -> bool {
    statistics.iter().any(|statistic| statistic.is_of_queries())
}

impl Manifest {
    /// Of a run that is about to begin. `statistics` are put in order; the probability is added.
    #[must_use]
    pub fn new(
        genome: GenomeEntry,
        model: ModelEntry,
        mode: String,
        kernel: String,
        expected: String,
        statistics: &[Statistic],
    ) -> Self {
        let kept = |statistic: &Statistic| {
            *statistic == Statistic::Probability || statistics.contains(statistic)
        };
        Self {
            format: "headlight run".to_owned(),
            version: VERSION,
            program: concat!("headlight ", env!("CARGO_PKG_VERSION")).to_owned(),
            genome,
            model,
            mode,
            kernel,
            expected,
            anchors: None,
            stretch_bp: STRETCH_BP,
            statistics: Statistic::ALL.into_iter().filter(kept).collect(),
            levels_bp: LEVELS_BP.to_vec(),
            complete: false,
        }
    }

    /// Layers and heads.
    #[must_use]
    pub fn shape(&self) -> HeadShape {
        HeadShape {
            layers: self.model.layers,
            heads: self.model.heads,
        }
    }

    /// Positions of one strand, all contigs together.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.genome.contigs.iter().map(|c| c.length_bp).sum()
    }

    /// Stretches of one strand.
    #[must_use]
    pub fn stretches(&self) -> usize {
        self.positions().div_ceil(self.stretch_bp.max(1))
    }

    /// Where a contig begins on the position axis.
    #[must_use]
    pub fn contig_start(&self, contig: usize) -> usize {
        let before = self.genome.contigs.iter().take(contig);
        before.map(|c| c.length_bp).sum()
    }

    /// Where a contig's cells begin on the axis of a level.
    #[must_use]
    pub fn contig_cell(&self, contig: usize, level_bp: usize) -> usize {
        let before = self.genome.contigs.iter().take(contig);
        before.map(|c| c.length_bp.div_ceil(level_bp.max(1))).sum()
    }

    /// Rows of a statistic on one strand: the heads, or 1.
    pub(super) fn rows(&self, statistic: Statistic) -> usize {
        if statistic == Statistic::Probability {
            1
        } else {
            self.shape().len()
        }
    }

    /// Shape of a statistic's array, or of one of its levels.
    pub(super) fn array_shape(&self, statistic: Statistic, level_bp: Option<usize>) -> Vec<u64> {
        let positions = match level_bp {
            None => self.positions(),
            Some(bp) => self.contig_cell(self.genome.contigs.len(), bp),
        } as u64;
        if statistic == Statistic::Probability {
            vec![2, positions]
        } else {
            vec![2, self.shape().len() as u64, positions]
        }
    }

    /// Shape of the sums by distance.
    pub(super) fn distance_shape(&self) -> Vec<u64> {
        let heads = self.shape().len() as u64;
        vec![
            2 * self.stretches() as u64,
            heads,
            self.model.context as u64,
        ]
    }

    /// Whether sums by distance are kept.
    #[must_use]
    pub fn has_distances(&self) -> bool {
        has_distances(&self.statistics)
    }

    /// Bytes that the whole run takes on disk, short of a few kilobytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes_with(&self.statistics)
    }

    /// The same if these statistics were kept.
    #[must_use]
    pub fn bytes_with(&self, statistics: &[Statistic]) -> u64 {
        let arrays: u64 = statistics
            .iter()
            .map(|statistic| {
                let whole: u64 = self.array_shape(*statistic, None).iter().product();
                let levels: u64 = self
                    .levels_bp
                    .iter()
                    .filter(|_| statistic.has_levels())
                    .map(|bp| {
                        self.array_shape(*statistic, Some(*bp))
                            .iter()
                            .product::<u64>()
                    })
                    .sum();
                whole * statistic.item().bytes() as u64 + levels * Item::F16.bytes() as u64
            })
            .sum();
        let distances: u64 = self.distance_shape().iter().product::<u64>() * 8;
        let by_distance = u64::from(has_distances(statistics)) + u64::from(self.anchors.is_some());
        arrays + distances * by_distance
    }

    /// Reads the manifest of the run in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(StoreError::io(&path, "reading"))?;
        let damaged = |found: String| StoreError::Damaged {
            path: path.clone(),
            expected: format!("the description of a run, version {VERSION}"),
            found,
        };
        let manifest: Self =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if manifest.format != "headlight run" || manifest.version != VERSION {
            return Err(damaged(format!("{} {}", manifest.format, manifest.version)));
        }
        let whole = manifest.levels_bp.iter().all(|bp| *bp > 0)
            && manifest.stretch_bp > 0
            && manifest.model.context > 0
            && manifest
                .model
                .layers
                .checked_mul(manifest.model.heads)
                .is_some_and(|n| n < 1 << 16)
            && manifest
                .genome
                .contigs
                .iter()
                .try_fold(0_usize, |sum, contig| sum.checked_add(contig.length_bp))
                .is_some_and(|sum| sum < 1 << 40);
        if whole {
            Ok(manifest)
        } else {
            Err(damaged("sizes that cannot be".to_owned()))
        }
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(MANIFEST);
        let temporary = folder.join(format!("{MANIFEST}.part"));
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| StoreError::io(&path, "describing the run")(error.into()))?;
        let write = || {
            let mut file = std::fs::File::create(&temporary)?;
            file.write_all((text + "\n").as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&temporary, &path)
        };
        write().map_err(StoreError::io(&path, "writing"))
    }

    /// What differs from `asked`, which the run in `folder` is to go on with.
    pub(super) fn differs(&self, asked: &Self, folder: &Path) -> Option<StoreError> {
        let list = |manifest: &Self| {
            let names: Vec<_> = manifest.statistics.iter().map(|s| s.name()).collect();
            names.join(", ")
        };
        let anchors = |manifest: &Self| {
            let sum = manifest.anchors.as_ref().map(|(_, sum)| sum.clone());
            sum.unwrap_or_else(|| "none".to_owned())
        };
        // Names are labels: a file may have been renamed in the meantime.
        let genome = |entry: &GenomeEntry| {
            let rings = entry.contigs.iter().filter(|contig| contig.circular);
            format!("{} with {} circular contigs", entry.sha256, rings.count())
        };
        let model = |entry: &ModelEntry| {
            format!(
                "{} (context {}, label shift {})",
                entry.sha256, entry.context, entry.label_shift
            )
        };
        let pairs = [
            ("genome", genome(&asked.genome), genome(&self.genome)),
            ("model", model(&asked.model), model(&self.model)),
            ("mode", asked.mode.clone(), self.mode.clone()),
            (
                "kernel (HEADLIGHT_KERNEL and --device choose it)",
                asked.kernel.clone(),
                self.kernel.clone(),
            ),
            (
                "sample of expected attention",
                asked.expected.clone(),
                self.expected.clone(),
            ),
            ("file of anchors", anchors(asked), anchors(self)),
            ("choice of statistics", list(asked), list(self)),
            (
                "length of stretches",
                asked.stretch_bp.to_string(),
                self.stretch_bp.to_string(),
            ),
        ];
        let (what, expected, found) = pairs
            .into_iter()
            .find(|(_, expected, found)| expected != found)?;
        Some(StoreError::OtherRun {
            path: folder.to_owned(),
            what,
            expected,
            found,
        })
    }
}
