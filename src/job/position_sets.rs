//! The positions that profiles are made over: start sites, what resembles them, predictions, a sample.

use super::JobError;
use super::findings::predicted_start_sites;
use super::genome_run::{mismatch, open_overview};
use super::heads::{HeadsError, query};
use super::profile::ProfileRequest;
use crate::analysis::anchors::{PeakRule, ProbabilityTrack, predicted, thinned};
use crate::analysis::matched::{AtContent, is_near, matched};
use crate::analysis::pooled::MOST_SETS;
use crate::attention::store::{Statistic, StoredRun};
use crate::genome::{Anchor, Genome, Interval, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Progress};
use std::collections::BTreeMap;

/// Groups of anchors with fewer are left out.
const LEAST_GROUP: usize = 10;
/// A predicted start site this near to an annotated one on its strand is no false positive.
const LABEL_WITHIN_BP: usize = 10;
/// The sample of the genome: so many stretches of so many neighbouring positions.
const STRETCHES: usize = 200;
const STRETCH_BP: usize = 256;

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

pub(super) type SetsAndPairs = (Vec<PositionSet>, Vec<[usize; 2]>);

/// The sets, and which of them are compared with which.
pub(super) fn position_sets(
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
        return Err(Box::new(HeadsError::NoAnchors {
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
    for sorted in places.values_mut() {
        sorted.sort_unstable();
    }
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
