//! The naming job of the window and the command line: heads over anchors, then motif against library.

use super::JobError;
use super::findings::{Heads, HeadsRequest, summarise_with};
use crate::analysis::naming::{HeadMatch, NamedHead, Names, NamingRule, name_heads};
use crate::analysis::similarity::Targets;
use crate::attention::HeadId;
use crate::figure::logo::LogoData;
use crate::genome::Genome;
use crate::genome::base::text;
use crate::genome::locus::grouped;
use crate::progress::{Cancel, Progress};
use crate::sites::information::position_information;
use crate::sites::{Correction, MotifLibrary};
use std::io::{self, Write};
use std::sync::Arc;

/// What the naming job works on.
#[derive(Clone, Debug)]
pub struct NameRequest {
    /// Genome, model, anchors and control.
    pub heads: HeadsRequest,
    /// What the heads' motifs are compared with: all of it is one table.
    pub libraries: Vec<Arc<MotifLibrary>>,
    /// How heads are named.
    pub rule: NamingRule,
}

/// What every head looks at, and what that is called.
#[derive(Clone, Debug)]
pub struct NamedHeads {
    /// Profiles, motifs and controls.
    pub heads: Heads,
    /// The names.
    pub names: Names,
}

/// Naming heads failed before it began.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is nothing to compare with.
    #[error(
        "no motif to compare with: expected at least one in {0} libraries; open a motif file (MEME, JASPAR, TRANSFAC, …)"
    )]
    NoMotifs(usize),
}

/// Runs the job. `progress` counts anchors and permutations.
///
/// # Errors
/// When it is cancelled, no anchor lies on the genome, or there is no motif to compare with.
pub fn name(
    request: &NameRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<NamedHeads, JobError> {
    let libraries = request.libraries.iter().map(Arc::as_ref);
    let targets = Targets::new(libraries, request.rule.metric);
    if targets.motifs().is_empty() {
        return Err(NameError::NoMotifs(request.libraries.len()).into());
    }
    let heads = summarise_with(&request.heads, Some(&targets), progress, cancel)?;
    let background = &heads.result.rule.motif.background;
    let names = name_heads(heads.reports(), &targets, request.rule, background, cancel)?;
    Ok(NamedHeads { heads, names })
}

impl NamedHeads {
    /// What a head shows.
    #[must_use]
    pub fn named(&self, head: HeadId) -> Option<&NamedHead> {
        let own = (head.layer + 1, head.head + 1);
        let mut heads = self.names.heads.iter();
        heads.find(|named| (named.layer, named.head) == own)
    }

    /// The logos of a head and of a known motif, with empty columns before and behind, so that columns that
    /// were compared lie below one another. Both without a small-sample correction, as they were tested.
    #[must_use]
    pub fn aligned(&self, head: &NamedHead, found: &HeadMatch) -> (LogoData, LogoData) {
        let background = &self.heads.result.rule.motif.background;
        let (own, known) = (head.motif.len(), found.motif.len());
        // Columns are counted from the known motif's first.
        let first = found.offset.min(0);
        let end = (found.offset + own.cast_signed()).max(known.cast_signed());
        let logo = |title: String, motif: &[[f64; 4]], at: isize, n: usize, unique_n: usize| {
            let column = |column: isize| {
                let place = usize::try_from(column - at).ok();
                let Some(probabilities) = place.and_then(|place| motif.get(place)) else {
                    return [0.0; 4];
                };
                let bits = position_information(probabilities, background, Correction::None);
                probabilities.map(|probability| probability * bits.max(0.0))
            };
            LogoData {
                title,
                heights: (first..end).map(column).collect(),
                first_position: first + 1,
                tss_relative: false,
                n,
                unique_n,
                background: "as tested".to_owned(),
                correction: "none".to_owned(),
            }
        };
        (
            logo(
                head.head_name.clone(),
                &head.motif,
                found.offset,
                head.windows,
                head.unique_windows,
            ),
            logo(found.target.clone(), &found.motif, 0, 0, 0),
        )
    }

    /// Writes one row a window behind the motif of a head, as aligned and trimmed, tab-separated with a
    /// header: where it lies, where it begins relative to its start site, and its bases.
    ///
    /// Identical windows count once, by the first anchor that shows them.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_windows(&self, genome: &Genome, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "layer\thead\tcontig\tleft\tright\tstrand\ttss_position\tbases"
        )?;
        let surroundings = &self.heads.result.surroundings;
        for report in self.heads.reports() {
            let motif = &report.motif;
            let length = motif.core.len();
            for aligned in &motif.windows {
                let shift = aligned.shift + i8::try_from(motif.core.start).unwrap_or(0);
                let place = surroundings.locus(genome, aligned.window, shift, length);
                let Some((locus, strand)) = place.and_then(|at| Some((at, at.strand?))) else {
                    continue;
                };
                writeln!(
                    out,
                    "{}\t{}\t{}\t{}\t{}\t{strand}\t{}\t{}",
                    report.summary.layer,
                    report.summary.head,
                    genome.contigs[locus.contig].name,
                    locus.interval.start + 1,
                    locus.interval.end,
                    surroundings.tss_offset(aligned.window, shift).number(),
                    text(&surroundings.bases(aligned.window, shift, length)),
                )?;
            }
        }
        Ok(())
    }

    /// What was compared, and which heads are named.
    #[must_use]
    pub fn caption(&self) -> String {
        let names = &self.names;
        let named: Vec<String> = names
            .heads
            .iter()
            .filter_map(|head| Some(format!("{} ({})", head.head_name, head.name()?)))
            .collect();
        let found = if named.is_empty() {
            "No head is named".to_owned()
        } else {
            format!("Named: {}", named.join(", "))
        };
        format!(
            "Over {}, against {} motifs, {} permutations. {found}: q < {}, and on held-out anchors information and library \
             score above the 99th percentile of the positional control.",
            self.heads.anchors,
            grouped(names.targets),
            grouped(self.heads.result.rule.permutations.count),
            names.rule.q_below,
        )
    }
}
