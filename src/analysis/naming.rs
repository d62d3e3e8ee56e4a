//! Which known motif a head shows, and whether it has earned the name.
//!
//! The motif of every head, as drawn, is compared with every target; q is taken over that whole table. A
//! head is **named** after its best match only if all of this holds:
//! 1. its information content on anchors that the logo was not cut from exceeds the 99th percentile of the
//!    positional control;
//! 2. so does its library score there: the motif of one half of the anchors chooses the known motif that it
//!    matches best, and the windows of the other half are scored against that one (mean log-odds in bits);
//!    the control's permuted motifs choose theirs in the same way;
//! 3. q of the match is below the bar.
//!
//! What is named follows the sequence and looks like the target. That the model needs it, or that the protein
//! binds there, is for other tests.

use super::control::NullTest;
use super::heads::HeadReport;
use super::q_values::benjamini_hochberg;
use super::similarity::{ColumnMetric, LibrarySource, Match, Orientation, Targets};
use crate::progress::{Cancel, Cancelled};
use crate::sites::motif::Background;
use rayon::prelude::*;
use std::io::{self, Write};

/// How heads are named.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NamingRule {
    /// How columns are compared.
    pub metric: ColumnMetric,
    /// A name needs a q below this.
    pub q_below: f64,
    /// How many matches are kept for each head, the best ones.
    pub kept: usize,
}

impl Default for NamingRule {
    fn default() -> Self {
        Self {
            metric: ColumnMetric::default(),
            q_below: 0.05,
            kept: 1,
        }
    }
}

/// One known motif that a head's motif resembles, with the alignment that was tested.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadMatch {
    /// The known motif's name.
    pub target: String,
    /// The library that it is from.
    pub library: String,
    /// How the known motif is read.
    pub orientation: Orientation,
    /// The column of the known motif, as it is read, that lies at the first column of the head's; negative
    /// where the head's begins before it.
    pub offset: isize,
    /// Columns with a partner.
    pub overlap: usize,
    /// Sum of the column scores, medians taken off.
    pub score: f64,
    /// How often chance does as well at one target of this length.
    pub p: f64,
    /// p times the number of targets: how many targets do as well by chance.
    pub e: f64,
    /// Benjamini and Hochberg's q over all heads and targets.
    pub q: f64,
    /// The known motif as it is read: probabilities `[position][base]`, bases in the order A, C, G, T.
    pub motif: Vec<[f64; 4]>,
}

/// What one head shows.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NamedHead {
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// The head as `L1H1`.
    pub head_name: String,
    /// Consensus of its motif.
    pub consensus: String,
    /// Information content of its motif in bits.
    pub bits: f64,
    /// Anchors with a window.
    pub windows: usize,
    /// Different windows, which is what the motif counts.
    pub unique_windows: usize,
    /// Correlation of the motifs of two halves of the genome.
    pub stability: Option<f64>,
    /// The positional control of the held-out information in bits.
    pub control: Option<NullTest>,
    /// The positional control of the held-out library score in bits.
    pub library: Option<NullTest>,
    /// Its motif as drawn, tested and exported: probabilities `[position][base]`.
    pub motif: Vec<[f64; 4]>,
    /// The best matches, the best first.
    pub matches: Vec<HeadMatch>,
    /// Whether it has earned the name of its best match.
    pub named: bool,
}

impl NamedHead {
    /// The name that it has earned.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let best = self.matches.first()?;
        self.named.then_some(best.target.as_str())
    }
}

/// The names of all heads, with what they were compared with.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Names {
    /// How it was done.
    pub rule: NamingRule,
    /// What the heads were compared with.
    pub libraries: Vec<LibrarySource>,
    /// Number of targets in all.
    pub targets: usize,
    /// One entry a head, layer by layer.
    pub heads: Vec<NamedHead>,
}

/// Compares every head's motif with every target.
///
/// `reports` come from a run whose control was given the same `targets`; without its two tests no head is
/// named. `background` takes the place of positions without counts.
///
/// # Errors
/// [`Cancelled`].
pub fn name_heads(
    reports: &[HeadReport],
    targets: &Targets,
    rule: NamingRule,
    background: &Background,
    cancel: &Cancel,
) -> Result<Names, Cancelled> {
    let motif = |report: &HeadReport| {
        report
            .motif
            .pfm
            .probabilities(0.0, background)
            .probabilities
    };
    let matches: Vec<Vec<Match>> = reports
        .par_iter()
        .map(|report| {
            cancel.check()?;
            // Without windows there is nothing to compare, and the table counts it as chance.
            Ok(targets.compare(&motif(report)))
        })
        .collect::<Result<_, Cancelled>>()?;
    let p: Vec<f64> = matches.iter().flatten().map(|found| found.p).collect();
    let mut q = benjamini_hochberg(&p).into_iter();
    let heads = reports
        .iter()
        .zip(matches)
        .map(|(report, matches)| {
            let mut ranked: Vec<(Match, f64)> = matches.into_iter().zip(q.by_ref()).collect();
            ranked.sort_by(|(a, _), (b, _)| a.order(b));
            ranked.truncate(rule.kept.max(1));
            let control = report.control.map(|control| control.information);
            let library = report.control.and_then(|control| control.library);
            let exceeds = |test: Option<NullTest>| test.is_some_and(|test| test.exceeds);
            let known = ranked.first().is_some_and(|(_, q)| *q < rule.q_below);
            let summary = &report.summary;
            NamedHead {
                layer: summary.layer,
                head: summary.head,
                head_name: summary.name.clone(),
                consensus: summary.consensus.clone(),
                bits: summary.information_content,
                windows: summary.windows,
                unique_windows: summary.unique_windows,
                stability: summary.stability,
                control,
                library,
                motif: motif(report),
                matches: ranked
                    .into_iter()
                    .map(|(found, q)| head_match(targets, &found, q))
                    .collect(),
                named: exceeds(control) && exceeds(library) && known,
            }
        })
        .collect();
    Ok(Names {
        rule,
        libraries: targets.libraries().to_vec(),
        targets: targets.motifs().len(),
        heads,
    })
}

fn head_match(targets: &Targets, found: &Match, q: f64) -> HeadMatch {
    let target = &targets.motifs()[found.target];
    HeadMatch {
        target: target.label.clone(),
        library: targets.libraries()[target.library].name.clone(),
        orientation: found.orientation,
        offset: found.offset,
        overlap: found.overlap,
        score: found.score,
        p: found.p,
        e: found.p * targets.motifs().len() as f64,
        q,
        motif: targets.oriented(found),
    }
}

impl Names {
    /// Writes one row a head and match, tab-separated with a header; `NA` where there is no value.
    ///
    /// `control_p` and `library_p` are the head's own: of its held-out information and library score.
    /// `named` is said of a head's best match alone.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_tsv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "layer\thead\tname\tconsensus\tbits\tcontrol_p\trank\ttarget\tlibrary\toffset\torientation\toverlap\t\
             score\tp\tE\tq\tlibrary_score\tlibrary_null_p99\tlibrary_p\tstability\twindows\tunique_windows\tnamed"
        )?;
        let real = |value: Option<f64>| {
            let finite = value.filter(|value| value.is_finite());
            finite.map_or_else(|| "NA".to_owned(), |value| (value as f32).to_string())
        };
        for head in &self.heads {
            let library = head.library.as_ref();
            for (index, found) in head.matches.iter().enumerate() {
                let cells = [
                    head.layer.to_string(),
                    head.head.to_string(),
                    head.head_name.clone(),
                    head.consensus.clone(),
                    real(Some(head.bits)),
                    real(head.control.map(|test| test.p)),
                    (index + 1).to_string(),
                    found.target.replace(char::is_control, " "),
                    found.library.replace(char::is_control, " "),
                    found.offset.to_string(),
                    found.orientation.to_string(),
                    found.overlap.to_string(),
                    real(Some(found.score)),
                    small(found.p),
                    small(found.e),
                    small(found.q),
                    real(library.map(|test| test.observed)),
                    real(library.map(|test| test.null_p99)),
                    real(library.map(|test| test.p)),
                    real(head.stability),
                    head.windows.to_string(),
                    head.unique_windows.to_string(),
                    (head.named && index == 0).to_string(),
                ];
                writeln!(out, "{}", cells.join("\t"))?;
            }
        }
        Ok(())
    }
}

/// A probability with four significant digits.
fn small(value: f64) -> String {
    format!("{value:.3e}")
}
