//! How well a model predicts labels, how sure that is, and what simpler means reach.

mod picture;
mod request;
mod write;

pub use picture::{Series, picture, series};
pub use request::{EvaluateError, EvaluateRequest, Evaluated, OtherModel, Part, Region, regions};
pub use write::{DIFFERENCE, MATRIX, RANDOM, difference_cells, measured_cells, write_curves};

use super::JobError;
use super::scoring::{Scored, score, score_streams};
use super::train::{fits, training_slices};
use crate::analysis::baseline::{COLUMNS, FIRST, TssMatrix};
use crate::analysis::correlation::RankedPairs;
use crate::analysis::curves::{
    self, BLOCK_BP, CalibrationBin, CurvePoints, DRAWS, Interval95, Ranking, interval95,
};
use crate::analysis::peaks::{PeakScore, match_peaks, peaks};
use crate::genome::base::ACGT;
use crate::genome::locus::grouped;
use crate::genome::read::activity::MeasuredPromoter;
use crate::genome::{Anchor, Base, Genome, Interval, Strand};
use crate::model::train::Classes;
use crate::model::{Model, Settings};
use crate::progress::{Cancel, Progress};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Seed of the bootstrap.
const SEED: u64 = 1;

/// On either side of a start site's output, where a score is looked for besides.
pub const SENSITIVITY_BP: usize = 5;

/// Tolerances of the scores by peak, in bases.
const TOLERANCES_BP: [usize; 3] = [0, 3, 10];

/// What to evaluate.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The genome.
    pub genome: &'a Genome,
    /// Its labels.
    pub labels: &'a [Anchor],
    /// Where: contigs and intervals of the forward strand, of which both strands are scored.
    pub slices: &'a [(usize, Interval)],
    /// Where a position-weight matrix is counted; no such baseline where it is empty.
    pub training: &'a [(usize, Interval)],
    /// Borders and what else a run may change.
    pub settings: &'a Settings,
    /// Cut both strands into this many cold streams, as the original evaluation does.
    pub streams: Option<usize>,
    /// Promoters whose activity was measured; those whose output lies in the slices are compared.
    pub activity: &'a [MeasuredPromoter],
}

/// Both areas with their intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Its middle 95 % over blocks of 20 kb.
    pub roc_auc_interval: Interval95,
    /// Average precision.
    pub average_precision: f64,
    /// Its middle 95 % over blocks of 20 kb.
    pub average_precision_interval: Interval95,
}

/// Evaluated bases that `model` was trained on, where it states its split on this genome.
fn trained_on(task: &Task<'_>, model: &Model) -> Option<usize> {
    let split = model.metadata.split.as_ref()?;
    let split = Some(split).filter(|split| fits(task.genome, split))?;
    let training = training_slices(task.genome, split);
    let shared = task.slices.iter().flat_map(|(contig, evaluated)| {
        let same = training.iter().filter(move |(other, _)| other == contig);
        same.map(|(_, interval)| interval.intersection(*evaluated).len())
    });
    Some(shared.sum())
}

impl Against {
    /// A caution where its numbers are better than they would be on bases that it has not seen.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        let bases = self.trained_on_bp.filter(|bases| *bases > 0)?;
        Some(format!(
            "{} was trained on {} of the evaluated bases: the difference favours it.",
            self.model,
            grouped(bases)
        ))
    }
}

/// A model beside another, on the same draws of blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The other model.
    pub model: String,
    /// SHA-256 of its checkpoint.
    #[serde(default)]
    pub checksum: String,
    /// Evaluated bases that it was trained on; `None` where it states no split on this genome.
    #[serde(default)]
    pub trained_on_bp: Option<usize>,
    /// What it reaches.
    #[serde(flatten)]
    pub measured: Measured,
    /// Its scores by peak.
    pub peaks: Vec<PeakScore>,
    /// ROC AUC of the model less that of the other.
    pub roc_auc_difference: f64,
    /// Its middle 95 %, paired.
    pub roc_auc_difference_interval: Interval95,
    /// Average precision of the model less that of the other.
    pub average_precision_difference: f64,
    /// Its middle 95 %, paired.
    pub average_precision_difference_interval: Interval95,
}

/// Spearman's correlation of scores with measured activity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// The correlation; `None` with fewer than three promoters.
    pub spearman: Option<f64>,
    /// Its middle 95 % over blocks of 20 kb.
    pub interval: Interval95,
}

/// Scores beside measured activity of promoters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityScore {
    /// Promoters in the region.
    pub promoters: usize,
    /// The model's score at the start site's own output.
    pub model: Correlation,
    /// The largest of the model's scores within [`SENSITIVITY_BP`] of it.
    pub model_nearby: Correlation,
    /// The position-weight matrix, at the start site.
    pub matrix: Option<Correlation>,
    /// The largest of the matrix's scores within [`SENSITIVITY_BP`] of it.
    pub matrix_nearby: Option<Correlation>,
}

/// The result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The model.
    pub model: String,
    /// SHA-256 of its checkpoint.
    pub checksum: String,
    /// Labelled outputs that were scored.
    pub positives: usize,
    /// Outputs that were scored, both strands together.
    pub positions: usize,
    /// Positives over positions: the average precision of a random order.
    pub positive_rate: f64,
    /// What the model reaches.
    #[serde(flatten)]
    pub measured: Measured,
    /// Labels against peaks of the prediction.
    pub peaks: Vec<PeakScore>,
    /// Predicted against observed.
    pub calibration: Vec<CalibrationBin>,
    /// A random order.
    pub random: Measured,
    /// A position-weight matrix of −45…+14, counted on the labels of the training part.
    pub matrix: Option<Measured>,
    /// Its scores by peak.
    pub matrix_peaks: Vec<PeakScore>,
    /// Another model.
    pub against: Option<Against>,
    /// Measured activity, where some was given.
    pub activity: Option<ActivityScore>,
}

/// The points of one curve of each kind, with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedPoints {
    /// What was measured: a model, the matrix, a random order.
    pub name: String,
    /// Its points.
    pub points: CurvePoints,
}

/// Scores of all slices in one order, without those over unknown bases.
struct Flat {
    scores: Vec<f32>,
    labels: Vec<u8>,
    blocks: Vec<u32>,
    count: usize,
}

/// Evaluates `model`, beside `other` where there is one. `progress` counts outputs.
///
/// # Errors
/// When it was cancelled.
pub fn evaluate(
    task: &Task<'_>,
    model: &Model,
    other: Option<&Model>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Evaluation, JobError> {
    Ok(evaluate_with_curves(task, model, other, progress, cancel)?.0)
}

/// The same with the points of the curves: of the model, the other one, the matrix and a random order.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_with_curves(
    task: &Task<'_>,
    model: &Model,
    other: Option<&Model>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Evaluation, Vec<NamedPoints>), JobError> {
    let mut points = Vec::new();
    let mut keep = |name: &str, ranking: &Ranking| {
        points.push(NamedPoints {
            name: name.to_owned(),
            points: ranking.points(),
        });
    };
    let scored = run(task, model, progress, cancel)?;
    let flat = flatten(&scored);
    let ranking = flat.ranking();
    keep(model.name(), &ranking);
    let draws = ranking.bootstrap(DRAWS, SEED);
    let curves = ranking.curves();
    let positive_rate = curves.positives as f64 / curves.positions as f64;
    let against = match other {
        None => None,
        Some(other) => {
            let theirs = run(task, other, progress, cancel)?;
            let ranking = flatten(&theirs).ranking();
            keep(other.name(), &ranking);
            let their_draws = ranking.bootstrap(DRAWS, SEED);
            let their_curves = ranking.curves();
            let pairs = || draws.iter().zip(&their_draws);
            Some(Against {
                model: other.name().to_owned(),
                checksum: other.checksum.clone(),
                trained_on_bp: trained_on(task, other),
                measured: measured(&their_curves, &their_draws),
                peaks: by_peak(&theirs),
                roc_auc_difference: curves.roc_auc - their_curves.roc_auc,
                roc_auc_difference_interval: interval95(
                    pairs().map(|(a, b)| a.roc_auc - b.roc_auc),
                ),
                average_precision_difference: curves.average_precision
                    - their_curves.average_precision,
                average_precision_difference_interval: interval95(
                    pairs().map(|(a, b)| a.average_precision - b.average_precision),
                ),
            })
        }
    };
    cancel.check()?;
    let matrix = matrix(task, model.config().label_shift, &scored);
    let matrix_measured = matrix.as_ref().map(|matrix| {
        let ranking = flatten(matrix).ranking();
        keep(MATRIX, &ranking);
        measured(&ranking.curves(), &ranking.bootstrap(DRAWS, SEED))
    });
    let even = Interval95 {
        low: positive_rate,
        high: positive_rate,
    };
    if curves.positives > 0 {
        points.push(NamedPoints {
            name: RANDOM.to_owned(),
            points: CurvePoints {
                roc: vec![[0.0, 0.0], [1.0, 1.0]],
                precision_recall: vec![[0.0, positive_rate], [1.0, positive_rate]],
            },
        });
    }
    let probabilities = flat.scores.iter().zip(&flat.labels);
    let found = Evaluation {
        model: model.name().to_owned(),
        checksum: model.checksum.clone(),
        positives: curves.positives,
        positions: curves.positions,
        positive_rate,
        measured: measured(&curves, &draws),
        peaks: by_peak(&scored),
        calibration: curves::calibration(
            probabilities.map(|(score, label)| (logistic(*score), *label == 1)),
        ),
        random: Measured {
            roc_auc: 0.5,
            roc_auc_interval: Interval95 {
                low: 0.5,
                high: 0.5,
            },
            average_precision: positive_rate,
            average_precision_interval: even,
        },
        matrix: matrix_measured,
        matrix_peaks: matrix.as_deref().map(by_peak).unwrap_or_default(),
        against,
        activity: (!task.activity.is_empty())
            .then(|| activity(task, model.config().label_shift, &scored, matrix.as_deref())),
    };
    Ok((found, points))
}

/// Scores of the promoters that were measured, beside what was measured.
fn activity(
    task: &Task<'_>,
    shift: usize,
    scored: &[Scored],
    matrix: Option<&[Scored]>,
) -> ActivityScore {
    let parts = joined(scored);
    let matrix = matrix.map(joined);
    // The part that holds a promoter's output, and where in it.
    let place = |measured: &MeasuredPromoter| {
        let anchor = measured.anchor;
        parts.iter().enumerate().find_map(|(index, part)| {
            let here = (part.contig, part.strand) == (anchor.contig, anchor.strand);
            let query = anchor.strand.flip(anchor.position, part.length) + shift;
            let at = query.checked_sub(part.first)?;
            (here && part.scores.get(at).is_some_and(|score| score.is_finite()))
                .then_some((index, at))
        })
    };
    let mut blocks: HashMap<(usize, usize), u32> = HashMap::new();
    let mut found: Vec<(usize, usize, f64, u32)> = Vec::new();
    for measured in task.activity {
        if let Some((part, at)) = place(measured) {
            let next = blocks.len() as u32;
            let key = (measured.anchor.contig, measured.anchor.position / BLOCK_BP);
            let block = *blocks.entry(key).or_insert(next);
            found.push((part, at, measured.activity, block));
        }
    }
    let in_blocks: Vec<u32> = found.iter().map(|found| found.3).collect();
    let correlation = |score: &dyn Fn(usize, usize) -> f32| {
        let pairs: Vec<(f64, f64)> = found
            .iter()
            .map(|&(part, at, activity, _)| (f64::from(score(part, at)), activity))
            .collect();
        let ranked = RankedPairs::new(&pairs, &in_blocks, blocks.len());
        Correlation {
            spearman: ranked.spearman(),
            interval: ranked.interval(DRAWS, SEED),
        }
    };
    let at_site = |parts: &[Scored]| correlation(&|part, at| parts[part].scores[at]);
    let nearby = |parts: &[Scored]| {
        correlation(&|part, at| {
            let scores = &parts[part].scores;
            let end = (at + SENSITIVITY_BP + 1).min(scores.len());
            let near = &scores[at.saturating_sub(SENSITIVITY_BP)..end];
            near.iter().copied().fold(f32::NEG_INFINITY, f32::max)
        })
    };
    ActivityScore {
        promoters: found.len(),
        model: at_site(&parts),
        model_nearby: nearby(&parts),
        matrix: matrix.as_deref().map(at_site),
        matrix_nearby: matrix.as_deref().map(nearby),
    }
}

fn logistic(score: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(score)).exp())
}

fn run(
    task: &Task<'_>,
    model: &Model,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<Scored>, JobError> {
    let shift = model.config().label_shift;
    let classes = Classes::new(task.genome, task.labels, shift);
    Ok(match task.streams {
        Some(streams) => score_streams(
            &model.kernel,
            task.genome,
            task.slices,
            &classes,
            streams,
            progress,
            cancel,
        )?,
        None => score(
            &model.kernel,
            task.genome,
            task.slices,
            &classes,
            task.settings,
            progress,
            cancel,
        )?,
    })
}

fn flatten(scored: &[Scored]) -> Flat {
    let mut flat = Flat {
        scores: Vec::new(),
        labels: Vec::new(),
        blocks: Vec::new(),
        count: 0,
    };
    let mut blocks: HashMap<(usize, usize), u32> = HashMap::new();
    for part in scored {
        let positions = part.scores.iter().zip(&part.classes).enumerate();
        for (index, (score, label)) in positions {
            if score.is_nan() {
                continue;
            }
            // Both strands of a stretch of the forward strand are one block.
            let forward = part.strand.flip(part.first + index, part.length);
            let next = blocks.len() as u32;
            let block = *blocks
                .entry((part.contig, forward / BLOCK_BP))
                .or_insert(next);
            flat.scores.push(*score);
            flat.labels.push(*label);
            flat.blocks.push(block);
        }
    }
    flat.count = blocks.len();
    flat
}

impl Flat {
    fn ranking(&self) -> Ranking {
        Ranking::new(&self.scores, &self.labels, &self.blocks, self.count)
    }
}

fn measured(curves: &curves::Curves, draws: &[curves::Areas]) -> Measured {
    Measured {
        roc_auc: curves.roc_auc,
        roc_auc_interval: interval95(draws.iter().map(|areas| areas.roc_auc)),
        average_precision: curves.average_precision,
        average_precision_interval: interval95(draws.iter().map(|areas| areas.average_precision)),
    }
}

/// Joins parts that follow one another on a strand, so that no peak is cut.
fn joined(scored: &[Scored]) -> Vec<Scored> {
    let mut parts = scored.to_vec();
    parts.sort_by_key(|part| (part.contig, part.strand, part.first));
    let mut joined: Vec<Scored> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last)
                if (last.contig, last.strand) == (part.contig, part.strand)
                    && last.first + last.scores.len() == part.first =>
            {
                last.scores.extend(part.scores);
                last.classes.extend(part.classes);
            }
            _ => joined.push(part),
        }
    }
    joined
}

fn by_peak(scored: &[Scored]) -> Vec<PeakScore> {
    let parts = joined(scored);
    let found: Vec<_> = parts
        .iter()
        .enumerate()
        .flat_map(|(piece, part)| peaks(piece, &part.scores))
        .collect();
    let labels: Vec<Vec<usize>> = parts
        .iter()
        .map(|part| {
            let classes = part.classes.iter().enumerate();
            classes
                .filter(|(_, class)| **class == 1)
                .map(|(at, _)| at)
                .collect()
        })
        .collect();
    TOLERANCES_BP
        .into_iter()
        .map(|tolerance| match_peaks(&found, &labels, tolerance))
        .collect()
}

/// What a position-weight matrix makes of the outputs in `scored`.
fn matrix(task: &Task<'_>, shift: usize, scored: &[Scored]) -> Option<Vec<Scored>> {
    let inside = |label: &&Anchor| {
        task.training
            .iter()
            .any(|(contig, interval)| *contig == label.contig && interval.contains(label.position))
    };
    let windows: Vec<Vec<Base>> = task
        .labels
        .iter()
        .filter(inside)
        .filter_map(|label| {
            let contig = &task.genome.contigs[label.contig];
            let position = label.strand.flip(label.position, contig.len());
            let first = position.checked_add_signed(FIRST)?;
            let window = Interval::new(first, first + COLUMNS);
            (window.end <= contig.len()).then(|| {
                contig.bases(
                    label.strand.flip_interval(window, contig.len()),
                    label.strand,
                )
            })
        })
        .collect();
    if windows.is_empty() {
        return None;
    }
    let matrix = TssMatrix::new(&windows, background(task));
    Some(
        scored
            .iter()
            .map(|part| {
                let contig = &task.genome.contigs[part.contig];
                // The output at q scores the start site at q − shift.
                let margin = shift + FIRST.unsigned_abs();
                let first = part.first.saturating_sub(margin);
                let end = (part.first + part.scores.len() + COLUMNS).min(contig.len());
                let interval = part
                    .strand
                    .flip_interval(Interval::new(first, end), contig.len());
                let scores = matrix.scores(&contig.bases(interval, part.strand));
                let at = |query: usize| {
                    let start_site = query.checked_sub(shift)?.checked_sub(first)?;
                    scores
                        .get(start_site)
                        .copied()
                        .filter(|score| !score.is_nan())
                };
                Scored {
                    scores: part
                        .scores
                        .iter()
                        .enumerate()
                        .map(|(index, score)| {
                            if score.is_nan() {
                                f32::NAN
                            } else {
                                at(part.first + index).unwrap_or(f32::MIN)
                            }
                        })
                        .collect(),
                    ..part.clone()
                }
            })
            .collect(),
    )
}

/// Frequencies of A, C, G and T on both strands of the training part.
fn background(task: &Task<'_>) -> [f64; 4] {
    let mut counts = [1.0; 4];
    for (contig, interval) in task.training {
        for base in task.genome.contigs[*contig].bases(*interval, Strand::Forward) {
            if let Some(index) = ACGT.iter().position(|known| *known == base) {
                counts[index] += 1.0;
                counts[3 - index] += 1.0;
            }
        }
    }
    let total: f64 = counts.iter().sum();
    counts.map(|count| count / total)
}
