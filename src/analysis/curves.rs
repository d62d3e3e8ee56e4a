//! ROC AUC and average precision of scores against labels, and how sure they are.
//!
//! Ties count half in the ROC AUC; in the average precision equal scores enter together, as the
//! mean of precision over recall's steps (no interpolation). Intervals come from a bootstrap over
//! blocks, since neighbouring positions are not independent.

use super::random::Random;
use rayon::prelude::*;

/// Length of the blocks that a bootstrap draws, in bases.
pub const BLOCK_BP: usize = 20_000;

/// Draws of a bootstrap.
pub const DRAWS: usize = 2_000;

/// How well scores tell positives from negatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Curves {
    /// Probability that a positive scores higher than a negative; NaN without either.
    pub roc_auc: f64,
    /// Mean precision over the recalls; NaN without positives.
    pub average_precision: f64,
    /// Number of positives.
    pub positives: usize,
    /// Number of positions.
    pub positions: usize,
}

/// The middle 95 % of a bootstrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval95 {
    /// 2.5 % of the draws lie below.
    pub low: f64,
    /// 2.5 % of the draws lie above.
    pub high: f64,
}

/// Both areas of one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Areas {
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Average precision.
    pub average_precision: f64,
}

/// Points of both curves, one or two for each score that a positive has.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CurvePoints {
    /// False and true positive rate, from (0, 0) to (1, 1). Straight lines between them enclose the
    /// ROC AUC exactly: negatives between two positives are one line along.
    pub roc: Vec<[f64; 2]>,
    /// Recall and precision at each score, from recall 0 with the first precision. The average precision
    /// takes each precision over the recall that was won at it, without interpolation.
    pub precision_recall: Vec<[f64; 2]>,
}

/// Positives of one score, and the negatives since the positives before, counted by block.
#[derive(Clone, Debug)]
struct Group {
    positives: Vec<u32>,
    /// Negatives with a higher score than these positives and a lower one than those before.
    above: Vec<u32>,
    /// Negatives with the same score.
    level: Vec<u32>,
}

/// Scores in order, counted by block, so that a draw of blocks costs little.
#[derive(Clone, Debug)]
pub struct Ranking {
    groups: Vec<Group>,
    /// Negatives of each block.
    negatives: Vec<u32>,
    positions: usize,
}

impl Ranking {
    /// Ranks `scores` whose `labels` are 0 or 1 and whose `blocks` are below `count`. Scores must
    /// not be NaN.
    #[must_use]
    pub fn new(scores: &[f32], labels: &[u8], blocks: &[u32], count: usize) -> Self {
        let positions = scores.len().min(labels.len()).min(blocks.len());
        let mut order: Vec<u32> = (0..positions as u32).collect();
        order.par_sort_unstable_by(|&a, &b| {
            let (a, b) = (a as usize, b as usize);
            scores[b].total_cmp(&scores[a]).then(a.cmp(&b))
        });
        let zeros = || vec![0_u32; count];
        let mut ranking = Self {
            groups: Vec::new(),
            negatives: zeros(),
            positions,
        };
        let mut above = zeros();
        let level = |a: u32, b: u32| scores[a as usize].total_cmp(&scores[b as usize]).is_eq();
        for tie in order.chunk_by(|&a, &b| level(a, b)) {
            let (mut positives, mut level, mut hits) = (zeros(), zeros(), 0);
            for &index in tie {
                let block = blocks[index as usize] as usize;
                if labels[index as usize] == 0 {
                    level[block] += 1;
                    ranking.negatives[block] += 1;
                } else {
                    positives[block] += 1;
                    hits += 1;
                }
            }
            if hits > 0 {
                let above = std::mem::replace(&mut above, zeros());
                ranking.groups.push(Group {
                    positives,
                    above,
                    level,
                });
            } else {
                above.iter_mut().zip(&level).for_each(|(a, l)| *a += l);
            }
        }
        // Negatives level with positives lie above the positives that follow.
        let mut carried = zeros();
        for group in &mut ranking.groups {
            group
                .above
                .iter_mut()
                .zip(&carried)
                .for_each(|(a, c)| *a += c);
            carried.clone_from(&group.level);
        }
        ranking
    }

    /// Both areas, where block b counts `times[b]` times.
    #[must_use]
    pub fn areas(&self, times: &[u32]) -> Areas {
        let weigh = |counts: &[u32]| -> f64 {
            let products = counts
                .iter()
                .zip(times)
                .map(|(n, t)| u64::from(*n) * u64::from(*t));
            products.sum::<u64>() as f64
        };
        let negatives = weigh(&self.negatives);
        let (mut hits, mut misses, mut pairs, mut precision) = (0.0, 0.0, 0.0, 0.0);
        for group in &self.groups {
            misses += weigh(&group.above);
            let here = weigh(&group.positives);
            if here == 0.0 {
                continue;
            }
            let level = weigh(&group.level);
            hits += here;
            pairs += here * (negatives - misses - level / 2.0);
            precision += here * hits / (hits + misses + level);
        }
        Areas {
            roc_auc: pairs / (hits * negatives),
            average_precision: precision / hits,
        }
    }

    /// Both areas with every block once.
    #[must_use]
    pub fn curves(&self) -> Curves {
        let areas = self.areas(&vec![1; self.negatives.len()]);
        let negatives: usize = self.negatives.iter().map(|&n| n as usize).sum();
        Curves {
            roc_auc: areas.roc_auc,
            average_precision: areas.average_precision,
            positives: self.positions - negatives,
            positions: self.positions,
        }
    }

    /// The points of both curves, with every block once; none without positives or negatives.
    #[must_use]
    pub fn points(&self) -> CurvePoints {
        let sum = |counts: &[u32]| counts.iter().map(|&count| u64::from(count)).sum::<u64>() as f64;
        let negatives = sum(&self.negatives);
        let positives: f64 = self.groups.iter().map(|group| sum(&group.positives)).sum();
        let mut points = CurvePoints::default();
        if negatives == 0.0 || positives == 0.0 {
            return points;
        }
        let (mut hits, mut misses) = (0.0, 0.0);
        points.roc.push([0.0, 0.0]);
        for group in &self.groups {
            let (here, above, level) =
                (sum(&group.positives), sum(&group.above), sum(&group.level));
            misses += above;
            if above > 0.0 {
                points.roc.push([misses / negatives, hits / positives]);
            }
            hits += here;
            let seen = misses + level;
            points.roc.push([seen / negatives, hits / positives]);
            let precision = hits / (hits + seen);
            if points.precision_recall.is_empty() {
                points.precision_recall.push([0.0, precision]);
            }
            points.precision_recall.push([hits / positives, precision]);
        }
        if points.roc.last() != Some(&[1.0, 1.0]) {
            points.roc.push([1.0, 1.0]);
        }
        points
    }

    /// The areas of `draws` bootstraps over blocks. Rankings of the same number of blocks draw the
    /// same blocks for the same seed, so that their differences are paired.
    #[must_use]
    pub fn bootstrap(&self, draws: usize, seed: u64) -> Vec<Areas> {
        let count = self.negatives.len();
        (0..draws)
            .into_par_iter()
            .map(|draw| {
                let mut random = Random::new(seed, draw as u64);
                let mut times = vec![0; count];
                for _ in 0..count {
                    times[random.below(count)] += 1;
                }
                self.areas(&times)
            })
            .collect()
    }
}

/// The middle 95 % of `values`; NaN where there is none. Values that are NaN are left out.
#[must_use]
pub fn interval95(values: impl Iterator<Item = f64>) -> Interval95 {
    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| -> f64 {
        let place = share * (values.len().max(1) - 1) as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        match (values.get(low), values.get(high)) {
            (Some(a), Some(b)) => a + (b - a) * (place - place.floor()),
            _ => f64::NAN,
        }
    };
    Interval95 {
        low: at(0.025),
        high: at(0.975),
    }
}

/// Both areas for `scores` whose `labels` are 0 or 1. Scores must not be NaN.
#[must_use]
pub fn curves(scores: &[f32], labels: &[u8]) -> Curves {
    Ranking::new(scores, labels, &vec![0; scores.len()], 1).curves()
}

/// One bin of predicted probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CalibrationBin {
    /// Probabilities from here …
    pub from: f64,
    /// … to below here (the last bin includes it).
    pub to: f64,
    /// Positions.
    pub positions: usize,
    /// Their mean predicted probability.
    pub predicted: f64,
    /// The share of positives among them.
    pub observed: f64,
}

/// Borders of the calibration's bins.
const BIN_BORDERS: [f64; 9] = [0.0, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0];

/// Predicted against observed, in bins; empty bins are left out.
#[must_use]
pub fn calibration(probabilities: impl Iterator<Item = (f64, bool)>) -> Vec<CalibrationBin> {
    let mut bins: Vec<CalibrationBin> = BIN_BORDERS
        .windows(2)
        .map(|border| CalibrationBin {
            from: border[0],
            to: border[1],
            ..CalibrationBin::default()
        })
        .collect();
    let last = bins.len() - 1;
    for (probability, hit) in probabilities {
        let index = BIN_BORDERS[1..].partition_point(|border| *border <= probability);
        let bin = &mut bins[index.min(last)];
        bin.positions += 1;
        bin.predicted += probability;
        bin.observed += f64::from(u8::from(hit));
    }
    bins.retain(|bin| bin.positions > 0);
    for bin in &mut bins {
        bin.predicted /= bin.positions as f64;
        bin.observed /= bin.positions as f64;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Repeatable scores with many ties, higher for positives.
    fn sample(count: usize) -> (Vec<f32>, Vec<u8>) {
        let mut state = 12_345_u64;
        let mut next = || {
            state = (state * 1_103_515_245 + 12_345) % (1 << 31);
            state >> 16
        };
        let labels: Vec<u8> = (0..count).map(|_| u8::from(next() % 10 == 0)).collect();
        let scores = labels
            .iter()
            .map(|label| ((next() % 40) + 8 * u64::from(*label)) as f32 / 8.0)
            .collect();
        (scores, labels)
    }

    /// Expected values are scikit-learn's `roc_auc_score` and `average_precision_score` on the
    /// same numbers.
    #[test]
    fn areas_are_those_of_scikit_learn() {
        let (scores, labels) = sample(500);
        let found = curves(&scores, &labels);
        assert!(
            (found.roc_auc - 0.638_033_687_853_035_5).abs() < 1e-9,
            "{found:?}"
        );
        assert!(
            (found.average_precision - 0.264_935_920_987_686_54).abs() < 1e-9,
            "{found:?}"
        );
        let found = curves(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1]);
        assert!((found.roc_auc - 0.75).abs() < 1e-12);
        assert!((found.average_precision - 0.833_333_333_333_333_3).abs() < 1e-12);
        assert_eq!((found.positives, found.positions), (2, 4));
        assert!(curves(&[0.5; 3], &[0; 3]).average_precision.is_nan());
    }

    #[test]
    fn the_points_enclose_the_areas() {
        let (scores, labels) = sample(500);
        let ranking = Ranking::new(&scores, &labels, &vec![0; 500], 1);
        let (points, areas) = (ranking.points(), ranking.curves());
        assert_eq!(points.roc.first(), Some(&[0.0, 0.0]));
        assert_eq!(points.roc.last(), Some(&[1.0, 1.0]));
        let under: f64 = points
            .roc
            .windows(2)
            .map(|pair| (pair[1][0] - pair[0][0]) * f64::midpoint(pair[0][1], pair[1][1]))
            .sum();
        assert!((under - areas.roc_auc).abs() < 1e-12, "{under} {areas:?}");
        let steps: f64 = points
            .precision_recall
            .windows(2)
            .map(|pair| (pair[1][0] - pair[0][0]) * pair[1][1])
            .sum();
        assert!((steps - areas.average_precision).abs() < 1e-12, "{steps}");
        assert!(points.roc.is_sorted(), "no point goes back");
        assert_eq!(
            Ranking::new(&[0.5; 3], &[0; 3], &[0; 3], 1).points(),
            CurvePoints::default()
        );
    }

    #[test]
    fn a_draw_equals_the_blocks_written_out() {
        let (scores, labels) = sample(300);
        let blocks: Vec<u32> = (0..300).map(|i| i / 60).collect();
        let ranking = Ranking::new(&scores, &labels, &blocks, 5);
        let times = [2, 0, 1, 3, 1];
        let (mut all_scores, mut all_labels) = (Vec::new(), Vec::new());
        for (index, block) in blocks.iter().enumerate() {
            for _ in 0..times[*block as usize] {
                all_scores.push(scores[index]);
                all_labels.push(labels[index]);
            }
        }
        let (found, expected) = (ranking.areas(&times), curves(&all_scores, &all_labels));
        assert!((found.roc_auc - expected.roc_auc).abs() < 1e-12);
        assert!((found.average_precision - expected.average_precision).abs() < 1e-12);
        let draws = ranking.bootstrap(400, 1);
        assert_eq!(draws, ranking.bootstrap(400, 1));
        let interval = interval95(draws.iter().map(|areas| areas.roc_auc));
        let whole = ranking.curves().roc_auc;
        assert!(interval.low < whole && whole < interval.high);
    }

    #[test]
    fn bins_hold_what_they_say() {
        let found = calibration([(0.0, false), (0.5, true), (0.4, false), (1.0, true)].into_iter());
        assert_eq!(found.len(), 3);
        assert_eq!((found[1].positions, found[1].from), (2, 0.3));
        assert!((found[1].predicted - 0.45).abs() < 1e-12);
        assert!((found[1].observed - 0.5).abs() < 1e-12);
    }
}
