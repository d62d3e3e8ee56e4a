//! How fast this machine does the work of analyses.

use crate::analysis::consensus::MotifRule;
use crate::analysis::control::{Permutations, positional_control};
use crate::analysis::windows::Surroundings;
use crate::attention::{Expected, tile::NoAttention};
use crate::genome::{Anchor, Genome, Interval, Strand};
use crate::job::heads::attend;
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// Each kind of work is measured for about so long.
const ENOUGH: Duration = Duration::from_millis(200);
/// A machine of this speed (permutations of start sites a second and thread) …
const PERMUTED_OF_REFERENCE: f64 = 250.0 * 300.0;
/// … makes so many draws of one cell of the comparison.
const DRAWS_OF_REFERENCE: f64 = 12_000.0;
/// Start sites that permutations are measured on.
const SAMPLED: usize = 64;

/// Amounts of work a second on the threads that were measured on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speeds {
    /// Outputs of the model.
    pub positions: f64,
    /// Outputs with what every base receives from every head.
    pub tracks: f64,
    /// Outputs at start sites with their attention, and what runs need before their first.
    pub at_anchors: f64,
    /// Permutations times start sites.
    pub permuted: f64,
    /// Draws of cells. Not measured, but put in proportion to the permutations.
    pub draws: f64,
}

impl Speeds {
    /// Measures them on the threads of the caller's pool, for about a second.
    ///
    /// # Errors
    /// [`Cancelled`].
    #[allow(clippy::too_many_lines, reason = "one kind of work after the other")]
    pub fn measure(genome: &Genome, model: &Model, cancel: &Cancel) -> Result<Self, Cancelled> {
        let threads = rayon::current_num_threads();
        let config = *model.config();
        let settings = Settings::with_mode(Mode::Seamless);
        let silent = Progress::default();
        let longest = genome.contigs.iter().enumerate();
        let Some((index, contig)) = longest.max_by_key(|(_, contig)| contig.len()) else {
            return Ok(Self::unknown());
        };
        let length = contig.len();
        // A piece of the contig for each thread, `size` times a thousand bases.
        let pieces = |size: usize| -> Vec<Interval> {
            let count = (1_024 * size).min(length);
            let piece = |thread: usize| {
                let start = (length - count) * (2 * thread + 1) / (2 * threads);
                Interval::new(start, start + count)
            };
            (0..threads).map(piece).collect()
        };
        let sequence = StrandSequence::new(contig, Strand::Forward);
        let positions = rate(cancel, |size| {
            let pieces = pieces(size);
            let done = pieces.par_iter().map(|piece| {
                let (sink, queries) = (&mut NoAttention, piece.range());
                let kernel = &model.kernel;
                predict::run(kernel, sequence, queries, &settings, sink, &silent, cancel)
            });
            done.collect::<Result<Vec<_>, _>>()?;
            Ok(pieces.iter().map(|piece| piece.len()).sum())
        })?;
        let expected = Expected::even(model.head_shape(), config.context);
        let tracks = rate(cancel, |size| {
            let pieces = pieces(size);
            let done = pieces.par_iter().map(|piece| {
                let kernel = &model.kernel;
                predict::window_tracks(
                    kernel, sequence, *piece, &expected, &settings, &silent, cancel,
                )
            });
            done.collect::<Result<Vec<_>, _>>()?;
            Ok(pieces.iter().map(|piece| piece.len()).sum())
        })?;
        let anchors = |count: usize| -> Vec<Anchor> {
            let at = |i: usize| Anchor {
                contig: index,
                position: length * (2 * i + 1) / (2 * count),
                strand: Strand::Forward,
            };
            (0..count).map(at).collect()
        };
        let each = 1 + config.reach_back() / 2;
        let at_anchors = rate(cancel, |size| {
            let anchors = anchors(2 * threads * size);
            let mode = Mode::Seamless;
            attend(&model.kernel, genome, &anchors, mode, &silent, cancel)?;
            Ok(anchors.len() * each)
        })?;
        let anchors = anchors(SAMPLED);
        let attention = attend(
            &model.kernel,
            genome,
            &anchors,
            Mode::Seamless,
            &silent,
            cancel,
        )?;
        let rule = MotifRule::default();
        let surroundings = Surroundings::new(
            genome,
            &anchors,
            config.label_shift,
            config.context,
            rule.flank(),
        );
        let held_out: Vec<bool> = (0..anchors.len()).map(|row| row % 2 == 1).collect();
        let glances = &attention.heads[0].glances;
        let permuted = rate(cancel, |size| {
            let permutations = Permutations {
                count: 4 * size,
                seed: 1,
            };
            let control = |stream: usize| {
                positional_control(
                    &surroundings,
                    glances,
                    &held_out,
                    &rule,
                    None,
                    permutations,
                    stream as u64,
                    &silent,
                    cancel,
                )
            };
            let done = (0..threads).into_par_iter().map(control);
            done.collect::<Result<Vec<_>, _>>()?;
            Ok(threads * permutations.count * anchors.len())
        })?;
        Ok(Self {
            positions,
            tracks,
            at_anchors,
            permuted,
            draws: permuted / PERMUTED_OF_REFERENCE * DRAWS_OF_REFERENCE,
        })
    }

    fn unknown() -> Self {
        Self {
            positions: f64::NAN,
            tracks: f64::NAN,
            at_anchors: f64::NAN,
            permuted: f64::NAN,
            draws: f64::NAN,
        }
    }
}

/// How much of some work is done a second: `work` does `size` times as much as it does for 1, and says how
/// much that was. It is asked for ever more, until it takes long enough to be measured.
///
/// # Errors
/// [`Cancelled`], and what `work` reports.
pub fn rate(
    cancel: &Cancel,
    mut work: impl FnMut(usize) -> Result<usize, Cancelled>,
) -> Result<f64, Cancelled> {
    let mut size = 1;
    loop {
        cancel.check()?;
        let began = Instant::now();
        let done = work(size)?;
        let took = began.elapsed();
        if took >= ENOUGH || size >= 1 << 12 {
            return Ok(done as f64 / took.as_secs_f64().max(1e-9));
        }
        // What is fast is asked for more at once.
        size *= if took < ENOUGH / 8 { 4 } else { 2 };
    }
}
