//! The naming job of the window and the command line: heads over anchors, then motif against library.

use super::JobError;
use super::findings::{Heads, HeadsRequest, summarise_with};
use crate::analysis::naming::{Names, NamingRule, name_heads};
use crate::analysis::similarity::Targets;
use crate::genome::Genome;
use crate::genome::base::text;
use crate::genome::locus::grouped;
use crate::progress::{Cancel, Progress};
use crate::sites::MotifLibrary;
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
