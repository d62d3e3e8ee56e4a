//! A model's scores over slices of a genome, beside their labels.

use crate::analysis::curves::{self, Curves};
use crate::attention::tile::NoAttention;
use crate::genome::sequence::GrowingSequence;
use crate::genome::{Contig, Genome, Interval, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::train::Classes;
use crate::model::{Kernel, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::ops::Range;

/// Outputs run side by side in stretches of about this many.
const STRETCH: usize = 65_536;

/// Scores of one strand of one slice, by strand position.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The contig.
    pub contig: usize,
    /// The strand.
    pub strand: Strand,
    /// Bases of the contig.
    pub length: usize,
    /// Strand position of the first score.
    pub first: usize,
    /// Logit of class 1 less that of class 0; NaN over unknown bases.
    pub scores: Vec<f32>,
    /// 1 where the output for a label lies.
    pub classes: Vec<u8>,
}

/// Runs both strands of `slices`. Adds the number of outputs to the total of `progress`.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn score(
    kernel: &Kernel,
    genome: &Genome,
    slices: &[(usize, Interval)],
    classes: &Classes,
    settings: &Settings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<Scored>, Cancelled> {
    let step = STRETCH.next_multiple_of(kernel.config().context);
    let mut stretches = Vec::new();
    for &(contig, interval) in slices {
        progress.add_total(2 * interval.len() as u64);
        for strand in Strand::BOTH {
            let length = genome.contigs[contig].len();
            let queries = strand.flip_interval(interval, length).range();
            let mut start = queries.start;
            while start < queries.end {
                let end = queries.end.min((start / step + 1) * step);
                stretches.push((contig, strand, start..end));
                start = end;
            }
        }
    }
    stretches
        .into_par_iter()
        .map(|(contig, strand, queries)| {
            let sequence = StrandSequence::new(&genome.contigs[contig], strand);
            let outputs = predict::run(
                kernel,
                sequence,
                queries.clone(),
                settings,
                &mut NoAttention,
                progress,
                cancel,
            )?;
            Ok(Scored {
                contig,
                strand,
                length: genome.contigs[contig].len(),
                first: queries.start,
                scores: outputs
                    .logits
                    .chunks_exact(outputs.classes.max(2))
                    .map(|logits| logits[1] - logits[0])
                    .collect(),
                classes: classes.strand(contig, strand)[queries].to_vec(),
            })
        })
        .collect()
}

/// The original's own way: both strands of `slices` joined end to end and cut into `streams` pieces
/// of one length, each run from a cold start. What is left over at the end is not scored.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn score_streams(
    kernel: &Kernel,
    genome: &Genome,
    slices: &[(usize, Interval)],
    classes: &Classes,
    streams: usize,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<Scored>, Cancelled> {
    // Stretches of the joined sequence: contig, strand, strand positions.
    let mut joined: Vec<(usize, Strand, Range<usize>)> = Vec::new();
    for strand in Strand::BOTH {
        let mut stretches: Vec<_> = slices
            .iter()
            .map(|&(contig, interval)| {
                let length = genome.contigs[contig].len();
                (
                    contig,
                    strand,
                    strand.flip_interval(interval, length).range(),
                )
            })
            .collect();
        if strand == Strand::Reverse {
            stretches.reverse();
        }
        joined.extend(stretches);
    }
    let total: usize = joined.iter().map(|(_, _, range)| range.len()).sum();
    let length = total / streams.max(1);
    progress.add_total((length * streams) as u64);
    let pieces: Vec<Vec<Scored>> = (0..streams)
        .into_par_iter()
        .map(|stream| {
            let parts = cut(&joined, stream * length..(stream + 1) * length);
            let mut sequence = GrowingSequence::default();
            for (contig, strand, range) in &parts {
                let contig = &genome.contigs[*contig];
                let interval = Interval::new(range.start, range.end);
                let forward = strand.flip_interval(interval, contig.len());
                let bases = contig.bases(forward, *strand);
                for base in bases {
                    sequence.push(base);
                }
            }
            let contig = Contig {
                sequence: sequence.finish(),
                ..Contig::default()
            };
            let outputs = predict::run(
                kernel,
                StrandSequence::new(&contig, Strand::Forward),
                0..length,
                &Settings::default(),
                &mut NoAttention,
                progress,
                cancel,
            )?;
            let mut scores = outputs
                .logits
                .chunks_exact(outputs.classes.max(2))
                .map(|logits| logits[1] - logits[0]);
            Ok(parts
                .into_iter()
                .map(|(contig, strand, range)| Scored {
                    contig,
                    strand,
                    length: genome.contigs[contig].len(),
                    first: range.start,
                    scores: scores.by_ref().take(range.len()).collect(),
                    classes: classes.strand(contig, strand)[range].to_vec(),
                })
                .collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(pieces.into_iter().flatten().collect())
}

/// The stretches that make up `wanted` of the sequence that `joined` makes end to end.
fn cut(
    joined: &[(usize, Strand, Range<usize>)],
    wanted: Range<usize>,
) -> Vec<(usize, Strand, Range<usize>)> {
    let mut before = 0;
    let mut parts = Vec::new();
    for (contig, strand, range) in joined {
        let here = before..before + range.len();
        let (start, end) = (wanted.start.max(here.start), wanted.end.min(here.end));
        if start < end {
            let first = range.start + start - before;
            parts.push((*contig, *strand, first..first + end - start));
        }
        before = here.end;
    }
    parts
}

/// Mean focal loss and the areas under both curves, all strands in one ranking.
#[must_use]
pub fn summary(scored: &[Scored], gamma: f32) -> (f64, Curves) {
    let mut loss = 0.0;
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for part in scored {
        for (score, class) in part.scores.iter().zip(&part.classes) {
            if score.is_nan() {
                continue;
            }
            let margin = f64::from(if *class == 1 { *score } else { -score });
            // ln(1 + e^−margin), without overflow.
            let entropy = (-margin).max(0.0) + (-margin.abs()).exp().ln_1p();
            loss += (-(-entropy).exp_m1()).powf(f64::from(gamma)) * entropy;
            scores.push(*score);
            labels.push(*class);
        }
    }
    (loss / scores.len() as f64, curves::curves(&scores, &labels))
}
