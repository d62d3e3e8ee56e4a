//! What heads do on average over a genome: the stand-ins of an ablation.

use super::fused::{Kernel, Replacement, Settings};
use super::predict::{self, Sample, StrandSequence};
use crate::attention::expected::DistanceSums;
use crate::attention::{AttentionSink, Expected, HeadId, HeadShape, TileSummary};
use crate::genome::Genome;
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// The mean weights and the mean output of every head over a sample of a genome.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadMeans {
    /// Mean weight by distance, E(o).
    pub expected: Expected,
    /// By head row, the mean of what it gives to a query, `[d_head]` before `o_net`.
    outputs: Vec<Arc<[f32]>>,
}

impl HeadMeans {
    /// The head's mean output in its place.
    #[must_use]
    pub fn output(&self, head: HeadId) -> Replacement {
        Replacement::Output(Arc::clone(&self.outputs[self.expected.shape.row(head)]))
    }

    /// The head's mean weights in its place.
    #[must_use]
    pub fn weights(&self, head: HeadId) -> Replacement {
        Replacement::Weights(self.expected.row(head).into())
    }
}

/// Sums what heads give and where they look.
struct Sums {
    shape: HeadShape,
    d_head: usize,
    distances: DistanceSums,
    /// `[head row, d_head]`.
    outputs: Vec<f64>,
}

impl AttentionSink for Sums {
    fn wants_queries(&self, _queries: Range<isize>) -> bool {
        false
    }

    fn summarised(&self) -> Range<isize> {
        self.distances.summarised()
    }

    fn wants_outputs(&self) -> bool {
        true
    }

    fn take_summary(&mut self, summary: &TileSummary<'_>) {
        self.distances.take_summary(summary);
    }

    fn take_output(&mut self, head: HeadId, _query: isize, output: &[f32]) {
        let sums = &mut self.outputs[self.shape.row(head) * self.d_head..][..self.d_head];
        for (sum, x) in sums.iter_mut().zip(output) {
            *sum += f64::from(*x);
        }
    }
}

/// Measures what every head does on average, on the sample that E(o) is measured on.
///
/// The same genome and sample always give the same numbers. The processor computes, whatever the
/// model runs on. Adds to the total of `progress`.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn measure(
    kernel: &Kernel,
    genome: &Genome,
    sample: Sample,
    settings: &Settings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<HeadMeans, Cancelled> {
    let kernel = &kernel.on_processor();
    let config = kernel.config();
    let (shape, d_head) = (config.head_shape(), config.d_head);
    let (places, text) = predict::sampled(kernel, genome, sample);
    progress.add_total(places.iter().map(|place| place.2.len() as u64).sum());
    let none = || Sums {
        shape,
        d_head,
        distances: DistanceSums::new(shape, config.context),
        outputs: vec![0.0; shape.len() * d_head],
    };
    let parts: Vec<Sums> = places
        .par_iter()
        .map(|(contig, strand, queries)| {
            let mut sums = none();
            let sequence = StrandSequence::new(&genome.contigs[*contig], *strand);
            let queries = queries.clone();
            predict::run(
                kernel, sequence, queries, settings, &mut sums, progress, cancel,
            )?;
            Ok(sums)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut total = none();
    for part in &parts {
        total.distances.add(&part.distances);
        for (sum, more) in total.outputs.iter_mut().zip(&part.outputs) {
            *sum += more;
        }
    }
    let queries = total.distances.queries().max(1) as f64;
    let outputs = total
        .outputs
        .chunks(d_head.max(1))
        .map(|sums| sums.iter().map(|sum| (sum / queries) as f32).collect())
        .collect();
    Ok(HeadMeans {
        expected: total.distances.into_expected(text),
        outputs,
    })
}
