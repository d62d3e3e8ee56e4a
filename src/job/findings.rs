//! The heads job of the window and the command line: anchors, run, report, and how it is shown.

use super::JobError;
use super::heads::{HeadsResult, HeadsRule, in_genome_order, predicted_anchors, summarise_against};
use super::open::AnchorFile;
use crate::analysis::anchors::PeakRule;
use crate::analysis::control::Permutations;
use crate::analysis::heads::HeadReport;
use crate::analysis::similarity::Targets;
use crate::attention::{HeadId, HeadShape};
use crate::figure::logo::LogoData;
use crate::genome::locus::grouped;
use crate::genome::{Anchor, Genome, Interval, Locus};
use crate::model::{Mode, Model};
use crate::progress::{Cancel, Progress};
use crate::sites::Correction;
use crate::sites::motif::UNIFORM;
use std::sync::Arc;

/// What precedes the name of a file of start sites in words.
pub const ANNOTATED: &str = "annotated start sites of ";

/// Bases of the region in which start sites are predicted where no file of them is open.
const SAMPLED_BP: usize = 200_000;
/// Predicted start sites that are used where nobody says otherwise: the most likely ones.
pub const PREDICTED: PeakRule = PeakRule {
    window_bp: 50,
    min_probability: 0.0,
    count: 300,
};

/// What the heads job works on.
#[derive(Clone, Debug)]
pub struct HeadsRequest {
    /// The genome.
    pub genome: Arc<Genome>,
    /// The model.
    pub model: Arc<Model>,
    /// Annotated start sites; the model's own top predictions where there are none.
    pub anchors: Option<Arc<AnchorFile>>,
    /// Which of the model's predictions count, where no start sites are given.
    pub predicted: PeakRule,
    /// The positional control.
    pub permutations: Permutations,
    /// How the borders of segments are treated; seamless for motifs.
    pub mode: Mode,
}

/// What every head looks at, and over which anchors that was found.
#[derive(Clone, Debug)]
pub struct Heads {
    /// The numbers.
    pub result: HeadsResult,
    /// Which anchors, in words.
    pub anchors: String,
    /// Layers and heads.
    pub shape: HeadShape,
}

/// One number with its name and what it means.
pub type NamedNumber = (&'static str, String, &'static str);

/// Runs the job.
///
/// # Errors
/// When it is cancelled, or no anchor lies on the genome.
pub fn summarise(
    request: &HeadsRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Heads, JobError> {
    summarise_with(request, None, progress, cancel)
}

/// The same with the motifs of the control compared with a library too.
///
/// # Errors
/// As [`summarise`].
pub(super) fn summarise_with(
    request: &HeadsRequest,
    targets: Option<&Targets>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Heads, JobError> {
    let (genome, model) = (&request.genome, &request.model);
    let rule = HeadsRule {
        permutations: request.permutations,
        mode: request.mode,
        ..HeadsRule::default()
    };
    let (anchors, words) = match &request.anchors {
        Some(file) => (file.anchors.clone(), format!("{ANNOTATED}{}", file.name)),
        None => predict_anchors(
            genome,
            model,
            request.predicted,
            rule.mode,
            progress,
            cancel,
        )?,
    };
    let result = summarise_against(
        &model.kernel,
        genome,
        &anchors,
        rule,
        targets,
        progress,
        cancel,
    )?;
    let used = result.surroundings.anchors().len();
    Ok(Heads {
        anchors: format!("{} {words}", grouped(used)),
        shape: model.head_shape(),
        result,
    })
}

/// The start sites that are used where no file of them is given: the model's [`PREDICTED`] top
/// predictions in the middle of the longest contig, with the words that say so.
///
/// # Errors
/// When it is cancelled.
pub fn predicted_start_sites(
    genome: &Genome,
    model: &Model,
    mode: Mode,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Vec<Anchor>, String), JobError> {
    predict_anchors(genome, model, PREDICTED, mode, progress, cancel)
}

/// Bases in which start sites are predicted where no file of them is open.
pub(super) fn sampled_bp(genome: &Genome) -> usize {
    let lengths = genome.contigs.iter().map(crate::genome::Contig::len);
    lengths.max().unwrap_or(0).min(SAMPLED_BP)
}

/// The model's top predictions in the middle of the longest contig, with the words that say so.
fn predict_anchors(
    genome: &Genome,
    model: &Model,
    rule: PeakRule,
    mode: Mode,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Vec<Anchor>, String), JobError> {
    let longest = genome
        .contigs
        .iter()
        .enumerate()
        .max_by_key(|(index, contig)| (contig.len(), usize::MAX - index));
    let Some((index, contig)) = longest else {
        return Ok((Vec::new(), "predicted start sites".to_owned()));
    };
    let start = contig.len().saturating_sub(SAMPLED_BP) / 2;
    let interval = Interval::new(start, (start + SAMPLED_BP).min(contig.len()));
    let region = Locus {
        contig: index,
        interval,
        strand: None,
    };
    let found = predicted_anchors(&model.kernel, genome, region, rule, mode, progress, cancel)?;
    let least = found
        .iter()
        .map(|found| found.probability)
        .fold(f32::INFINITY, f32::min);
    let words = format!(
        "start sites that the model itself predicts in {}:{interval}, both strands, the most likely ones (P ≥ {least:.2})",
        contig.name
    );
    Ok((in_genome_order(&found), words))
}

impl Heads {
    /// The report on one head.
    #[must_use]
    pub fn report(&self, head: HeadId) -> Option<&HeadReport> {
        self.result
            .reports
            .iter()
            .find(|report| report.head == head)
    }

    /// The reports, layer by layer.
    #[must_use]
    pub fn reports(&self) -> &[HeadReport] {
        &self.result.reports
    }

    /// The TSS-relative offset of the first value of [`Self::profile`]; 0 is the +1 base.
    #[must_use]
    pub fn first_offset(&self) -> isize {
        let surroundings = &self.result.surroundings;
        surroundings.label_shift().cast_signed() + 1 - surroundings.context().cast_signed()
    }

    /// Mean weight by position, from far upstream to the query.
    #[must_use]
    pub fn profile(&self, report: &HeadReport) -> Vec<f32> {
        report
            .profile
            .mean
            .iter()
            .rev()
            .map(|mean| *mean as f32)
            .collect()
    }

    /// [`Self::profile`] with one standard deviation below and above it.
    #[must_use]
    pub fn profile_band(&self, report: &HeadReport) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
        let mean = self.profile(report);
        let deviation: Vec<f32> = report
            .profile
            .deviation
            .iter()
            .rev()
            .map(|value| *value as f32)
            .collect();
        let low = mean
            .iter()
            .zip(&deviation)
            .map(|(mean, deviation)| (mean - deviation).max(0.0))
            .collect();
        let high = mean
            .iter()
            .zip(&deviation)
            .map(|(mean, deviation)| mean + deviation)
            .collect();
        (mean, low, high)
    }

    /// Heights of the letters of a head's logo in bits.
    #[must_use]
    pub fn letter_heights(&self, report: &HeadReport) -> Vec<[f64; 4]> {
        let rule = &self.result.rule.motif;
        report
            .motif
            .pfm
            .letter_heights(&rule.background, rule.correction)
    }

    /// A head's logo.
    #[must_use]
    pub fn logo(&self, report: &HeadReport) -> LogoData {
        let rule = &self.result.rule.motif;
        let background = if rule.background == UNIFORM {
            "uniform".to_owned()
        } else {
            let [a, c, g, t] = rule.background;
            format!("A {a:.2} C {c:.2} G {g:.2} T {t:.2}")
        };
        LogoData {
            title: format!("{}: {}", report.head, report.motif.consensus),
            heights: self.letter_heights(report),
            first_position: report.summary.motif_start.map_or(1, offset_of),
            tss_relative: report.summary.motif_start.is_some(),
            n: report.motif.n,
            unique_n: report.motif.windows.len(),
            background,
            correction: match rule.correction {
                Correction::None => "none".to_owned(),
                Correction::SmallSample => "Schneider 1986".to_owned(),
            },
        }
    }

    /// What the cards show and what grey means.
    #[must_use]
    pub fn caption(&self) -> String {
        let control = match self.result.rule.permutations.count {
            0 => "The positional control was not run.".to_owned(),
            count => format!(
                "Grey: the logo holds no more, on anchors not used to cut it, than the 99th percentile of {} \
                 permutations of the head's own distances.",
                grouped(count)
            ),
        };
        format!("Over {}. {control}", self.anchors)
    }

    /// A head in a few lines.
    #[must_use]
    pub fn explain(&self, report: &HeadReport) -> String {
        let numbers = self.numbers(report);
        let lines: Vec<String> = numbers
            .iter()
            .map(|(name, value, _)| format!("{name}: {value}"))
            .collect();
        format!("{}\n{}", report.head, lines.join("\n"))
    }

    /// The numbers of a head with their names and what they mean.
    #[must_use]
    pub fn numbers(&self, report: &HeadReport) -> Vec<NamedNumber> {
        let summary = &report.summary;
        let bits = |value: Option<f64>| {
            value.map_or("not tested".to_owned(), |value| format!("{value:.3} bits"))
        };
        let position = |number: isize| {
            if number > 0 {
                format!("+{number}")
            } else {
                format!("−{}", -number)
            }
        };
        vec![
            (
                "shows",
                summary.shows.clone(),
                "The promoter element that the logo resembles, by its letters and its place",
            ),
            (
                "consensus",
                summary.consensus.clone(),
                "The trimmed motif in IUPAC codes",
            ),
            (
                "information",
                format!("{:.2} bits", summary.information_content),
                "Information content of the trimmed motif over all anchors",
            ),
            (
                "on held-out anchors",
                bits(summary.held_out_information),
                "Information on the half of the anchors that was not used to cut the logo",
            ),
            (
                "99 % of the null",
                bits(summary.null_p99),
                "The same with the head's distances permuted among the anchors",
            ),
            (
                "effect",
                match (summary.effect, summary.effect_low, summary.effect_high) {
                    (Some(effect), Some(low), Some(high)) => {
                        format!("{effect:+.2} bits ({low:+.2} to {high:+.2})")
                    }
                    _ => "not tested".to_owned(),
                },
                "Held-out information over the null's mean, with its 95 % interval over blocks of the genome",
            ),
            (
                "p",
                summary
                    .p
                    .map_or("not tested".to_owned(), |p| format!("{p:.4}")),
                "Share of permutations that reach the held-out information, one added to both counts",
            ),
            (
                "windows",
                format!("{} ({} different)", summary.windows, summary.unique_windows),
                "Identical windows count once",
            ),
            (
                "stability",
                summary
                    .stability
                    .map_or("too few".to_owned(), |value| format!("{value:.2}")),
                "Correlation of the motifs of the two halves of the genome",
            ),
            (
                "peak of the profile",
                position(summary.peak_position),
                "Position of the highest mean weight; +1 is the start site",
            ),
            (
                "weight there",
                format!("{:.3}", summary.peak_weight),
                "The mean weight at that position",
            ),
            (
                "entropy",
                format!("{:.2} bits", summary.entropy),
                "Mean entropy of a query's weights: 0 looks at one base, log₂ of the context at all alike",
            ),
            (
                "effective keys",
                format!("{:.1}", summary.effective_keys),
                "Two to the power of the entropy",
            ),
            (
                "on itself",
                format!("{:.3}", summary.self_share),
                "Share of attention at distance 0, a sink",
            ),
            (
                "on the oldest key",
                format!("{:.3}", summary.edge_share),
                "Share of attention at the edge of the context, a sink",
            ),
        ]
    }

    /// The first `most` windows behind a head's logo: how they read, and where they lie.
    #[must_use]
    pub fn links(&self, report: &HeadReport, genome: &Genome, most: usize) -> Vec<(String, Locus)> {
        let (motif, surroundings) = (&report.motif, &self.result.surroundings);
        motif
            .windows
            .iter()
            .take(most)
            .filter_map(|aligned| {
                let shift = aligned.shift + i8::try_from(motif.core.start).unwrap_or(0);
                let length = motif.core.len();
                let locus = surroundings.locus(genome, aligned.window, shift, length)?;
                let bases =
                    crate::genome::base::text(&surroundings.bases(aligned.window, shift, length));
                let strand = locus
                    .strand
                    .map_or(String::new(), |strand| format!(" {strand}"));
                Some((format!("{bases}  {}{strand}", locus.interval), locus))
            })
            .collect()
    }
}

/// The offset (0 is the +1 base) of a position as people count it, where there is no 0.
fn offset_of(number: isize) -> isize {
    if number > 0 { number - 1 } else { number }
}
