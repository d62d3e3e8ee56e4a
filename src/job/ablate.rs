//! What each head is for: heads are dropped or replaced, and the model is measured again.

use super::heads::query;
use super::scoring::{Scored, score};
use super::train::slices;
use crate::analysis::causal::ablation::{
    AblationRow, Baseline, Labelled, Role, SiteGroup, rank_within_layers,
};
use crate::analysis::curves::{BLOCK_BP, DRAWS};
use crate::attention::HeadId;
use crate::genome::{Anchor, Genome, Interval, Strand};
use crate::model::means::{self, HeadMeans};
use crate::model::predict::Sample;
use crate::model::train::Classes;
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::SiteSet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What is done to a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Its share of the layer's output is dropped.
    Zero,
    /// Its mean output over a sample of the genome takes its place.
    Mean,
    /// It looks at every visible key alike.
    Uniform,
    /// Its mean weights by distance over a sample of the genome take the place of its weights.
    Positional,
}

impl How {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Zero, Self::Mean, Self::Uniform, Self::Positional];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Mean => "mean",
            Self::Uniform => "uniform",
            Self::Positional => "positional",
        }
    }
}

/// What to ablate and where to measure it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The genome.
    pub genome: &'a Genome,
    /// The model.
    pub model: &'a Model,
    /// Its labels.
    pub labels: &'a [Anchor],
    /// Known sites, for the scores at start sites of each transcription factor.
    pub sites: Option<&'a SiteSet>,
    /// Where: contigs and intervals of the forward strand, of which both strands are scored.
    pub slices: &'a [(usize, Interval)],
    /// The heads; every head where there is none.
    pub heads: Vec<HeadId>,
    /// What is done to them.
    pub how: Vec<How>,
    /// Whether the other heads of their layers are ablated too, to compare with.
    pub controls: bool,
    /// Borders of segments.
    pub mode: Mode,
    /// The exponent of the focal loss.
    pub gamma: f64,
    /// Seed of the bootstrap.
    pub seed: u64,
}

/// An ablation cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AblateError {
    /// The model lacks a head.
    #[error("the model has no head {head}: it has {layers} layers of {heads} heads")]
    NoHead {
        /// The head that was asked for.
        head: HeadId,
        /// Layers of the model.
        layers: usize,
        /// Heads of each.
        heads: usize,
    },
    /// There is nothing to rank.
    #[error(
        "no label lies in the region ({given} labels were read): expected at least one, so that a loss \
         can be measured; choose another --locus or other labels of this genome"
    )]
    NoLabels {
        /// How many there are elsewhere.
        given: usize,
    },
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// The result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ablation {
    /// Outputs that were scored, both strands together.
    pub positions: usize,
    /// Labelled outputs among them.
    pub positives: usize,
    /// Blocks of 20 kb that the bootstrap draws.
    pub blocks: usize,
    /// Mean focal loss of the unchanged model.
    pub loss: f64,
    /// Its average precision.
    pub average_precision: f64,
    /// Its area under the ROC curve.
    pub roc_auc: f64,
    /// What mean outputs and weights were measured on, where they were needed.
    pub means: Option<String>,
    /// One row an ablation.
    pub rows: Vec<AblationRow>,
}

/// A transcription factor needs so many start sites in the region to be in the table.
pub const LEAST_START_SITES: usize = 3;

/// A site regulates a start site if its middle lies so far from it, in bases along its strand.
const SITE_REACH: std::ops::RangeInclusive<isize> = -300..=50;

/// Blocks of the sample of a slice.
const SAMPLED_BLOCKS: usize = 8;

/// A sample of the validation slice of the model's split: eight blocks of 20 kb, evenly spread.
/// Empty where the split names none on this genome.
#[must_use]
pub fn validation_sample(genome: &Genome, model: &Model) -> Vec<(usize, Interval)> {
    let Some(split) = &model.metadata.split else {
        return Vec::new();
    };
    let mut sample = Vec::new();
    for (contig, interval) in slices(genome, split, &split.validation) {
        let blocks = SAMPLED_BLOCKS.min(interval.len() / BLOCK_BP);
        for block in 0..blocks {
            // Whole blocks of the bootstrap, each in the middle of its share.
            let start = interval.start + interval.len() * (2 * block + 1) / (2 * blocks);
            let start = (start.saturating_sub(BLOCK_BP / 2)).div_ceil(BLOCK_BP) * BLOCK_BP;
            let end = (start + BLOCK_BP).min(interval.end);
            if start < end {
                sample.push((contig, Interval::new(start, end)));
            }
        }
        if blocks == 0 {
            sample.push((contig, interval));
        }
    }
    sample
}

/// Runs the ablations.
///
/// Each head is ablated by itself, in each way; several heads that were asked for also together.
/// With controls the other heads of their layers follow. `progress` counts runs.
///
/// # Errors
/// [`AblateError`].
pub fn ablate(
    request: &Request<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Ablation, AblateError> {
    let (genome, model) = (request.genome, request.model);
    let sets = sets(request)?;
    let classes = Classes::new(genome, request.labels, model.config().label_shift);
    let plain = Settings::with_mode(request.mode);
    // All runs are known already; announced now, the bar never jumps back.
    let runs = 1 + sets.len() * request.how.len();
    progress.add_total(runs as u64);
    let run = |settings: &Settings| {
        let (kernel, silent) = (&model.kernel, Progress::default());
        let slices = request.slices;
        let scored = score(kernel, genome, slices, &classes, settings, &silent, cancel)?;
        progress.advance(1);
        Ok::<_, Cancelled>(scored)
    };
    let scored = run(&plain)?;
    let (labelled, places) = labelled(&scored);
    if !labelled.labels.contains(&1) {
        return Err(AblateError::NoLabels {
            given: request.labels.len(),
        });
    }
    let blocks = labelled.block_count;
    let groups = request
        .sites
        .map_or_else(Vec::new, |sites| groups(request, sites, &places));
    let unchanged = scores(&scored);
    let baseline = Baseline::new(
        labelled,
        unchanged,
        groups,
        request.gamma,
        DRAWS,
        request.seed,
    );
    drop(scored);
    let needs_means = |how: &How| matches!(how, How::Mean | How::Positional);
    let head_means = if request.how.iter().any(needs_means) {
        let sample = Sample::default();
        let silent = Progress::default();
        let measured = means::measure(&model.kernel, genome, sample, &plain, &silent, cancel)?;
        Some(measured)
    } else {
        None
    };
    let mut rows = Vec::new();
    for how in &request.how {
        for (role, heads) in &sets {
            let settings = changed(&plain, heads, *how, head_means.as_ref());
            let effects = baseline.compare(&scores(&run(&settings)?));
            let names: Vec<String> = heads.iter().map(HeadId::to_string).collect();
            rows.push(AblationRow {
                heads: names.join("+"),
                how: how.name().to_owned(),
                role: *role,
                layer: match heads.as_slice() {
                    [head] => Some(head.layer + 1),
                    _ => None,
                },
                rank_by_loss: None,
                rank_by_precision: None,
                ranked: 0,
                effects,
            });
        }
    }
    rank_within_layers(&mut rows);
    Ok(Ablation {
        positions: baseline.positions(),
        positives: baseline.positives,
        blocks,
        loss: baseline.loss,
        average_precision: baseline.average_precision,
        roc_auc: baseline.roc_auc,
        means: head_means.map(|means| means.expected.sample),
        rows,
    })
}

/// What is ablated together, and why: the heads asked for, together and each by itself, and controls.
fn sets(request: &Request<'_>) -> Result<Vec<(Role, Vec<HeadId>)>, AblateError> {
    let shape = request.model.head_shape();
    if let Some(&head) = request
        .heads
        .iter()
        .find(|head| head.layer >= shape.layers || head.head >= shape.heads)
    {
        return Err(AblateError::NoHead {
            head,
            layers: shape.layers,
            heads: shape.heads,
        });
    }
    let asked: Vec<HeadId> = if request.heads.is_empty() {
        shape.all().collect()
    } else {
        let mut heads = request.heads.clone();
        heads.sort_unstable();
        heads.dedup();
        heads
    };
    let peers = |head: &HeadId| asked.iter().any(|asked| asked.layer == head.layer);
    let controls: Vec<HeadId> = shape
        .all()
        .filter(|head| request.controls && !asked.contains(head) && peers(head))
        .collect();
    let mut sets: Vec<(Role, Vec<HeadId>)> = Vec::new();
    if asked.len() > 1 && !request.heads.is_empty() {
        sets.push((Role::Asked, asked.clone()));
    }
    sets.extend(asked.iter().map(|head| (Role::Asked, vec![*head])));
    sets.extend(controls.iter().map(|head| (Role::Control, vec![*head])));
    Ok(sets)
}

/// `settings` with the heads ablated.
fn changed(settings: &Settings, heads: &[HeadId], how: How, means: Option<&HeadMeans>) -> Settings {
    let mut changed = settings.clone();
    for &head in heads {
        match (how, means) {
            (How::Mean, Some(means)) => {
                changed.replaced.insert(head, means.output(head));
            }
            (How::Positional, Some(means)) => {
                changed.replaced.insert(head, means.weights(head));
            }
            (How::Uniform, _) => {
                changed.uniform.insert(head);
            }
            (How::Zero | How::Mean | How::Positional, _) => {
                changed.heads_off.insert(head);
            }
        }
    }
    changed
}

fn scores(scored: &[Scored]) -> Vec<f32> {
    let parts = scored.iter().map(|part| part.scores.as_slice());
    parts.collect::<Vec<_>>().concat()
}

/// A contig, a strand and a strand position.
type Place = (usize, Strand, usize);

/// All outputs in one order, and where each of the labelled ones lies in it.
fn labelled(scored: &[Scored]) -> (Labelled, HashMap<Place, usize>) {
    let mut outputs = Labelled::default();
    let mut places = HashMap::new();
    let mut blocks: HashMap<(usize, usize), u32> = HashMap::new();
    let mut last = None;
    for part in scored {
        if last != Some((part.contig, part.strand, part.first)) {
            outputs.pieces.push(outputs.labels.len());
        }
        last = Some((part.contig, part.strand, part.first + part.scores.len()));
        for (index, class) in part.classes.iter().enumerate() {
            let position = part.first + index;
            if *class == 1 {
                let at = outputs.labels.len();
                places.insert((part.contig, part.strand, position), at);
            }
            // Both strands of a stretch of the forward strand are one block.
            let forward = part.strand.flip(position, part.length);
            let next = blocks.len() as u32;
            let block = *blocks
                .entry((part.contig, forward / BLOCK_BP))
                .or_insert(next);
            outputs.blocks.push(block);
            outputs.labels.push(*class);
        }
    }
    outputs.block_count = blocks.len();
    (outputs, places)
}

/// The labelled start sites of each transcription factor in the region: those that one of its sites
/// belongs to. A site belongs to the nearest start site that it can regulate.
fn groups(
    request: &Request<'_>,
    sites: &SiteSet,
    places: &HashMap<Place, usize>,
) -> Vec<SiteGroup> {
    let shift = request.model.config().label_shift;
    let mut sorted: Vec<(&Anchor, usize)> = request
        .labels
        .iter()
        .filter_map(|label| {
            let length = request.genome.contigs.get(label.contig)?.len();
            let output = query(request.genome, *label, shift, Mode::Seamless)?;
            let at = places.get(&(label.contig, label.strand, output % length.max(1)))?;
            Some((label, *at))
        })
        .collect();
    sorted.sort_by_key(|(label, _)| (label.contig, label.position));
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for site in &sites.sites {
        let middle = site.interval.middle().cast_signed();
        let reach = SITE_REACH.start().unsigned_abs();
        let from = site.interval.middle().saturating_sub(reach);
        let first = sorted
            .partition_point(|(label, _)| (label.contig, label.position) < (site.contig(), from));
        let nearest = sorted[first..]
            .iter()
            .take_while(|(label, _)| {
                label.contig == site.contig() && label.position <= site.interval.middle() + reach
            })
            .filter_map(|(label, at)| {
                let distance = middle - label.position.cast_signed();
                let along = match label.strand {
                    Strand::Forward => distance,
                    Strand::Reverse => -distance,
                };
                SITE_REACH
                    .contains(&along)
                    .then_some((along.unsigned_abs(), *at))
            })
            .min();
        if let Some((_, at)) = nearest {
            groups.entry(site.tf()).or_default().push(at);
        }
    }
    let mut groups: Vec<SiteGroup> = groups
        .into_iter()
        .map(|(name, mut outputs)| {
            outputs.sort_unstable();
            outputs.dedup();
            SiteGroup {
                name: name.to_owned(),
                outputs,
            }
        })
        .filter(|group| group.outputs.len() >= LEAST_START_SITES)
        .collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.outputs.len()), group.name.clone()));
    groups
}
