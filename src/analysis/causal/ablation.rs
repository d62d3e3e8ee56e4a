//! What a model loses when something about it is changed: loss, ranking, scores at start sites.
//!
//! Every change is compared with the unchanged model on the same outputs; intervals come from a
//! bootstrap that draws blocks of 20 kb for both at once.

use crate::analysis::curves::{Areas, Interval95, Ranking, interval95};
use crate::analysis::random::Random;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Scores within so many outputs of a start site's own count in its sensitivity.
pub const SENSITIVITY_BP: usize = 5;

/// Outputs with their labels, in the order of the strands.
#[derive(Clone, Debug, Default)]
pub struct Labelled {
    /// 1 where the output for a start site lies.
    pub labels: Vec<u8>,
    /// The 20 kb block of each output.
    pub blocks: Vec<u32>,
    /// Number of blocks.
    pub block_count: usize,
    /// Outputs of one piece of a strand follow one another; the first output of each piece.
    pub pieces: Vec<usize>,
}

/// Start sites that are looked at together.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteGroup {
    /// What they share: a transcription factor.
    pub name: String,
    /// Their outputs, as indices of [`Labelled::labels`].
    pub outputs: Vec<usize>,
}

/// A difference from the unchanged model, with its middle 95 % over blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Changed less unchanged.
    pub change: f64,
    /// 2.5 % of the draws lie below.
    pub low: f64,
    /// 2.5 % of the draws lie above.
    pub high: f64,
}

impl Difference {
    fn new(change: f64, interval: Interval95) -> Self {
        Self {
            change,
            low: interval.low,
            high: interval.high,
        }
    }
}

/// What a change does to the scores of some start sites.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupEffect {
    /// What the start sites share.
    pub name: String,
    /// Number of start sites.
    pub start_sites: usize,
    /// Mean change of their scores (logit 1 less logit 0).
    pub score: Difference,
    /// Mean change of the scores of all other start sites.
    pub others: f64,
    /// The one less the other.
    pub beyond_others: Difference,
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effects {
    /// Mean focal loss.
    pub loss: f64,
    /// Its change.
    pub loss_change: Difference,
    /// Average precision.
    pub average_precision: f64,
    /// Its change.
    pub average_precision_change: Difference,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Its change.
    pub roc_auc_change: Difference,
    /// Mean change of the score (logit 1 less logit 0) at start sites.
    pub score_at_start_sites: Difference,
    /// Mean over start sites of the largest change of the score within [`SENSITIVITY_BP`].
    pub sensitivity_at_start_sites: f64,
    /// Mean change of the score at all other outputs.
    pub score_elsewhere: f64,
    /// Start sites in groups.
    pub groups: Vec<GroupEffect>,
}

/// The unchanged model on some outputs.
#[derive(Clone, Debug)]
pub struct Baseline {
    outputs: Labelled,
    groups: Vec<SiteGroup>,
    /// Outputs that count: those with a score.
    counted: Vec<u32>,
    scores: Vec<f32>,
    gamma: f64,
    seed: u64,
    draws: usize,
    areas: Vec<Areas>,
    /// Mean focal loss, average precision and ROC AUC.
    pub loss: f64,
    /// Average precision.
    pub average_precision: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Outputs that are labelled and counted.
    pub positives: usize,
    block_losses: Vec<f64>,
}

impl Baseline {
    /// The unchanged `scores` of `outputs`, NaN where there is none. `gamma` is that of the focal
    /// loss.
    #[must_use]
    pub fn new(
        outputs: Labelled,
        scores: Vec<f32>,
        groups: Vec<SiteGroup>,
        gamma: f64,
        draws: usize,
        seed: u64,
    ) -> Self {
        let known = (0..scores.len() as u32).filter(|&at| !scores[at as usize].is_nan());
        let mut baseline = Self {
            counted: known.collect(),
            outputs,
            groups,
            scores,
            gamma,
            seed,
            draws,
            areas: Vec::new(),
            loss: f64::NAN,
            average_precision: f64::NAN,
            roc_auc: f64::NAN,
            positives: 0,
            block_losses: Vec::new(),
        };
        let ranking = baseline.ranking(&baseline.scores);
        let curves = ranking.curves();
        baseline.areas = ranking.bootstrap(draws, seed);
        baseline.average_precision = curves.average_precision;
        baseline.roc_auc = curves.roc_auc;
        baseline.positives = curves.positives;
        baseline.block_losses = baseline.losses(&baseline.scores);
        let total: f64 = baseline.block_losses.iter().sum();
        baseline.loss = total / baseline.counted.len() as f64;
        baseline
    }

    /// Number of outputs that count.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.counted.len()
    }

    fn ranking(&self, scores: &[f32]) -> Ranking {
        let at = self.counted.iter().map(|&at| at as usize);
        let values: Vec<f32> = at.clone().map(|at| scores[at]).collect();
        let labels: Vec<u8> = at.clone().map(|at| self.outputs.labels[at]).collect();
        let blocks: Vec<u32> = at.map(|at| self.outputs.blocks[at]).collect();
        Ranking::new(&values, &labels, &blocks, self.outputs.block_count)
    }

    /// Focal loss summed by block.
    fn losses(&self, scores: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.outputs.block_count];
        for &at in &self.counted {
            let at = at as usize;
            let score = scores[at];
            let positive = self.outputs.labels[at] == 1;
            let margin = f64::from(if positive { score } else { -score });
            // ln(1 + e^−margin), without overflow.
            let entropy = (-margin).max(0.0) + (-margin.abs()).exp().ln_1p();
            sums[self.outputs.blocks[at] as usize] +=
                (-(-entropy).exp_m1()).powf(self.gamma) * entropy;
        }
        sums
    }

    /// Compares `scores` of the same outputs, which must be NaN where the unchanged ones are, with
    /// the unchanged ones.
    #[must_use]
    pub fn compare(&self, scores: &[f32]) -> Effects {
        let ranking = self.ranking(scores);
        let curves = ranking.curves();
        let areas = ranking.bootstrap(self.draws, self.seed);
        let pairs = || areas.iter().zip(&self.areas);
        let losses = self.losses(scores);
        let mut counts = vec![0.0; self.outputs.block_count];
        for &at in &self.counted {
            counts[self.outputs.blocks[at as usize] as usize] += 1.0;
        }
        let more: Vec<f64> = losses
            .iter()
            .zip(&self.block_losses)
            .map(|(after, before)| after - before)
            .collect();
        let loss = losses.iter().sum::<f64>() / self.counted.len() as f64;

        let differ = |at: usize| f64::from(scores[at]) - f64::from(self.scores[at]);
        let known = self.counted.iter().map(|&at| at as usize);
        let (sites, elsewhere): (Vec<usize>, Vec<usize>) =
            known.partition(|&at| self.outputs.labels[at] == 1);
        let mean = |outputs: &[usize]| {
            outputs.iter().map(|&at| differ(at)).sum::<f64>() / outputs.len() as f64
        };
        let sums = |outputs: &[usize]| self.by_block(outputs, differ);
        let (all, all_counts) = sums(&sites);
        let sensitivity = sites
            .iter()
            .map(|&at| self.sensitivity(scores, at))
            .sum::<f64>();
        let groups = self.groups.iter().map(|group| {
            let known = group.outputs.iter().copied();
            let inside: Vec<usize> = known.filter(|&at| !self.scores[at].is_nan()).collect();
            let (own, own_counts) = sums(&inside);
            let minus = |all: &[f64], own: &[f64]| -> Vec<f64> {
                all.iter().zip(own).map(|(all, own)| all - own).collect()
            };
            let (others, other_counts) = (minus(&all, &own), minus(&all_counts, &own_counts));
            let here = mean(&inside);
            let there = others.iter().sum::<f64>() / other_counts.iter().sum::<f64>();
            GroupEffect {
                name: group.name.clone(),
                start_sites: inside.len(),
                score: Difference::new(here, self.interval(&[(&own, &own_counts)])),
                others: there,
                beyond_others: Difference::new(
                    here - there,
                    self.interval(&[(&own, &own_counts), (&others, &other_counts)]),
                ),
            }
        });
        Effects {
            loss,
            loss_change: Difference::new(
                more.iter().sum::<f64>() / self.counted.len() as f64,
                self.interval(&[(&more, &counts)]),
            ),
            average_precision: curves.average_precision,
            average_precision_change: Difference::new(
                curves.average_precision - self.average_precision,
                interval95(pairs().map(|(a, b)| a.average_precision - b.average_precision)),
            ),
            roc_auc: curves.roc_auc,
            roc_auc_change: Difference::new(
                curves.roc_auc - self.roc_auc,
                interval95(pairs().map(|(a, b)| a.roc_auc - b.roc_auc)),
            ),
            score_at_start_sites: Difference::new(
                mean(&sites),
                self.interval(&[(&all, &all_counts)]),
            ),
            sensitivity_at_start_sites: sensitivity / sites.len() as f64,
            score_elsewhere: mean(&elsewhere),
            groups: groups.collect(),
        }
    }

    /// The largest change of the score within [`SENSITIVITY_BP`] of an output of its piece.
    fn sensitivity(&self, scores: &[f32], at: usize) -> f64 {
        let piece = self.outputs.pieces.partition_point(|&first| first <= at);
        let start = piece
            .checked_sub(1)
            .map_or(0, |piece| self.outputs.pieces[piece]);
        let end = self
            .outputs
            .pieces
            .get(piece)
            .copied()
            .unwrap_or(scores.len());
        let around =
            at.saturating_sub(SENSITIVITY_BP).max(start)..(at + SENSITIVITY_BP + 1).min(end);
        around
            .map(|at| f64::from((scores[at] - self.scores[at]).abs()))
            .fold(0.0, f64::max)
    }

    /// Sums and counts by block.
    fn by_block(&self, outputs: &[usize], value: impl Fn(usize) -> f64) -> (Vec<f64>, Vec<f64>) {
        let zeros = || vec![0.0; self.outputs.block_count];
        let (mut sums, mut counts) = (zeros(), zeros());
        for &at in outputs {
            let block = self.outputs.blocks[at] as usize;
            sums[block] += value(at);
            counts[block] += 1.0;
        }
        (sums, counts)
    }

    /// The middle 95 % of a mean, or of the first mean less the second: sums and counts by block,
    /// drawn as [`Ranking::bootstrap`] draws.
    fn interval(&self, means: &[(&Vec<f64>, &Vec<f64>)]) -> Interval95 {
        let count = self.outputs.block_count;
        interval95((0..self.draws).map(|draw| {
            let mut random = Random::new(self.seed, draw as u64);
            let mut times = vec![0.0; count];
            for _ in 0..count {
                times[random.below(count)] += 1.0;
            }
            let weigh = |values: &[f64]| -> f64 {
                values.iter().zip(&times).map(|(x, times)| x * times).sum()
            };
            let mut of_each = means
                .iter()
                .map(|(sums, counts)| weigh(sums) / weigh(counts));
            let first = of_each.next().unwrap_or(f64::NAN);
            first - of_each.next().unwrap_or(0.0)
        }))
    }
}

/// Why a row is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It was asked for.
    Asked,
    /// Another head of the same layer, to compare with.
    Control,
}

/// One ablation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AblationRow {
    /// The heads, such as `L4H5` or `L4H5+L5H2`.
    pub heads: String,
    /// What was done to them.
    pub how: String,
    /// Why it is in the table.
    pub role: Role,
    /// The 1-based layer, where it is one head.
    pub layer: Option<usize>,
    /// Place among the heads of its layer by rise of the loss; 1 is the head that is missed most.
    pub rank_by_loss: Option<usize>,
    /// The same by fall of the average precision.
    pub rank_by_precision: Option<usize>,
    /// How many heads were ranked.
    pub ranked: usize,
    /// What it does.
    #[serde(flatten)]
    pub effects: Effects,
}

/// Ranks heads within their layer, for each way by itself.
pub fn rank_within_layers(rows: &mut [AblationRow]) {
    let keys: Vec<_> = rows
        .iter()
        .map(|row| (row.layer, row.how.clone()))
        .collect();
    let values: Vec<[f64; 2]> = rows
        .iter()
        .map(|row| {
            let effects = &row.effects;
            [
                effects.loss_change.change,
                -effects.average_precision_change.change,
            ]
        })
        .collect();
    for (index, row) in rows.iter_mut().enumerate() {
        if row.layer.is_none() {
            continue;
        }
        let peers = || (0..keys.len()).filter(|&other| keys[other] == keys[index]);
        let rank = |which: usize| {
            let higher = |other: &usize| values[*other][which] > values[index][which];
            1 + peers().filter(higher).count()
        };
        row.rank_by_loss = Some(rank(0));
        row.rank_by_precision = Some(rank(1));
        row.ranked = peers().count();
    }
}

/// Writes ablations, tab-separated.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_ablations(out: &mut impl Write, rows: &[AblationRow]) -> io::Result<()> {
    writeln!(
        out,
        "heads\thow\trole\tloss\tloss_change\tloss_low\tloss_high\taverage_precision\t\
         average_precision_change\taverage_precision_low\taverage_precision_high\troc_auc\t\
         roc_auc_change\troc_auc_low\troc_auc_high\tscore_at_tss_change\tscore_at_tss_low\t\
         score_at_tss_high\tsensitivity_at_tss\tscore_elsewhere_change\trank_by_loss\t\
         rank_by_precision\tranked"
    )?;
    for row in rows {
        let effects = &row.effects;
        let role = match row.role {
            Role::Asked => "asked",
            Role::Control => "control",
        };
        let cells = |d: &Difference| format!("{:.6}\t{:.6}\t{:.6}", d.change, d.low, d.high);
        let rank = |rank: Option<usize>| rank.map_or_else(String::new, |rank| rank.to_string());
        writeln!(
            out,
            "{}\t{}\t{role}\t{:.6}\t{}\t{:.6}\t{}\t{:.6}\t{}\t{}\t{:.5}\t{:.5}\t{}\t{}\t{}",
            row.heads,
            row.how,
            effects.loss,
            cells(&effects.loss_change),
            effects.average_precision,
            cells(&effects.average_precision_change),
            effects.roc_auc,
            cells(&effects.roc_auc_change),
            cells(&effects.score_at_start_sites),
            effects.sensitivity_at_start_sites,
            effects.score_elsewhere,
            rank(row.rank_by_loss),
            rank(row.rank_by_precision),
            row.ranked
        )?;
    }
    Ok(())
}

/// Writes what ablations do to groups of start sites, tab-separated.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_groups(out: &mut impl Write, rows: &[AblationRow]) -> io::Result<()> {
    writeln!(
        out,
        "heads\thow\ttf\tstart_sites\tscore_change\tscore_low\tscore_high\tothers_change\t\
         beyond_others\tbeyond_others_low\tbeyond_others_high"
    )?;
    for row in rows {
        for group in &row.effects.groups {
            let (score, beyond) = (&group.score, &group.beyond_others);
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{:.5}\t{:.5}\t{:.5}\t{:.5}\t{:.5}\t{:.5}\t{:.5}",
                row.heads,
                row.how,
                group.name,
                group.start_sites,
                score.change,
                score.low,
                score.high,
                group.others,
                beyond.change,
                beyond.low,
                beyond.high
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs() -> (Labelled, Vec<f32>) {
        let count = 600_usize;
        let labels: Vec<u8> = (0..count).map(|i| u8::from(i % 20 == 3)).collect();
        let scores = (0..count)
            .map(|i| {
                if i == 77 {
                    f32::NAN
                } else {
                    (i * 37 % 101) as f32 / 20.0 - 4.0 + 3.0 * f32::from(labels[i])
                }
            })
            .collect();
        let outputs = Labelled {
            labels,
            blocks: (0..count as u32).map(|i| i / 60).collect(),
            block_count: 10,
            pieces: vec![0, 300],
        };
        (outputs, scores)
    }

    #[test]
    fn nothing_changed_is_exactly_nothing_and_a_shift_is_seen() {
        let (outputs, scores) = outputs();
        let group = SiteGroup {
            name: "X".to_owned(),
            outputs: vec![3, 23, 303],
        };
        let baseline = Baseline::new(outputs.clone(), scores.clone(), vec![group], 0.8, 200, 1);
        assert_eq!((baseline.positions(), baseline.positives), (599, 30));
        let same = baseline.compare(&scores);
        let zero = Difference::default();
        for difference in [
            same.loss_change,
            same.average_precision_change,
            same.roc_auc_change,
            same.score_at_start_sites,
            same.groups[0].score,
            same.groups[0].beyond_others,
        ] {
            assert_eq!(difference, zero);
        }
        // Start sites of the group fall by 2, the output beside one of them rises by 5.
        let mut changed = scores.clone();
        for at in [3, 23, 303] {
            changed[at] -= 2.0;
        }
        changed[25] += 5.0;
        let found = baseline.compare(&changed);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-5, "{a} {b}");
        close(found.score_at_start_sites.change, -6.0 / 30.0);
        close(found.groups[0].score.change, -2.0);
        close(found.groups[0].others, 0.0);
        close(found.sensitivity_at_start_sites, (2.0 + 5.0 + 2.0) / 30.0);
        close(found.score_elsewhere, 5.0 / 569.0);
        assert!(found.loss_change.change > 0.0 && found.roc_auc_change.change < 0.0);
        assert!(found.loss_change.low <= found.loss_change.change);
        assert!(found.loss_change.change <= found.loss_change.high);
        // Neither NaN nor an output across the border of pieces counts.
        let mut across = scores;
        across[299] += 9.0;
        assert!(baseline.compare(&across).sensitivity_at_start_sites < 1e-9);
    }

    #[test]
    fn heads_are_ranked_among_those_of_their_layer() {
        let (outputs, scores) = outputs();
        let baseline = Baseline::new(outputs, scores.clone(), Vec::new(), 0.8, 10, 1);
        let row = |layer, how: &str, by: f32| {
            let fallen: Vec<f32> = scores.iter().map(|score| score * by).collect();
            AblationRow {
                heads: String::new(),
                how: how.to_owned(),
                role: Role::Asked,
                layer,
                rank_by_loss: None,
                rank_by_precision: None,
                ranked: 0,
                effects: baseline.compare(&fallen),
            }
        };
        let mut rows = vec![
            row(Some(1), "zero", 0.9),
            row(Some(1), "zero", -1.0),
            row(Some(2), "zero", -1.0),
            row(Some(1), "mean", -1.0),
            row(None, "zero", -1.0),
        ];
        rank_within_layers(&mut rows);
        let ranks: Vec<_> = rows
            .iter()
            .map(|row| (row.rank_by_precision, row.ranked))
            .collect();
        assert_eq!(
            ranks,
            [
                (Some(2), 2),
                (Some(1), 2),
                (Some(1), 1),
                (Some(1), 1),
                (None, 0)
            ]
        );
        let mut table = Vec::new();
        write_ablations(&mut table, &rows).unwrap();
        let table = String::from_utf8(table).unwrap();
        let columns: Vec<usize> = table.lines().map(|line| line.split('\t').count()).collect();
        assert_eq!(columns, [23; 6]);
    }
}
