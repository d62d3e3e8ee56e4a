//! Motif against motif, as Tomtom does it (Gupta et al. 2007): how alike two motifs are at their best
//! ungapped alignment, and how often chance would do as well.
//!
//! **Score.** Columns are compared by a [`ColumnMetric`]. From each query column's scores their median over
//! all columns of the library is taken off; a column without a partner scores 0, and so does a uniform
//! column on either side. An alignment's score is the sum over all columns of the query. All ungapped
//! offsets and both orientations of the target are tried; the best one is kept, of equals the one with the
//! longer overlap, then the forward one, then the one farthest upstream.
//!
//! **p.** Scores are rounded to a hundredth of their range. Under the null each target column is drawn from
//! all columns of the library, both orientations: the distribution of the sum over any stretch of the query
//! follows by dynamic programming. The best of the offsets and of the two orientations is corrected for as
//! Tomtom does, as if they were independent: p = 1 − Π P(sum < score). That is exact for one offset and
//! conservative for many. E is p times the number of targets.

mod column;
mod null;

pub use column::{ColumnMetric, MetricError};

use crate::sites::library::MotifLibrary;
use crate::sites::motif::Background;
use column::{Columns, smoothed};
use null::Null;
use std::fmt;
use std::ops::Range;

/// How a target is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Orientation {
    /// As the library has it.
    #[serde(rename = "+")]
    Forward,
    /// As its reverse complement.
    #[serde(rename = "-")]
    Reverse,
}

impl fmt::Display for Orientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "+",
            Self::Reverse => "-",
        })
    }
}

/// The best alignment of a query with one target, and how often chance would do as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Index of the target in [`Targets::motifs`].
    pub target: usize,
    /// How the target is read.
    pub orientation: Orientation,
    /// The column of the target, as it is read, that lies at the first column of the query; negative where
    /// the query begins before the target.
    pub offset: isize,
    /// Columns with a partner.
    pub overlap: usize,
    /// Sum of the column scores as tested: rounded, medians taken off.
    pub score: f64,
    /// How often the best alignment with a target of this length scores as much under the null.
    pub p: f64,
}

impl Match {
    /// The order of matches of one query: the least likely by chance first, then by score, then by place.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let by_score = other.score.total_cmp(&self.score);
        let by_p = self.p.total_cmp(&other.p);
        by_p.then(by_score).then(self.target.cmp(&other.target))
    }
}

/// Where a library came from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LibrarySource {
    /// Its name.
    pub name: String,
    /// What kind of file it was.
    pub format: String,
    /// SHA-256 of the unpacked file.
    pub sha256: String,
    /// Number of motifs.
    pub motifs: usize,
}

/// One motif to compare with.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Index of its library in [`Targets::libraries`].
    pub library: usize,
    /// Its name for people.
    pub label: String,
    /// `probabilities[position][base]`, bases in the order A, C, G, T.
    pub probabilities: Vec<[f64; 4]>,
}

/// The motifs of all loaded libraries, made ready for comparison: one universe of targets, one null.
#[derive(Clone, Debug)]
pub struct Targets {
    metric: ColumnMetric,
    libraries: Vec<LibrarySource>,
    motifs: Vec<Target>,
    /// Columns of all targets, first as they are, then all of them reverse-complemented.
    columns: Columns,
    /// Columns of each target in `columns`, and of its reverse complement.
    places: Vec<[Range<usize>; 2]>,
    /// Lengths that targets have, each once, shortest first.
    lengths: Vec<usize>,
}

/// Scores span so many steps from the lowest to the highest column score.
const STEPS: f64 = 100.0;

impl Targets {
    /// Makes the motifs of `libraries` ready; motifs without a position are left out.
    #[must_use]
    pub fn new<'a>(
        libraries: impl IntoIterator<Item = &'a MotifLibrary>,
        metric: ColumnMetric,
    ) -> Self {
        let mut sources = Vec::new();
        let mut motifs = Vec::new();
        for (index, library) in libraries.into_iter().enumerate() {
            let filled = library.motifs.iter().filter(|motif| !motif.is_empty());
            let before = motifs.len();
            motifs.extend(filled.map(|motif| Target {
                library: index,
                label: motif.label(),
                probabilities: motif.probabilities.clone(),
            }));
            sources.push(LibrarySource {
                name: library.name.clone(),
                format: library.format.clone(),
                sha256: library.checksum.clone(),
                motifs: motifs.len() - before,
            });
        }
        let mut columns = Columns::new(metric);
        let mut places = Vec::with_capacity(motifs.len());
        for motif in &motifs {
            let forward = columns.extend(motif.probabilities.iter().copied());
            places.push([forward.clone(), forward]);
        }
        for (motif, place) in motifs.iter().zip(&mut places) {
            place[1] = columns.extend(turned(&motif.probabilities));
        }
        let mut lengths: Vec<usize> = motifs.iter().map(|m| m.probabilities.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self {
            metric,
            libraries: sources,
            motifs,
            columns,
            places,
            lengths,
        }
    }

    /// How columns are compared.
    #[must_use]
    pub fn metric(&self) -> ColumnMetric {
        self.metric
    }

    /// Where the motifs came from.
    #[must_use]
    pub fn libraries(&self) -> &[LibrarySource] {
        &self.libraries
    }

    /// The motifs, library by library.
    #[must_use]
    pub fn motifs(&self) -> &[Target] {
        &self.motifs
    }

    /// The best alignment of `query` (probabilities `[position][base]`) with every target, in their order.
    ///
    /// Empty where the query has no position. The work grows with the third power of the query's length.
    #[must_use]
    pub fn compare(&self, query: &[[f64; 4]]) -> Vec<Match> {
        if query.is_empty() || self.motifs.is_empty() {
            return Vec::new();
        }
        let scored = Scored::new(&self.columns, query);
        let null = Null::new(&scored.shares, scored.lowest, &self.lengths);
        let mut sums = Vec::new();
        self.places
            .iter()
            .enumerate()
            .map(|(target, [forward, reverse])| {
                let forward = scored.best(forward, &mut sums);
                let reverse = scored.best(reverse, &mut sums);
                let key = |best: &Best| (best.total, best.overlap);
                let (orientation, best) = if key(&reverse) > key(&forward) {
                    (Orientation::Reverse, reverse)
                } else {
                    (Orientation::Forward, forward)
                };
                let length = self.motifs[target].probabilities.len();
                Match {
                    target,
                    orientation,
                    offset: best.offset,
                    overlap: best.overlap,
                    score: f64::from(best.total) * scored.step,
                    // Both orientations: twice the logarithm.
                    p: -(2.0 * null.ln_below(best.total, length)).exp_m1(),
                }
            })
            .collect()
    }

    /// The match of `query` that is least likely by chance; of equals the one with the higher score, then the
    /// first. `None` without targets or positions.
    #[must_use]
    pub fn best(&self, query: &[[f64; 4]]) -> Option<Match> {
        self.compare(query).into_iter().min_by(Match::order)
    }

    /// Mean log-odds in bits against `background` of the windows that `counts` (`[position][base]`) sums up,
    /// under the target of `found` as it is aligned; columns without a partner count 0.
    ///
    /// 0.01 is added to each probability of the target, so that no base is impossible.
    #[must_use]
    pub fn log_odds(&self, found: &Match, counts: &[[f64; 4]], background: &Background) -> f64 {
        let target = self.oriented(found);
        let partner = |position: usize| {
            let at = found.offset + position.cast_signed();
            target.get(usize::try_from(at).ok()?)
        };
        let column = |(position, counts): (usize, &[f64; 4])| {
            let total: f64 = counts.iter().sum();
            let target = partner(position).filter(|_| total > 0.0)?;
            let bits = |base: usize| {
                counts[base] / total * (smoothed(target[base]) / background[base]).log2()
            };
            Some((0..4).map(bits).sum::<f64>())
        };
        counts.iter().enumerate().filter_map(column).sum()
    }

    /// The target of a match as it is read: probabilities `[position][base]`.
    #[must_use]
    pub fn oriented(&self, found: &Match) -> Vec<[f64; 4]> {
        let target = &self.motifs[found.target].probabilities;
        match found.orientation {
            Orientation::Forward => target.clone(),
            Orientation::Reverse => turned(target).collect(),
        }
    }
}

/// The motif as read on the other strand.
fn turned(columns: &[[f64; 4]]) -> impl Iterator<Item = [f64; 4]> + '_ {
    columns.iter().rev().map(|&[a, c, g, t]| [t, g, c, a])
}

/// Column scores of one query against all columns of the library, in whole steps.
struct Scored {
    /// `steps[query column][library column]`.
    steps: Vec<Vec<i16>>,
    /// What one step is worth.
    step: f64,
    /// The lowest column score in steps; 0 or less.
    lowest: i32,
    /// `shares[query column][score - lowest]`: how many of the library's columns score that.
    shares: Vec<Vec<f64>>,
}

/// One target's best alignment in one orientation.
struct Best {
    total: i32,
    offset: isize,
    overlap: usize,
}

impl Scored {
    fn new(columns: &Columns, query: &[[f64; 4]]) -> Self {
        let scores: Vec<Vec<f64>> = query.iter().map(|&column| columns.scores(column)).collect();
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for &score in scores.iter().flatten() {
            low = low.min(score);
            high = high.max(score);
        }
        let step = if high > low {
            (high - low) / STEPS
        } else {
            1.0
        };
        // Rounded by cutting off what is positive, which a processor does at once.
        let below = (-low / step).ceil() as i16 + 1;
        let (per_step, raised) = (1.0 / step, f64::from(below) + 0.5);
        let whole = |score: f64| (score * per_step + raised) as i16 - below;
        let (lowest, highest) = (whole(low), whole(high));
        let share = 1.0 / columns.len().max(1) as f64;
        let steps: Vec<Vec<i16>> = scores
            .into_iter()
            .map(|row| row.into_iter().map(whole).collect())
            .collect();
        let shares = steps
            .iter()
            .map(|row| {
                let mut counts = vec![0_u32; usize::from((highest - lowest).unsigned_abs()) + 1];
                for &score in row {
                    counts[usize::from((score - lowest).unsigned_abs())] += 1;
                }
                counts.into_iter().map(|n| f64::from(n) * share).collect()
            })
            .collect();
        Self {
            steps,
            step,
            lowest: i32::from(lowest),
            shares,
        }
    }

    /// The best alignment with the library's columns `target`; `sums` is memory to work in.
    fn best(&self, target: &Range<usize>, sums: &mut Vec<i32>) -> Best {
        let (query_length, target_length) = (self.steps.len(), target.len());
        sums.clear();
        sums.resize(query_length + target_length - 1, 0);
        // Query column i at target column j: the alignment with offset j − i, kept at j − i + length − 1.
        for (row, scores) in self.steps.iter().enumerate() {
            let first = query_length - 1 - row;
            for (sum, &score) in sums[first..].iter_mut().zip(&scores[target.clone()]) {
                *sum += i32::from(score);
            }
        }
        let mut best = Best {
            total: i32::MIN,
            offset: 0,
            overlap: 0,
        };
        for (place, &total) in sums.iter().enumerate() {
            if total < best.total {
                continue;
            }
            let offset = (place + 1).cast_signed() - query_length.cast_signed();
            let end = (target_length.cast_signed() - offset).cast_unsigned();
            let overlap = end.min(query_length) - (-offset).max(0).cast_unsigned();
            if total > best.total || overlap > best.overlap {
                best = Best {
                    total,
                    offset,
                    overlap,
                };
            }
        }
        best
    }
}

#[cfg(test)]
mod tests;
