//! Where every head looks over several sets of positions, and what decides that.

use super::JobError;
use super::heads::query;
use super::open::AnchorFile;
use super::pooled::{block_bp, pool};
use super::position_sets::{PositionSet, position_sets};
use crate::analysis::logit_parts::PartMoments;
use crate::analysis::matched::MatchRule;
use crate::analysis::pooled::Bootstrap;
use crate::analysis::profile_tables::{DifferenceRow, PartsRow, ProfileSummary};
use crate::analysis::windows::Surroundings;
use crate::attention::store::StoredRun;
use crate::genome::base::ACGT;
use crate::genome::read::anchor_groups::AnchorGroup;
use crate::genome::{Anchor, Genome};
use crate::model::motif::{FirstLayerMotif, first_layer_motifs, mean_query_motifs};
use crate::model::parts::LogitParts;
use crate::model::predict::StrandSequence;
use crate::model::{Mode, Model};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// What the profile job works on.
#[derive(Clone, Debug)]
pub struct ProfileRequest {
    /// The genome.
    pub genome: Arc<Genome>,
    /// The model.
    pub model: Arc<Model>,
    /// Annotated start sites; the model's own top predictions where there are none.
    pub anchors: Option<Arc<AnchorFile>>,
    /// Groups of anchors that the file names, such as σ factors.
    pub groups: Vec<AnchorGroup>,
    /// Whether the model's predictions are sorted into those at annotated start sites and others;
    /// that needs the probability of the whole genome.
    pub false_positives: bool,
    /// A run over the whole genome that has these probabilities, and E(o).
    pub run: Option<PathBuf>,
    /// Anchors nearer than this on one strand count once; 1 keeps all.
    pub apart_bp: usize,
    /// How positions are matched to anchors.
    pub matching: MatchRule,
    /// How the intervals of differences are made.
    pub bootstrap: Bootstrap,
    /// Queries of each set whose logits are split into parts; 0 leaves that out.
    pub parts: usize,
    /// How the borders of segments are treated.
    pub mode: Mode,
}

impl ProfileRequest {
    /// The usual request: predicted anchors, seamless.
    #[must_use]
    pub fn new(genome: Arc<Genome>, model: Arc<Model>) -> Self {
        Self {
            genome,
            model,
            anchors: None,
            groups: Vec::new(),
            false_positives: true,
            run: None,
            apart_bp: 50,
            matching: MatchRule::default(),
            bootstrap: Bootstrap::default(),
            parts: 500,
            mode: Mode::Seamless,
        }
    }
}

/// What every head does over every set.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Profiles {
    /// The sets in the order of the tables.
    pub sets: Vec<PositionSet>,
    /// How far after an anchor its query lies, in bases.
    pub label_shift: usize,
    /// How many keys a query sees.
    pub context: usize,
    /// Length of the blocks that intervals are drawn from.
    pub block_bp: usize,
    /// A row for each set and head. That of the set `genome` is E(o), the expected weight by distance.
    pub profiles: Vec<ProfileSummary>,
    /// A row for each pair of sets and head.
    pub differences: Vec<DifferenceRow>,
    /// What logits are made of, a row for each of two sets and head.
    pub parts: Vec<PartsRow>,
    /// The exact motifs of layer 1: of u, then of the mean query over the anchors and u.
    pub first_layer: Vec<FirstLayerMotif>,
}

/// Runs the job.
///
/// `progress` counts outputs where probabilities are needed, then positions.
///
/// # Errors
/// When it is cancelled, no anchor lies on the genome, or the run is about something else.
pub fn profiles(
    request: &ProfileRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Profiles, JobError> {
    let (genome, model) = (&*request.genome, &*request.model);
    let config = model.config();
    let (sets, pairs) = position_sets(request, progress, cancel)?;
    let anchors: Vec<&[Anchor]> = sets.iter().map(|set| &set.anchors[..]).collect();
    let blocked = pairs.iter().flatten().fold(0, |bits, set| bits | 1 << set);
    let pooled = pool(
        &model.kernel,
        genome,
        &anchors,
        blocked,
        request.mode,
        progress,
        cancel,
    )?;
    let shift = config.label_shift;
    let shape = pooled.shape();
    let mut profiles: Vec<ProfileSummary> = sets
        .iter()
        .enumerate()
        .flat_map(|(set, about)| {
            let pooled = &pooled;
            shape.all().map(move |head| {
                ProfileSummary::new(&about.name, &pooled.profile(set, head), shift)
            })
        })
        .collect();
    if let Some(path) = &request.run {
        profiles.extend(stored_profiles(&StoredRun::open(path)?, shift)?);
    }
    let mut differences = Vec::new();
    for [first, second] in pairs {
        let name = format!("{}-{}", sets[first].name, sets[second].name);
        let contrasts = pooled.contrasts(first, second, request.bootstrap, cancel)?;
        let rows = contrasts
            .iter()
            .map(|contrast| DifferenceRow::new(&name, contrast, shift));
        differences.extend(rows);
    }
    let parts = parts(request, &sets, progress, cancel)?;
    Ok(Profiles {
        label_shift: shift,
        context: config.context,
        block_bp: block_bp(genome),
        profiles,
        differences,
        parts,
        first_layer: first_layer(genome, model, &sets[0].anchors),
        sets,
    })
}

/// E(o) over the whole genome, from a run; what a run does not keep is not a number.
fn stored_profiles(run: &StoredRun, label_shift: usize) -> Result<Vec<ProfileSummary>, JobError> {
    let Some(expected) = run.mean_by_distance()? else {
        return Ok(Vec::new());
    };
    let rows = expected.shape.all().map(|head| {
        let profile = crate::analysis::profile::HeadProfile {
            head,
            n: usize::try_from(expected.queries).unwrap_or(usize::MAX),
            mean: expected.row(head).iter().copied().map(f64::from).collect(),
            deviation: vec![f64::NAN; expected.context],
            entropy_bits: f64::NAN,
            entropy_deviation: f64::NAN,
        };
        ProfileSummary::new("genome_run", &profile, label_shift)
    });
    Ok(rows.collect())
}

/// The motifs of layer 1: of u, then of the mean query over the anchors.
pub(super) fn first_layer(
    genome: &Genome,
    model: &Model,
    anchors: &[Anchor],
) -> Vec<FirstLayerMotif> {
    let config = model.config();
    let reach = config.kernel_reach();
    let bases = Surroundings::new(genome, anchors, config.label_shift, config.context, reach);
    let mut counts = vec![[0.0; 4]; 2 * reach + 1];
    for row in 0..anchors.len() {
        let Some(window) = bases.window(row, 0, reach, 0) else {
            continue;
        };
        for (counts, base) in counts.iter_mut().zip(bases.bases(window, 0, 2 * reach + 1)) {
            match ACGT.iter().position(|known| *known == base) {
                Some(known) => counts[known] += 1.0,
                None => counts.iter_mut().for_each(|count| *count += 0.25),
            }
        }
    }
    let shares: Vec<[f64; 4]> = counts
        .into_iter()
        .map(|row: [f64; 4]| row.map(|count| count / row.iter().sum::<f64>().max(1.0)))
        .collect();
    let mut motifs = first_layer_motifs(&model.weights);
    motifs.extend(mean_query_motifs(&model.weights, &shares));
    motifs
}

/// What logits are made of, over the anchors and over the genome's sample.
fn parts(
    request: &ProfileRequest,
    sets: &[PositionSet],
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<PartsRow>, Cancelled> {
    let model = &*request.model;
    let shape = model.head_shape();
    let mut rows = Vec::new();
    if request.parts == 0 {
        return Ok(rows);
    }
    let split = LogitParts::new(&model.weights);
    for set in sets
        .iter()
        .filter(|set| matches!(&*set.name, "anchors" | "genome"))
    {
        let step = set.anchors.len().div_ceil(request.parts).max(1);
        let chosen: Vec<Anchor> = set.anchors.iter().copied().step_by(step).collect();
        progress.add_total(chosen.len() as u64);
        let found: Vec<Vec<PartMoments>> = chosen
            .par_chunks(16)
            .map(|chosen| {
                let mut moments = vec![PartMoments::default(); shape.len()];
                for anchor in chosen {
                    let shift = model.config().label_shift;
                    let sequence =
                        StrandSequence::new(&request.genome.contigs[anchor.contig], anchor.strand);
                    let found = match query(&request.genome, *anchor, shift, Mode::Seamless) {
                        Some(query) => split.at(sequence, query, cancel)?,
                        None => None,
                    };
                    if let Some(found) = found {
                        for (moments, parts) in moments.iter_mut().zip(&found.heads) {
                            moments.add(parts);
                        }
                    }
                    progress.advance(1);
                }
                Ok(moments)
            })
            .collect::<Result<_, Cancelled>>()?;
        for head in shape.all() {
            let mut all = PartMoments::default();
            for part in &found {
                all.append(&part[shape.row(head)]);
            }
            rows.push(PartsRow::new(&set.name, head, &all));
        }
    }
    Ok(rows)
}
