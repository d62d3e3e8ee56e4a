//! A model's scores over slices of a genome, beside their labels.

use crate::analysis::curves::{self, Curves};
use crate::attention::tile::NoAttention;
use crate::genome::{Genome, Interval, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::train::Classes;
use crate::model::{Kernel, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;

/// Outputs run side by side in stretches of about this many.
const STRETCH: usize = 65_536;

/// Scores of one strand of one slice, by strand position.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The contig.
    pub contig: usize,
    /// The strand.
    pub strand: Strand,
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
