//! What every head does at anchors: the model is run where it is needed, then profiles, motifs and
//! their positional control are made.

use crate::analysis::anchors::{
    PeakRule, PredictedAnchor, ProbabilityTrack, order, predicted, thinned,
};
use crate::analysis::consensus::MotifRule;
use crate::analysis::control::Permutations;
use crate::analysis::heads::{HeadReport, HeadSummary, reports, write_heads_tsv};
use crate::analysis::profile::{AnchorAttention, AnchorSink};
use crate::analysis::similarity::Targets;
use crate::analysis::windows::Surroundings;
use crate::attention::AttentionSink;
use crate::genome::{Anchor, Genome, Interval, Locus, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Kernel, Mode, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::motif::Ppm;
use crate::sites::write::write_meme;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

/// How heads are summarised.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadsRule {
    /// How the borders of segments and contigs are treated; seamless for motifs.
    pub mode: Mode,
    /// Anchors nearer than this on one strand count once; 1 keeps all.
    pub apart_bp: usize,
    /// How motifs are made.
    pub motif: MotifRule,
    /// The positional control; a count of 0 leaves it out.
    pub permutations: Permutations,
}

impl Default for HeadsRule {
    fn default() -> Self {
        Self {
            mode: Mode::Seamless,
            apart_bp: 50,
            motif: MotifRule::default(),
            permutations: Permutations::default(),
        }
    }
}

/// Summarising heads failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadsError {
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is nothing to look at.
    #[error(
        "no anchor is left to look at: expected at least one whose output lies on a contig of {genome}, \
         found {given} anchors; load transcription start sites of this genome, or use the model's own predictions"
    )]
    NoAnchors {
        /// Name of the genome.
        genome: String,
        /// How many anchors were handed in.
        given: usize,
    },
}

/// What every head does at some anchors.
#[derive(Clone, Debug)]
pub struct HeadsResult {
    /// One report a head, layer by layer.
    pub reports: Vec<HeadReport>,
    /// The anchors that were looked at, and the bases around them.
    pub surroundings: Surroundings,
    /// How many anchors were handed in.
    pub given: usize,
    /// How it was done.
    pub rule: HeadsRule,
}

/// The table of heads with what it is about, for JSON.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadsTable {
    /// How many anchors were handed in.
    pub anchors_given: usize,
    /// How many of them were looked at, after thinning.
    pub anchors_used: usize,
    /// How far after an anchor its query lies, in bases.
    pub label_shift: usize,
    /// How many keys a query sees.
    pub context: usize,
    /// How it was done.
    pub rule: HeadsRule,
    /// One row a head.
    pub heads: Vec<HeadSummary>,
}

impl HeadsResult {
    /// The table of heads with what it is about.
    #[must_use]
    pub fn table(&self) -> HeadsTable {
        HeadsTable {
            anchors_given: self.given,
            anchors_used: self.surroundings.anchors().len(),
            label_shift: self.surroundings.label_shift(),
            context: self.surroundings.context(),
            rule: self.rule,
            heads: self.reports.iter().map(|r| r.summary.clone()).collect(),
        }
    }

    /// The trimmed motif of every head as probabilities: those that the table is about, nothing added.
    #[must_use]
    pub fn motifs(&self) -> Vec<Ppm> {
        self.reports
            .iter()
            .map(|report| {
                report
                    .motif
                    .pfm
                    .probabilities(0.0, &self.rule.motif.background)
            })
            .collect()
    }

    /// Writes the table of heads, tab-separated.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_tsv(&self, out: &mut impl Write) -> io::Result<()> {
        write_heads_tsv(out, self.reports.iter().map(|report| &report.summary))
    }

    /// Writes the motif of every head in MEME format.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_meme(&self, out: &mut impl Write) -> io::Result<()> {
        write_meme(out, &self.motifs(), &self.rule.motif.background)
    }
}

/// Runs the model at `anchors` and reports on every head.
///
/// Anchors are thinned first, see [`thinned`]; those whose query leaves a linear contig are left out.
/// `progress` counts anchors and then permutations.
///
/// # Errors
/// [`HeadsError`].
pub fn summarise_heads(
    kernel: &Kernel,
    genome: &Genome,
    anchors: &[Anchor],
    rule: HeadsRule,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<HeadsResult, HeadsError> {
    summarise_against(kernel, genome, anchors, rule, None, progress, cancel)
}

/// The same with the motifs of the control compared with a library too, see
/// [`positional_control`](crate::analysis::control::positional_control).
///
/// # Errors
/// [`HeadsError`].
pub fn summarise_against(
    kernel: &Kernel,
    genome: &Genome,
    anchors: &[Anchor],
    rule: HeadsRule,
    targets: Option<&Targets>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<HeadsResult, HeadsError> {
    let config = kernel.config();
    let usable: Vec<Anchor> = anchors
        .iter()
        .copied()
        .filter(|anchor| query(genome, *anchor, config.label_shift, rule.mode).is_some())
        .collect();
    let used = thinned(&usable, rule.apart_bp);
    if used.is_empty() {
        return Err(HeadsError::NoAnchors {
            genome: genome.name.clone(),
            given: anchors.len(),
        });
    }
    // The control's units are known already; announced now, the bar never jumps back.
    let heads = config.head_shape().len();
    let units = used.len() + heads * rule.permutations.count;
    progress.add_total(units as u64);
    let attention = attend(kernel, genome, &used, rule.mode, progress, cancel)?;
    let surroundings = Surroundings::new(
        genome,
        &used,
        config.label_shift,
        config.context,
        rule.motif.flank(),
    );
    let reports = reports(
        &surroundings,
        &attention,
        &rule.motif,
        targets,
        rule.permutations,
        progress,
        cancel,
    )?;
    Ok(HeadsResult {
        reports,
        surroundings,
        given: anchors.len(),
        rule,
    })
}

/// Attention of every head at the queries of `anchors`, in their order.
///
/// Neighbouring anchors share a run. The numbers do not depend on the number of threads. `progress`
/// advances by one an anchor. Anchors without a query have no glance.
///
/// # Errors
/// [`Cancelled`].
pub fn attend(
    kernel: &Kernel,
    genome: &Genome,
    anchors: &[Anchor],
    mode: Mode,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<AnchorAttention, Cancelled> {
    /// Runs are shared out in so many parts, whatever the number of threads: sums are added part by part.
    const PARTS: usize = 64;
    let config = kernel.config();
    let (shape, context) = (config.head_shape(), config.context);
    let settings = Settings::with_mode(mode);
    let runs = runs(
        genome,
        anchors,
        config.label_shift,
        config.reach_back(),
        mode,
    );
    let per_part = runs.len().div_ceil(PARTS).max(1);
    let parts: Vec<AnchorAttention> = runs
        .par_chunks(per_part)
        .map(|part| {
            let mut found = AnchorAttention::new(shape, context);
            for run in part {
                let mut sink = AnchorSink::new(shape, context, run.queries());
                run.attend(kernel, genome, &settings, &mut sink, progress, cancel)?;
                found.append(&sink.into_attention());
            }
            Ok(found)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut all = AnchorAttention::new(shape, context);
    for part in &parts {
        all.append(part);
    }
    // Anchors that share a query, which thinning excludes, share a glance too.
    let mut places = vec![usize::MAX; anchors.len()];
    let mut place = 0;
    for run in &runs {
        let mut last = None;
        for &(query, row) in &run.rows {
            if last.is_some_and(|last| last != query) {
                place += 1;
            }
            last = Some(query);
            places[row] = place;
        }
        place += 1;
    }
    Ok(all.reordered(&places))
}

/// Neighbouring queries on one strand, which share what lies before them.
pub(super) struct Run {
    pub(super) contig: usize,
    pub(super) strand: Strand,
    /// Query (strand position, on a circular contig also past its end) and index of its anchor.
    pub(super) rows: Vec<(usize, usize)>,
}

impl Run {
    /// From its first query to its last.
    pub(super) fn range(&self) -> Range<usize> {
        let first = self.rows.first().map_or(0, |row| row.0);
        let last = self.rows.last().map_or(0, |row| row.0 + 1);
        first..last
    }

    /// The strand positions of its queries.
    pub(super) fn queries(&self) -> Vec<isize> {
        let queries = self.rows.iter().map(|(query, _)| query.cast_signed());
        queries.collect()
    }

    /// Runs the model over its queries and hands their attention to `sink`. `progress` advances by
    /// one an anchor.
    pub(super) fn attend<S: AttentionSink>(
        &self,
        kernel: &Kernel,
        genome: &Genome,
        settings: &Settings,
        sink: &mut S,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<(), Cancelled> {
        let sequence = StrandSequence::new(&genome.contigs[self.contig], self.strand);
        // Its total counts anchors, not queries.
        let silent = Progress::default();
        let range = self.range();
        predict::run(kernel, sequence, range, settings, sink, &silent, cancel)?;
        progress.advance(self.rows.len() as u64);
        Ok(())
    }
}

/// Joins queries where computing what lies between costs less than starting again.
pub(super) fn runs(
    genome: &Genome,
    anchors: &[Anchor],
    label_shift: usize,
    reach_back: usize,
    mode: Mode,
) -> Vec<Run> {
    let mut strands: BTreeMap<(usize, Strand), Vec<(usize, usize)>> = BTreeMap::new();
    for (row, anchor) in anchors.iter().enumerate() {
        if let Some(query) = query(genome, *anchor, label_shift, mode) {
            strands
                .entry((anchor.contig, anchor.strand))
                .or_default()
                .push((query, row));
        }
    }
    let mut runs: Vec<Run> = Vec::new();
    for ((contig, strand), mut rows) in strands {
        rows.sort_unstable();
        let mut last = None;
        for row in rows {
            // Layers need ever fewer rows: a start costs about half of the reach.
            let near = last.is_some_and(|last| row.0 - last <= reach_back / 2);
            last = Some(row.0);
            match runs.last_mut() {
                Some(run) if near => run.rows.push(row),
                _ => runs.push(Run {
                    contig,
                    strand,
                    rows: vec![row],
                }),
            }
        }
    }
    runs
}

/// The strand position whose output scores `anchor`; `None` where there is none.
///
/// Where a run wraps it may lie beyond the contig's end.
pub(super) fn query(
    genome: &Genome,
    anchor: Anchor,
    label_shift: usize,
    mode: Mode,
) -> Option<usize> {
    let contig = genome.contigs.get(anchor.contig)?;
    if anchor.position >= contig.len() {
        return None;
    }
    let query = anchor.strand.flip(anchor.position, contig.len()) + label_shift;
    let wraps = StrandSequence::new(contig, anchor.strand).wraps(mode);
    (wraps || query < contig.len()).then_some(query)
}

/// The TSSs that the model predicts within `region`, best first; on both strands unless it names one.
///
/// Outputs `label_shift` bases downstream of the region are what scores it. `progress` counts outputs.
///
/// # Errors
/// [`Cancelled`].
pub fn predicted_anchors(
    kernel: &Kernel,
    genome: &Genome,
    region: Locus,
    rule: PeakRule,
    mode: Mode,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<PredictedAnchor>, Cancelled> {
    let Some(contig) = genome.contigs.get(region.contig) else {
        return Ok(Vec::new());
    };
    let shift = kernel.config().label_shift;
    let settings = Settings::with_mode(mode);
    let mut outputs = Vec::new();
    for strand in Strand::BOTH {
        if region.strand.is_some_and(|only| only != strand) {
            continue;
        }
        let whole = region.interval.len() >= contig.len();
        let interval = match strand {
            _ if whole => Interval::new(0, contig.len()),
            Strand::Forward => {
                Interval::new(region.interval.start + shift, region.interval.end + shift)
            }
            Strand::Reverse => Interval::new(
                region.interval.start.saturating_sub(shift),
                region.interval.end.saturating_sub(shift),
            ),
        };
        let interval = interval.intersection(Interval::new(0, contig.len()));
        let sequence = StrandSequence::new(contig, strand);
        let mut probabilities =
            predict::probabilities(kernel, sequence, interval, &settings, progress, cancel)?;
        if strand == Strand::Reverse {
            probabilities.reverse();
        }
        let first = strand.flip_interval(interval, contig.len()).start;
        outputs.push((strand, first, probabilities));
    }
    let tracks: Vec<ProbabilityTrack<'_>> = outputs
        .iter()
        .map(|(strand, first, probabilities)| ProbabilityTrack {
            contig: region.contig,
            strand: *strand,
            contig_bp: contig.len(),
            circular: contig.circular && mode == Mode::Seamless,
            first: first.cast_signed(),
            probabilities,
        })
        .collect();
    Ok(predicted(&tracks, shift, rule))
}

/// Anchors of `predicted` in the order of the genome.
#[must_use]
pub fn in_genome_order(predicted: &[PredictedAnchor]) -> Vec<Anchor> {
    let mut anchors: Vec<Anchor> = predicted.iter().map(|found| found.anchor).collect();
    anchors.sort_by_key(order);
    anchors
}
