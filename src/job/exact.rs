//! The exact motif of a head of layer 1 as a logo, with what it is in words.

use super::findings::Heads;
use super::profile::first_layer;
use crate::figure::logo::LogoData;
use crate::genome::Genome;
use crate::model::Model;
use crate::model::motif::{FirstLayerMotif, QueryPart};
use std::fmt::Write as _;

/// What is exactly known of a head of layer 1.
#[derive(Clone, Debug)]
pub struct ExactMotif {
    /// With the mean query over the start sites.
    pub with_query: FirstLayerMotif,
    /// Whatever the query is.
    pub alone: FirstLayerMotif,
    /// The first as a logo: the bases that it alone would pick around a key if all were equally likely there.
    pub logo: LogoData,
}

impl ExactMotif {
    /// Every number of the matrix, a line a position.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = "key    A      C      G      T".to_owned();
        let reach = self.with_query.reach().cast_signed();
        for (at, row) in (-reach..).zip(self.with_query.centred()) {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{at:+}");
            for value in row {
                let _ = write!(text, "  {value:+.2}");
            }
        }
        text
    }
}

/// The exact motifs of layer 1, a head each, with the mean query over the start sites of `heads`.
#[must_use]
pub fn exact_motifs(genome: &Genome, model: &Model, heads: &Heads) -> Vec<ExactMotif> {
    let anchors = heads.result.surroundings.anchors();
    let (with_query, alone): (Vec<_>, Vec<_>) = first_layer(genome, model, anchors)
        .into_iter()
        .partition(|motif| motif.query_part == QueryPart::MeanQueryAndU);
    let pairs = with_query.into_iter().zip(alone);
    pairs
        .map(|(with_query, alone)| {
            let logo = logo(&with_query);
            ExactMotif {
                with_query,
                alone,
                logo,
            }
        })
        .collect()
}

/// Weights are proportional to the exponential of the logit: so are the shares of the bases, position by position.
fn logo(motif: &FirstLayerMotif) -> LogoData {
    let heights = motif.centred().into_iter().map(|row| {
        let odds = row.map(f64::exp);
        let sum: f64 = odds.iter().sum();
        let shares = odds.map(|odds| odds / sum);
        let bits = 2.0 + shares.iter().map(|share| share * share.log2()).sum::<f64>();
        shares.map(|share| share * bits.max(0.0))
    });
    LogoData {
        title: format!("{}: exact", motif.head),
        heights: heights.collect(),
        first_position: -motif.reach().cast_signed(),
        tss_relative: false,
        n: 0,
        unique_n: 0,
        background: "uniform".to_owned(),
        correction: "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_has_the_shares_that_the_logits_say() {
        let motif = FirstLayerMotif {
            head: "L1H1".to_owned(),
            query_part: QueryPart::MeanQueryAndU,
            // Twice the weight for A; nothing; only T.
            contributions: vec![
                [2.0_f64.ln() + 5.0, 5.0, 5.0, 5.0],
                [1.0; 4],
                [0.0, 0.0, 0.0, 60.0],
            ],
            constant: 3.0,
        };
        let logo = logo(&motif);
        assert_eq!(logo.first_position, -1);
        let [a, c, ..] = logo.heights[0];
        assert!((a / c - 2.0).abs() < 1e-9);
        let bits = 2.0 + 0.4 * 0.4_f64.log2() + 3.0 * 0.2 * 0.2_f64.log2();
        assert!((logo.heights[0].iter().sum::<f64>() - bits).abs() < 1e-9);
        assert!(logo.heights[1].iter().all(|bits| bits.abs() < 1e-9));
        assert!((logo.heights[2][3] - 2.0).abs() < 1e-9);
    }
}
