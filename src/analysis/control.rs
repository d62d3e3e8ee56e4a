//! The positional control: does a head look at sequence, or always at the same place?
//!
//! A head that blindly looks 30 bases back shows the −10 box too. So the head's own distances are
//! permuted among its anchors and everything is done again, many times. The motif is cut and refined on
//! one half of the genome and judged on the other.
//!
//! What exceeds its control follows the sequence. That does not say that what it follows means anything: a
//! head that always picks the same few bases, wherever they are, exceeds too. Nor does a head that fails
//! look at nothing: at a fixed distance it sees the −10 box of most promoters, control included.
//!
//! The null has a heavy upper tail where keys lie in genes: shifts of ±2 bring codons into phase.

use super::align::{AlignedWindow, Aligner, known};
use super::consensus::{MIN_WINDOWS, MotifRule, motif_of};
use super::halves;
use super::profile::Glance;
use super::random::Random;
use super::similarity::Targets;
use super::windows::{Collapse, Surroundings};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::information::position_information;
use std::ops::Range;

/// How many permutations and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Permutations {
    /// How many; below 99 nothing can exceed the 99th percentile.
    pub count: usize,
    /// The same seed gives the same numbers, whatever the number of threads.
    pub seed: u64,
}

impl Default for Permutations {
    fn default() -> Self {
        Self {
            count: 1_000,
            seed: 1,
        }
    }
}

/// An observed number beside the same number under a null.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NullTest {
    /// What was observed.
    pub observed: f64,
    /// Mean of the null.
    pub null_mean: f64,
    /// Standard deviation of the null.
    pub null_deviation: f64,
    /// The 99th percentile of the null: exceeded by chance at most once in 100. Infinite where the
    /// null has fewer than 99 draws.
    pub null_p99: f64,
    /// Share of the null below the observed number, in percent.
    pub percentile: f64,
    /// (1 + draws that reach the observed number) / (1 + draws).
    pub p: f64,
    /// Whether the observed number is above the 99th percentile.
    pub exceeds: bool,
}

impl NullTest {
    /// Compares `observed` with the draws of a null.
    #[must_use]
    pub fn new(observed: f64, mut null: Vec<f64>) -> Self {
        null.sort_by(f64::total_cmp);
        let n = null.len();
        let count = n.max(1) as f64;
        // Draws without enough windows are infinite: they count against the head, but have no mean.
        let finite = || null.iter().filter(|draw| draw.is_finite());
        let finite_count = finite().count().max(1) as f64;
        let mean = finite().sum::<f64>() / finite_count;
        let variance = finite().map(|draw| (draw - mean).powi(2)).sum::<f64>() / finite_count;
        let below = null.partition_point(|draw| *draw < observed);
        // Counted so that p is at most 0.01 exactly where the percentile is exceeded.
        let rank = ((n + 1) * 99).div_ceil(100);
        let null_p99 = null
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or(f64::INFINITY);
        Self {
            observed,
            null_mean: mean,
            null_deviation: variance.sqrt(),
            null_p99,
            percentile: 100.0 * below as f64 / count,
            p: (1 + n - below) as f64 / (1 + n) as f64,
            exceeds: observed > null_p99,
        }
    }

    /// How far the observed number is above the null's mean.
    #[must_use]
    pub fn effect(&self) -> f64 {
        self.observed - self.null_mean
    }
}

/// The positional control of one head.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Control {
    /// Information content in bits of the held-out windows, over the positions that the motif of the
    /// other half was trimmed to. The headline.
    pub information: NullTest,
    /// Mean log-odds score in bits of the held-out windows against the motif of the other half.
    pub score: NullTest,
    /// Mean log-odds score in bits of the held-out windows against the known motif that matches the motif of
    /// the other half best, as the two are aligned. `None` where no library was asked.
    #[serde(default)]
    pub library: Option<NullTest>,
    /// 95 % interval of the information's excess over the null's mean, in bits: blocks of 20 kb of the
    /// genome drawn again 400 times, for the observed windows and for those of the first permutations
    /// alike, alignments as they are.
    pub effect_interval: [f64; 2],
    /// Different windows that the motif was cut from.
    pub cut_windows: usize,
    /// Different windows that it was judged on.
    pub held_out_windows: usize,
    /// How many permutations.
    pub permutations: usize,
}

/// Runs the control for one head.
///
/// `glances` and `held_out` (see [`halves::held_out`]) have one entry a row of `surroundings`. `stream`
/// (the head's row, say) keeps the random numbers of heads apart. `None` where a half has fewer than
/// [`MIN_WINDOWS`] different windows. `targets` asks for the library's score too; permuted motifs are
/// matched against the library like the observed one. `progress` advances by one a permutation.
///
/// # Errors
/// [`Cancelled`].
#[allow(clippy::too_many_arguments, reason = "each is a thing of its own")]
pub fn positional_control(
    surroundings: &Surroundings,
    glances: &[Option<Glance>],
    held_out: &[bool],
    rule: &MotifRule,
    targets: Option<&Targets>,
    permutations: Permutations,
    stream: u64,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Option<Control>, Cancelled> {
    let mut trial = Trial::new(surroundings, glances, held_out, rule, targets);
    let Some(observed) = trial.run() else {
        progress.advance(permutations.count as u64);
        return Ok(None);
    };
    let mut arrangements = vec![trial.blocks(&observed.core)];
    let (mut information, mut score, mut library) = (Vec::new(), Vec::new(), Vec::new());
    for permutation in 0..permutations.count {
        cancel.check()?;
        let draw = (stream << 32) + 1 + permutation as u64;
        trial.permute(&mut Random::new(permutations.seed, draw));
        // Too few different windows left: counts for the null, against the head.
        let null = trial.run();
        if let Some(null) = &null
            && arrangements.len() <= RESAMPLED
        {
            arrangements.push(trial.blocks(&null.core));
        }
        information.push(null.as_ref().map_or(f64::INFINITY, |n| n.information));
        score.push(null.as_ref().map_or(f64::INFINITY, |n| n.score));
        library.push(null.and_then(|n| n.library).unwrap_or(f64::INFINITY));
        progress.advance(1);
    }
    let information = NullTest::new(observed.information, information);
    let random = &mut Random::new(permutations.seed, stream << 32);
    Ok(Some(Control {
        effect_interval: interval(&arrangements, information.effect(), rule, random),
        information,
        score: NullTest::new(observed.score, score),
        library: observed.library.map(|score| NullTest::new(score, library)),
        cut_windows: observed.cut_windows,
        held_out_windows: observed.held_out_windows,
        permutations: permutations.count,
    }))
}

/// One half of the anchors: their rows and the distances that are permuted among them.
#[derive(Default)]
struct Half {
    rows: Vec<usize>,
    distances: Vec<usize>,
    windows: Vec<AlignedWindow>,
}

/// One arrangement of distances, and the memory that all arrangements share.
struct Trial<'a> {
    surroundings: &'a Surroundings,
    rule: &'a MotifRule,
    targets: Option<&'a Targets>,
    aligner: Aligner<'a>,
    collapse: Collapse,
    cut: Half,
    held: Half,
    /// The 20 kb block of each row.
    block_numbers: Vec<usize>,
}

/// What one arrangement gives.
struct Outcome {
    information: f64,
    score: f64,
    library: Option<f64>,
    core: Range<usize>,
    cut_windows: usize,
    held_out_windows: usize,
}

impl<'a> Trial<'a> {
    fn new(
        surroundings: &'a Surroundings,
        glances: &[Option<Glance>],
        held_out: &[bool],
        rule: &'a MotifRule,
        targets: Option<&'a Targets>,
    ) -> Self {
        let (mut cut, mut held) = (Half::default(), Half::default());
        for (row, (glance, is_held)) in glances.iter().zip(held_out).enumerate() {
            if let Some(glance) = glance {
                let half = if *is_held { &mut held } else { &mut cut };
                half.rows.push(row);
                half.distances.push(usize::from(glance.distance));
            }
        }
        Self {
            surroundings,
            rule,
            targets,
            aligner: rule.aligner(surroundings),
            collapse: Collapse::new(glances.len()),
            cut,
            held,
            block_numbers: halves::blocks(surroundings.anchors()),
        }
    }

    fn permute(&mut self, random: &mut Random) {
        random.shuffle(&mut self.cut.distances);
        random.shuffle(&mut self.held.distances);
    }

    /// Cuts, refines and trims on one half, aligns the other to it and measures that one.
    fn run(&mut self) -> Option<Outcome> {
        let (surroundings, rule) = (self.surroundings, self.rule);
        let shift = usize::from(rule.max_shift.unsigned_abs());
        self.collapse.clear();
        // What the cut half has seen is no news in the held-out one.
        for half in [&mut self.cut, &mut self.held] {
            half.windows.clear();
            for (&row, &distance) in half.rows.iter().zip(&half.distances) {
                let window = surroundings.window(row, distance, rule.half_width, shift);
                if let Some(window) = window
                    && self.collapse.is_new(surroundings, window, rule.length())
                {
                    half.windows.push(AlignedWindow { window, shift: 0 });
                }
            }
        }
        let (cut_windows, held_out_windows) = (self.cut.windows.len(), self.held.windows.len());
        if cut_windows.min(held_out_windows) < MIN_WINDOWS {
            return None;
        }
        let counts = self.aligner.refine(&mut self.cut.windows, rule.rounds);
        let counts = known(&counts);
        let core = rule.core(&counts);
        let cut = motif_of("", &counts[core.clone()]);
        let (counts, score) = self.aligner.fit(&mut self.held.windows);
        let counts = &known(&counts)[core.clone()];
        let library = self.targets.map(|targets| {
            let best = targets.best(&cut.probabilities(0.0, &rule.background).probabilities);
            best.map_or(0.0, |best| {
                targets.log_odds(&best, counts, &rule.background)
            })
        });
        Some(Outcome {
            information: information(counts, rule),
            score,
            library,
            core,
            cut_windows,
            held_out_windows,
        })
    }

    /// Counts of the held-out windows as they are aligned, over the positions of `core`, by 20 kb block.
    fn blocks(&self, core: &Range<usize>) -> Vec<Vec<[f64; 4]>> {
        let numbers = &self.block_numbers;
        let blocks = numbers.iter().max().map_or(0, |last| last + 1);
        let mut counts = vec![vec![[0.0_f64; 4]; core.len()]; blocks];
        for &aligned in &self.held.windows {
            let block = numbers[self.surroundings.row(aligned.window)];
            let codes = self
                .surroundings
                .codes(aligned.window, aligned.shift, self.rule.length());
            for (row, &code) in counts[block].iter_mut().zip(&codes[core.clone()]) {
                if let Some(count) = row.get_mut(usize::from(code)) {
                    *count += 1.0;
                }
            }
        }
        counts
    }
}

/// How many permutations are drawn again, block by block, beside the observed arrangement.
const RESAMPLED: usize = 10;

/// 95 % interval of `effect` when blocks of the genome are drawn again.
///
/// The first of `arrangements` (each `[block][position][base]`) is the observed one, the others stand for
/// the null; all are given the same blocks, because what a block holds moves both.
fn interval(
    arrangements: &[Vec<Vec<[f64; 4]>>],
    effect: f64,
    rule: &MotifRule,
    random: &mut Random,
) -> [f64; 2] {
    const DRAWS: usize = 400;
    let Some((observed, null)) = arrangements.split_first() else {
        return [f64::NAN; 2];
    };
    // Blocks without a held-out window are no part of the sample.
    let filled: Vec<usize> = (0..observed.len())
        .filter(|&block| {
            let counts = |arrangement: &Vec<Vec<[f64; 4]>>| {
                arrangement[block]
                    .iter()
                    .flatten()
                    .any(|count| *count > 0.0)
            };
            arrangements.iter().any(counts)
        })
        .collect();
    let excess = |drawn: &[usize]| {
        let of = |arrangement: &Vec<Vec<[f64; 4]>>| {
            let positions = arrangement.first().map_or(0, Vec::len);
            let mut counts = vec![[0.0; 4]; positions];
            for &block in drawn {
                for (sums, add) in counts.iter_mut().zip(&arrangement[block]) {
                    for (sum, add) in sums.iter_mut().zip(add) {
                        *sum += add;
                    }
                }
            }
            information(&counts, rule)
        };
        let nulls: f64 = null.iter().map(of).sum();
        of(observed) - nulls / null.len().max(1) as f64
    };
    let whole = excess(&filled);
    let mut drawn = vec![0; filled.len()];
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            drawn.fill_with(|| filled[random.below(filled.len())]);
            excess(&drawn)
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let at = |share: f64| draws[((DRAWS - 1) as f64 * share).round() as usize];
    [at(0.025), at(0.975)].map(|bits| effect + bits - whole)
}

fn information(counts: &[[f64; 4]], rule: &MotifRule) -> f64 {
    counts
        .iter()
        .map(|row| position_information(row, &rule.background, rule.correction))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::planted::{Planted, glances};
    use super::*;
    use rayon::prelude::*;

    fn control(planted: &Planted, distances: &[usize], count: usize, seed: u64) -> Control {
        let rule = MotifRule::default();
        let held_out = halves::held_out(planted.anchors(), 100);
        positional_control(
            &planted.surroundings(64, &rule),
            &glances(distances),
            &held_out,
            &rule,
            None,
            Permutations { count, seed },
            0,
            &Progress::default(),
            &Cancel::default(),
        )
        .expect("not cancelled")
        .expect("enough windows")
    }

    #[test]
    fn a_head_that_follows_a_motif_exceeds() {
        let planted = Planted::new(200, b"TTGACA", 20..46, 1);
        let found = control(&planted, planted.distances(), 199, 1);
        assert!(found.information.exceeds && found.score.exceeds);
        assert!((found.information.p - 1.0 / 200.0).abs() < 1e-12);
        assert!(found.information.effect() > 6.0, "{found:?}");
        let [low, high] = found.effect_interval;
        let effect = found.information.effect();
        assert!(low < effect && effect < high && low > 4.0, "{found:?}");
        assert_eq!(found.cut_windows + found.held_out_windows, 200);
        assert_eq!(found, control(&planted, planted.distances(), 199, 1));
    }

    #[test]
    fn a_blind_head_never_exceeds() {
        // The motif always 30 before the anchor, and a head that always looks there: every
        // permutation gives the same windows, so the logo is perfect and proves nothing.
        let planted = Planted::new(200, b"TATAAT", 30..31, 2);
        let found = control(&planted, &[30; 200], 199, 1);
        assert!(found.information.observed > 8.0);
        assert!(!found.information.exceeds && !found.score.exceeds);
        assert!((found.information.p - 1.0).abs() < 1e-12);
        assert!(found.information.effect().abs() < 1e-9);
        assert!(found.effect_interval.iter().all(|bits| bits.abs() < 1e-9));
        // Nor does one that jitters about the place without regard to the sequence.
        let mut random = Random::new(5, 5);
        let jitter: Vec<usize> = (0..200).map(|_| 28 + random.below(5)).collect();
        let found = control(&planted, &jitter, 199, 1);
        assert!(found.information.observed > 5.0 && found.information.p > 0.01);
    }

    #[test]
    fn without_a_signal_one_in_a_hundred_exceeds() {
        // Random places in random sequence: p must be uniform, so 400 tests exceed 4 times on average.
        let outcomes: Vec<Control> = (0..400_u64)
            .into_par_iter()
            .map(|seed| {
                let planted = Planted::new(80, b"", 10..50, seed);
                control(&planted, planted.distances(), 99, seed)
            })
            .collect();
        let exceeding = outcomes.iter().filter(|c| c.information.exceeds).count();
        let by_score = outcomes.iter().filter(|c| c.score.exceeds).count();
        // Binomial(400, 0.01): more than 11 has probability 0.001.
        assert!(exceeding <= 11 && by_score <= 11, "{exceeding} {by_score}");
        let mean = |p: fn(&Control) -> f64| outcomes.iter().map(p).sum::<f64>() / 400.0;
        // The mean of 400 uniform numbers has standard deviation 0.0144.
        assert!((mean(|c| c.information.p) - 0.505).abs() < 0.05);
        assert!((mean(|c| c.score.p) - 0.505).abs() < 0.05);
    }

    #[test]
    fn percentiles_and_p_agree() {
        let null: Vec<f64> = (1..=1000).map(f64::from).collect();
        for (observed, p, exceeds) in [
            (2000.0, 1.0 / 1001.0, true),
            (991.5, 10.0 / 1001.0, true),
            (991.0, 11.0 / 1001.0, false),
            (0.0, 1.0, false),
        ] {
            let test = NullTest::new(observed, null.clone());
            assert!((test.p - p).abs() < 1e-12);
            assert_eq!(test.exceeds, exceeds);
            assert_eq!(test.exceeds, test.p <= 0.01);
        }
        assert!(!NullTest::new(9.0, vec![0.0; 98]).exceeds);
        assert!(NullTest::new(9.0, vec![0.0; 99]).exceeds);
    }

    #[test]
    fn work_stops_when_asked() {
        let planted = Planted::new(60, b"", 10..50, 1);
        let rule = MotifRule::default();
        let cancel = Cancel::default();
        cancel.cancel();
        let outcome = positional_control(
            &planted.surroundings(64, &rule),
            &glances(planted.distances()),
            &halves::held_out(planted.anchors(), 100),
            &rule,
            None,
            Permutations::default(),
            0,
            &Progress::default(),
            &cancel,
        );
        assert_eq!(outcome.err(), Some(Cancelled));
    }
}
