//! Running the network over a strand: probabilities, attention, tracks.

use std::ops::Range;

use rayon::prelude::*;

use super::fused::{Kernel, Mode, Settings, softmax_of_second};
pub use super::strand::StrandSequence;
use crate::attention::block::AttentionBlock;
use crate::attention::expected::DistanceSums;
use crate::attention::tile::NoAttention;
use crate::attention::track::ReceivedSums;
use crate::attention::{AttentionSink, Expected, WindowTracks};
use crate::genome::{Contig, Genome, Interval, Strand};
use crate::progress::{Cancel, Cancelled, Progress};

/// Long ranges are run in stretches of this many queries, side by side.
pub const STRETCH: usize = 262_144;

/// What a run found at its queries.
#[derive(Clone, Debug, PartialEq)]
pub struct Outputs {
    /// Strand position of the first query.
    pub first_query: usize,
    /// Number of classes.
    pub classes: usize,
    /// `[query, class]`; NaN where the bases under a query's own convolution hold an N.
    pub logits: Vec<f32>,
}

impl Outputs {
    /// Number of queries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.logits.len() / self.classes.max(1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.logits.is_empty()
    }

    /// The logits at strand position `query`; empty outside the run.
    #[must_use]
    pub fn logits(&self, query: usize) -> &[f32] {
        query
            .checked_sub(self.first_query)
            .and_then(|row| {
                self.logits
                    .get(row * self.classes..(row + 1) * self.classes)
            })
            .unwrap_or(&[])
    }

    /// The probability of class 1 at strand position `query`; NaN over N and outside the run.
    #[must_use]
    pub fn probability(&self, query: usize) -> f32 {
        softmax_of_second(self.logits(query))
    }

    /// The probability of class 1 at every query, in strand order; NaN over N.
    #[must_use]
    pub fn probabilities(&self) -> Vec<f32> {
        self.logits
            .chunks_exact(self.classes.max(1))
            .map(softmax_of_second)
            .collect()
    }
}

/// Runs the network for `queries` (strand positions, 0-based) and hands their attention to `sink`.
///
/// The numbers are those of a run over the whole strand: what the queries need before and after
/// them is computed too. Queries past the end are dropped, unless the run wraps. `progress`
/// advances by one a query; its total is left to the caller.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn run<S: AttentionSink>(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    queries: Range<usize>,
    settings: &Settings,
    sink: &mut S,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outputs, Cancelled> {
    let strip = sequence.strip(kernel.config(), settings, queries);
    let logits = kernel.run(&strip, settings, sink, progress, cancel)?;
    Ok(Outputs {
        first_query: strip.queries.start.cast_unsigned(),
        classes: kernel.config().classes,
        logits,
    })
}

/// The probability of class 1 at every output position of a forward `interval`, in forward order.
///
/// NaN over N. The interval is cut to the contig. Adds its length to the total of `progress`.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn probabilities(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    interval: Interval,
    settings: &Settings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<f32>, Cancelled> {
    let length = sequence.len();
    let interval = interval.intersection(Interval::new(0, length));
    progress.add_total(interval.len() as u64);
    let queries = sequence.strand.flip_interval(interval, length).range();
    // Stretches lie on a grid of the strand: what has been finished can be kept and found again.
    let stretches: Vec<Range<usize>> = (queries.start / STRETCH..queries.end.div_ceil(STRETCH))
        .map(|i| queries.start.max(i * STRETCH)..queries.end.min((i + 1) * STRETCH))
        .collect();
    let parts: Vec<Vec<f32>> = stretches
        .into_par_iter()
        .map(|stretch| {
            let sink = &mut NoAttention;
            run(kernel, sequence, stretch, settings, sink, progress, cancel)
                .map(|outputs| outputs.probabilities())
        })
        .collect::<Result<_, _>>()?;
    let mut probabilities = parts.concat();
    if sequence.strand == Strand::Reverse {
        probabilities.reverse();
    }
    Ok(probabilities)
}

/// What every base of a forward `interval` receives from every head, and the probability there.
///
/// Queries up to `context - 1` bases downstream of the interval see its bases and are run too.
/// The interval is cut to the contig. Adds the number of queries to the total of `progress`.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn window_tracks(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    interval: Interval,
    expected: &Expected,
    settings: &Settings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<WindowTracks, Cancelled> {
    let interval = interval.intersection(Interval::new(0, sequence.len()));
    let bases = sequence
        .strand
        .flip_interval(interval, sequence.len())
        .range();
    let shape = kernel.config().head_shape();
    let queries = queries_that_see(kernel, sequence, interval, settings.mode);
    progress.add_total(queries.len() as u64);
    let mut sums = ReceivedSums::new(shape, bases.start.cast_signed()..bases.end.cast_signed());
    let outputs = run(
        kernel, sequence, queries, settings, &mut sums, progress, cancel,
    )?;
    let mut probability = outputs.probabilities();
    let mut tracks = sums.into_tracks(&probability, expected);
    probability.truncate(interval.len());
    if sequence.strand == Strand::Reverse {
        probability.reverse();
        for track in &mut tracks {
            track
                .chunks_mut(interval.len().max(1))
                .for_each(<[f32]>::reverse);
        }
    }
    Ok(WindowTracks {
        contig: sequence.contig.name.clone(),
        strand: sequence.strand,
        interval,
        shape,
        probability,
        tracks,
    })
}

/// The queries (strand positions) that see bases of a forward `interval`, which lies on the contig.
#[must_use]
pub fn queries_that_see(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    interval: Interval,
    mode: Mode,
) -> Range<usize> {
    let length = sequence.len();
    let bases = sequence.strand.flip_interval(interval, length).range();
    let end = bases.end + kernel.config().context - 1;
    if bases.is_empty() {
        bases
    } else if sequence.wraps(mode) {
        bases.start..end
    } else {
        bases.start..end.min(length)
    }
}

/// The attention of one layer for every query of a forward `interval`, kept whole.
///
/// The interval is cut to the contig. Takes `heads * queries * context` floats.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn layer_block(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    interval: Interval,
    layer: usize,
    settings: &Settings,
    cancel: &Cancel,
) -> Result<AttentionBlock, Cancelled> {
    let length = sequence.len();
    let interval = interval.intersection(Interval::new(0, length));
    let queries = sequence.strand.flip_interval(interval, length).range();
    let config = kernel.config();
    let first = queries.start.cast_signed();
    let mut block = AttentionBlock::new(layer, config.heads, first, queries.len(), config.context);
    let progress = Progress::default();
    run(
        kernel, sequence, queries, settings, &mut block, &progress, cancel,
    )?;
    Ok(block)
}

/// How much of a genome to run when the mean attention by distance is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Number of stretches, spread evenly over the genome, strands in turn.
    pub stretches: usize,
    /// Queries in each.
    pub queries: usize,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            stretches: 24,
            queries: 2048,
        }
    }
}

/// Measures the mean attention of every head by distance, E(o), on a sample of the genome.
///
/// Only queries that lie a full reach after the start of a strand count, where there are any.
/// The same genome and sample always give the same numbers. Adds to the total of `progress`.
///
/// # Errors
/// [`Cancelled`] soon after `cancel` is set.
pub fn measure_expected(
    kernel: &Kernel,
    genome: &Genome,
    sample: Sample,
    settings: &Settings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Expected, Cancelled> {
    let config = kernel.config();
    let shape = config.head_shape();
    let (places, text) = sampled(kernel, genome, sample);
    progress.add_total(places.iter().map(|place| place.2.len() as u64).sum());
    let parts: Vec<DistanceSums> = places
        .par_iter()
        .map(|(contig, strand, queries)| {
            let mut sums = DistanceSums::new(shape, config.context);
            let sequence = StrandSequence::new(&genome.contigs[*contig], *strand);
            run(
                kernel,
                sequence,
                queries.clone(),
                settings,
                &mut sums,
                progress,
                cancel,
            )?;
            Ok(sums)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut total = DistanceSums::new(shape, config.context);
    for part in &parts {
        total.add(part);
    }
    Ok(total.into_expected(text))
}

/// Stretches of a genome: contig, strand, queries (strand positions).
pub(super) type Places = Vec<(usize, Strand, Range<usize>)>;

/// The stretches of a sample, which skip what a strand's start makes different where they can, and
/// what was chosen in words.
pub(super) fn sampled(kernel: &Kernel, genome: &Genome, sample: Sample) -> (Places, String) {
    let config = kernel.config();
    let reaches = [config.reach_back(), config.context - 1, 0];
    let skipped = reaches
        .into_iter()
        .find(|skipped| genome.contigs.iter().any(|contig| contig.len() > *skipped))
        .unwrap_or(0);
    let places = places(genome, skipped, sample);
    let text = format!(
        "{} stretches of up to {} queries, spread evenly over {}, strands in turn, each at least {} bases after the strand's start",
        places.len(),
        sample.queries,
        genome.name,
        skipped,
    );
    (places, text)
}

/// The stretches of a sample: contig, strand, queries (strand positions).
fn places(genome: &Genome, skipped: usize, sample: Sample) -> Places {
    let eligible = |contig: &Contig| contig.len().saturating_sub(skipped);
    let total: usize = genome.contigs.iter().map(eligible).sum();
    let mut places = Vec::new();
    for stretch in 0..sample.stretches {
        let mut at =
            (total as u128 * (2 * stretch as u128 + 1) / (2 * sample.stretches as u128)) as usize;
        for (index, contig) in genome.contigs.iter().enumerate() {
            let here = eligible(contig);
            if at >= here {
                at -= here;
                continue;
            }
            // Centred on the place, moved inside where the contig ends.
            let count = sample.queries.min(here);
            let start = skipped + at.saturating_sub(count / 2).min(here - count);
            places.push((index, Strand::BOTH[stretch % 2], start..start + count));
            break;
        }
    }
    places
}
