//! Changed bases beside gradients and attention: do they point at the same places?

use super::spearman;
use crate::genome::base::ACGT;
use crate::genome::{Anchor, Base, Interval, Strand};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The derivative of a score with respect to the base that is there, less the mean over the four
/// bases: what the base gives more than an unknown one would, to first order. 0 for N.
#[must_use]
pub fn gradient_times_input(gradient: [f32; 4], base: Base) -> f32 {
    let mean = gradient.iter().sum::<f32>() / 4.0;
    let index = ACGT.iter().position(|known| *known == base);
    index.map_or(0.0, |index| gradient[index] - mean)
}

/// What one base of a locus means to one start site, by other means than changing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BaseWeights {
    /// [`gradient_times_input`].
    pub gradient_times_input: f32,
    /// Weights of the start site's query, summed over heads; NaN where it does not see the base.
    pub attention: f32,
    /// Norm-weighted attention, summed alike.
    pub norm_weighted: f32,
    /// Attention rollout.
    pub rollout: f32,
}

/// One change of a locus and what it does to one start site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MutationRow {
    /// The first base, 1-based on the forward strand; of an insertion, the base before it.
    pub position: usize,
    /// The last base; of an insertion, the base after it.
    pub end: usize,
    /// The strand of the start site.
    pub strand: Strand,
    /// The start site, 1-based on the forward strand.
    pub tss: usize,
    /// What was there, as the forward strand reads; empty for an insertion.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What is there now: empty for a deletion, N where bases are masked.
    pub alt: String,
    /// The name of what was masked, such as a transcription factor.
    pub site: String,
    /// Change of the score, logit 1 less logit 0, at the start site's output.
    pub effect: f32,
    /// Its largest change within 5 outputs, either way.
    pub sensitivity: f32,
    /// Summed over the bases touched, as are the others.
    #[serde(flatten)]
    pub weights: BaseWeights,
}

/// How far two ways of weighing bases agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// The start site, 1-based on the forward strand.
    pub tss: usize,
    /// Its strand.
    pub strand: Strand,
    /// Its score, logit 1 less logit 0.
    pub score: f32,
    /// The probability of a start site there.
    pub probability: f32,
    /// Places (bases, or masked windows) that the start site's query sees and that were changed.
    pub places: usize,
    /// Spearman's correlation of the size of the effect with each other way, over these places.
    pub of_size: Correlations,
    /// Spearman's correlation of what the base gives, minus the mean effect of changing it, with
    /// gradient times input, signs and all.
    pub signed_gradient: Option<f64>,
    /// Of the size of gradient times input with attention summed over heads.
    pub gradient_with_attention: Option<f64>,
    /// Of the size of the effect with the attention of each head: its name and the correlation.
    pub by_head: Vec<(String, Option<f64>)>,
}

/// Spearman's correlations with the size of the effect; `None` where one side is constant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Correlations {
    /// The size of gradient times input.
    pub gradient_times_input: Option<f64>,
    /// Attention summed over heads.
    pub attention: Option<f64>,
    /// Attention rollout.
    pub rollout: Option<f64>,
    /// Norm-weighted attention summed over heads.
    pub norm_weighted: Option<f64>,
}

/// Attention of one head by base of a locus; NaN where the query does not see the base.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadWeights {
    /// The head's name.
    pub head: String,
    /// The first base, 0-based on the forward strand.
    pub first: usize,
    /// By base.
    pub weights: Vec<f32>,
}

impl HeadWeights {
    fn sum(&self, interval: Interval) -> f64 {
        let weights = interval.range().map(|position| {
            let index = position.checked_sub(self.first);
            let weight = index.and_then(|index| self.weights.get(index));
            f64::from(weight.copied().unwrap_or(f32::NAN))
        });
        weights.sum()
    }
}

/// Compares the changes of one start site with the other ways of weighing its bases.
///
/// Changes of one place count together: the size is the mean of their sizes. Only places count that
/// the query sees whole.
#[must_use]
pub fn agreement(
    tss: Anchor,
    score: f32,
    probability: f32,
    rows: &[MutationRow],
    heads: &[HeadWeights],
) -> Agreement {
    let mut places: Vec<(Interval, Vec<&MutationRow>)> = Vec::new();
    let mut sorted: Vec<&MutationRow> = rows
        .iter()
        .filter(|row| !row.weights.attention.is_nan() && !row.effect.is_nan())
        .collect();
    sorted.sort_by_key(|row| (row.position, row.end));
    for row in sorted {
        let interval = Interval::new(row.position - 1, row.end);
        match places.last_mut() {
            Some((place, rows)) if *place == interval => rows.push(row),
            _ => places.push((interval, vec![row])),
        }
    }
    let by_place = |value: &dyn Fn(&MutationRow) -> f32| -> Vec<f64> {
        let mean = |rows: &Vec<&MutationRow>| {
            rows.iter().map(|row| f64::from(value(row))).sum::<f64>() / rows.len() as f64
        };
        places.iter().map(|(_, rows)| mean(rows)).collect()
    };
    let size = by_place(&|row| row.effect.abs());
    let gives = by_place(&|row| -row.effect);
    let gradient = by_place(&|row| row.weights.gradient_times_input);
    let gradient_size: Vec<f64> = gradient.iter().map(|x| x.abs()).collect();
    let attention = by_place(&|row| row.weights.attention);
    let of_head = |head: &HeadWeights| {
        let weights: Vec<f64> = places.iter().map(|(place, _)| head.sum(*place)).collect();
        (head.head.clone(), spearman(&size, &weights))
    };
    Agreement {
        tss: tss.position + 1,
        strand: tss.strand,
        score,
        probability,
        places: places.len(),
        of_size: Correlations {
            gradient_times_input: spearman(&size, &gradient_size),
            attention: spearman(&size, &attention),
            rollout: spearman(&size, &by_place(&|row| row.weights.rollout)),
            norm_weighted: spearman(&size, &by_place(&|row| row.weights.norm_weighted)),
        },
        signed_gradient: spearman(&gives, &gradient),
        gradient_with_attention: spearman(&gradient_size, &attention),
        by_head: heads.iter().map(of_head).collect(),
    }
}

/// Writes changes, tab-separated.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_mutations(out: &mut impl Write, contig: &str, rows: &[MutationRow]) -> io::Result<()> {
    writeln!(
        out,
        "contig\tposition\tend\tstrand\ttss\tref\talt\tsite\teffect\tsensitivity\t\
         gradient_x_input\tattention\tnorm_weighted\trollout"
    )?;
    let number = |x: f32| {
        if x.is_nan() {
            String::new()
        } else {
            format!("{x:.6}")
        }
    };
    for row in rows {
        let weights = &row.weights;
        let dash = |text: &str| {
            if text.is_empty() {
                "-".to_owned()
            } else {
                text.to_owned()
            }
        };
        writeln!(
            out,
            "{contig}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            row.position,
            row.end,
            row.strand.sign(),
            row.tss,
            dash(&row.reference),
            dash(&row.alt),
            row.site,
            number(row.effect),
            number(row.sensitivity),
            number(weights.gradient_times_input),
            number(weights.attention),
            number(weights.norm_weighted),
            number(weights.rollout)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_taken_from_the_base_that_is_there_less_the_mean() {
        let gradient = [4.0, 0.0, -2.0, 2.0];
        let close = |a: f32, b: f32| assert!((a - b).abs() < 1e-6, "{a} {b}");
        close(gradient_times_input(gradient, Base::A), 3.0);
        close(gradient_times_input(gradient, Base::G), -3.0);
        close(gradient_times_input(gradient, Base::N), 0.0);
    }

    #[test]
    fn changes_of_one_base_count_together_and_unseen_bases_do_not() {
        let row = |position: usize, effect: f32, gradient: f32, attention: f32| MutationRow {
            position,
            end: position,
            strand: Strand::Forward,
            tss: 9,
            reference: "A".to_owned(),
            alt: "C".to_owned(),
            site: String::new(),
            effect,
            sensitivity: effect.abs(),
            weights: BaseWeights {
                gradient_times_input: gradient,
                attention,
                norm_weighted: 1.0,
                rollout: -attention,
            },
        };
        let rows = [
            row(3, -4.0, 3.0, 0.3),
            row(1, 1.0, -1.0, 0.1),
            row(2, -1.0, 2.0, 0.2),
            row(3, -2.0, 3.0, 0.3),
            row(2, -3.0, 2.0, 0.2),
            row(4, 50.0, 1.0, f32::NAN),
        ];
        let tss = Anchor {
            contig: 0,
            position: 8,
            strand: Strand::Forward,
        };
        let head = HeadWeights {
            head: "L1H1".to_owned(),
            first: 0,
            weights: vec![0.9, 0.5, 0.1],
        };
        let found = agreement(tss, 1.0, 0.7, &rows, &[head]);
        // Sizes 1, 2, 3 at positions 1, 2, 3.
        assert_eq!(found.places, 3);
        assert_eq!(found.of_size.attention, Some(1.0));
        assert_eq!(found.of_size.rollout, Some(-1.0));
        assert_eq!(found.of_size.norm_weighted, None);
        assert_eq!(found.of_size.gradient_times_input, Some(1.0));
        assert_eq!(found.signed_gradient, Some(1.0));
        assert_eq!(found.by_head, [("L1H1".to_owned(), Some(-1.0))]);
        let mut table = Vec::new();
        write_mutations(&mut table, "c", &rows).unwrap();
        let table = String::from_utf8(table).unwrap();
        assert!(
            table.lines().all(|line| line.split('\t').count() == 14),
            "{table}"
        );
    }
}
