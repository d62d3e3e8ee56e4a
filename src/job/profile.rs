//! Where every head looks over several sets of positions, and what decides that.

use super::JobError;
use super::findings::predicted_start_sites;
use super::genome_run::{mismatch, open_overview};
use super::heads::query;
use super::open::AnchorFile;
use super::pooled::{block_bp, pool};
use crate::analysis::anchors::{PeakRule, ProbabilityTrack, predicted, thinned};
use crate::analysis::logit_parts::PartMoments;
use crate::analysis::matched::{AtContent, MatchRule, is_near, matched};
use crate::analysis::pooled::{Bootstrap, MOST_SETS};
use crate::analysis::profile_tables::{DifferenceRow, PartsRow, ProfileSummary};
use crate::analysis::windows::Surroundings;
use crate::attention::store::{Statistic, StoredRun};
use crate::genome::base::ACGT;
use crate::genome::read::anchor_groups::AnchorGroup;
use crate::genome::{Anchor, Genome, Interval, Strand};
use crate::model::motif::{FirstLayerMotif, first_layer_motifs, mean_query_motifs};
use crate::model::parts::LogitParts;
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Groups of anchors with fewer are left out.
const LEAST_GROUP: usize = 10;
/// A predicted start site this near to an annotated one on its strand is no false positive.
const LABEL_WITHIN_BP: usize = 10;
/// The sample of the genome: so many stretches of so many neighbouring positions.
const STRETCHES: usize = 200;
const STRETCH_BP: usize = 256;

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

/// One set of positions.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PositionSet {
    /// Its name in the tables.
    pub name: String,
    /// What it is, in words.
    pub words: String,
    /// The positions that were looked at, thinned.
    #[serde(skip)]
    pub anchors: Vec<Anchor>,
    /// How many.
    pub n: usize,
}

impl PositionSet {
    fn new(name: &str, words: String, anchors: Vec<Anchor>) -> Self {
        Self {
            name: name.to_owned(),
            words,
            n: anchors.len(),
            anchors,
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

type SetsAndPairs = (Vec<PositionSet>, Vec<[usize; 2]>);

/// The sets, and which of them are compared with which.
fn position_sets(
    request: &ProfileRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<SetsAndPairs, JobError> {
    let (genome, model) = (&*request.genome, &*request.model);
    let config = model.config();
    let usable = |anchors: &[Anchor]| -> Vec<Anchor> {
        let has_query =
            |anchor: &&Anchor| query(genome, **anchor, config.label_shift, request.mode).is_some();
        let kept: Vec<Anchor> = anchors.iter().filter(has_query).copied().collect();
        thinned(&kept, request.apart_bp)
    };
    let (given, words) = match &request.anchors {
        Some(file) => (
            file.anchors.clone(),
            format!("start sites of {}", file.name),
        ),
        None => predicted_start_sites(genome, model, request.mode, progress, cancel)?,
    };
    let used = usable(&given);
    if used.is_empty() {
        return Err(Box::new(super::heads::HeadsError::NoAnchors {
            genome: genome.name.clone(),
            given: given.len(),
        }));
    }
    let thinning = format!("thinned to {} nt a strand", request.apart_bp);
    let rule = request.matching;
    cancel.check()?;
    let content = AtContent::new(genome, config.label_shift, config.context);
    let alike: Vec<Anchor> = matched(&content, &used, &given, rule)
        .into_iter()
        .flatten()
        .collect();
    drop(content);
    let matched_words = format!(
        "one for each anchor: same contig and strand, same of {} classes of AT content over the {} bases that a query sees, \
         more than {} nt from every anchor of either strand; {} of {} found, seed {}",
        rule.classes,
        config.context,
        rule.apart_bp,
        alike.len(),
        used.len(),
        rule.seed
    );
    let mut sets = vec![
        PositionSet::new("anchors", format!("{words}, {thinning}"), used),
        PositionSet::new("matched", matched_words, alike),
    ];
    let mut pairs = vec![[0, 1]];
    if request.false_positives && request.anchors.is_some() {
        let (hits, others) = predictions(request, &given, progress, cancel)?;
        let words = |is: &str| {
            format!(
                "the model's {} most likely start sites, 50 nt apart on a strand, that {is} within {LABEL_WITHIN_BP} nt on their strand",
                given.len()
            )
        };
        pairs.push([sets.len() + 1, 1]);
        sets.push(PositionSet::new(
            "true_positives",
            words("lie at an annotated one"),
            usable(&hits),
        ));
        sets.push(PositionSet::new(
            "false_positives",
            words("have no annotated one"),
            usable(&others),
        ));
    }
    for group in &request.groups {
        let anchors = usable(&group.anchors);
        // The last set is the genome's.
        if anchors.len() >= LEAST_GROUP && sets.len() + 1 < MOST_SETS {
            let words = format!("{words} that name {}, {thinning}", group.name);
            sets.push(PositionSet::new(&group.name, words, anchors));
        }
    }
    let sample = sample(genome, model, request.mode);
    let words = format!(
        "{STRETCHES} stretches of up to {STRETCH_BP} neighbouring positions, spread evenly over the genome, strands in turn"
    );
    sets.push(PositionSet::new("genome", words, sample));
    pairs.retain(|pair| pair.iter().all(|&set| sets[set].n > 0));
    Ok((sets, pairs))
}

/// The model's most likely start sites, as many as are annotated: those at annotated ones, and others.
fn predictions(
    request: &ProfileRequest,
    labels: &[Anchor],
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Vec<Anchor>, Vec<Anchor>), JobError> {
    let (genome, model) = (&*request.genome, &*request.model);
    let stored = match &request.run {
        Some(path) => {
            if let Some(reason) = mismatch(&open_overview(path)?, genome, model) {
                return Err(format!("{}: {reason}", path.display()).into());
            }
            Some(StoredRun::open(path)?)
        }
        None => None,
    };
    let settings = Settings::with_mode(request.mode);
    let mut outputs = Vec::new();
    for (index, contig) in genome.contigs.iter().enumerate() {
        for strand in Strand::BOTH {
            let whole = Interval::new(0, contig.len());
            let sequence = StrandSequence::new(contig, strand);
            let mut values = match &stored {
                Some(run) => run.values(Statistic::Probability, strand, index, whole)?,
                None => predict::probabilities(
                    &model.kernel,
                    sequence,
                    whole,
                    &settings,
                    progress,
                    cancel,
                )?,
            };
            if strand == Strand::Reverse {
                values.reverse();
            }
            outputs.push((index, strand, sequence.wraps(request.mode), values));
        }
    }
    let tracks: Vec<ProbabilityTrack<'_>> = outputs
        .iter()
        .map(|(contig, strand, wraps, values)| ProbabilityTrack {
            contig: *contig,
            strand: *strand,
            contig_bp: genome.contigs[*contig].len(),
            circular: *wraps,
            first: 0,
            probabilities: values,
        })
        .collect();
    let rule = PeakRule {
        count: labels.len(),
        ..PeakRule::default()
    };
    let peaks = predicted(&tracks, model.config().label_shift, rule);
    let mut places: BTreeMap<(usize, Strand), Vec<usize>> = BTreeMap::new();
    for label in labels {
        let key = (label.contig, label.strand);
        places.entry(key).or_default().push(label.position);
    }
    places
        .values_mut()
        .for_each(|sorted| sorted.sort_unstable());
    Ok(peaks.into_iter().map(|peak| peak.anchor).partition(|peak| {
        let contig = &genome.contigs[peak.contig];
        places
            .get(&(peak.contig, peak.strand))
            .is_some_and(|sorted| is_near(sorted, peak.position, LABEL_WITHIN_BP, contig))
    }))
}

/// Positions spread over the genome, whose queries lie a full reach after the start of a strand,
/// where there are such.
fn sample(genome: &Genome, model: &Model, mode: Mode) -> Vec<Anchor> {
    let config = model.config();
    let shift = config.label_shift;
    let reaches = [config.reach_back(), config.context - 1, 0];
    let skipped = reaches
        .into_iter()
        .find(|skipped| genome.contigs.iter().any(|contig| contig.len() > *skipped))
        .unwrap_or(0);
    let total = genome.len();
    let mut anchors = Vec::new();
    for stretch in 0..STRETCHES {
        let middle = (total as u128 * (2 * stretch as u128 + 1) / (2 * STRETCHES as u128)) as usize;
        let mut at = middle.saturating_sub(STRETCH_BP / 2);
        let found = genome.contigs.iter().enumerate().find(|(_, contig)| {
            let here = at < contig.len();
            if !here {
                at -= contig.len();
            }
            here
        });
        let Some((index, contig)) = found else {
            continue;
        };
        let strand = Strand::BOTH[stretch % 2];
        for on_strand in at..(at + STRETCH_BP).min(contig.len()) {
            let anchor = Anchor {
                contig: index,
                position: strand.flip(on_strand, contig.len()),
                strand,
            };
            if on_strand + shift >= skipped && query(genome, anchor, shift, mode).is_some() {
                anchors.push(anchor);
            }
        }
    }
    anchors.sort_unstable();
    anchors.dedup();
    anchors
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
fn first_layer(genome: &Genome, model: &Model, anchors: &[Anchor]) -> Vec<FirstLayerMotif> {
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
