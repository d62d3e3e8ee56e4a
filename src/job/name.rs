//! The naming job of the window and the command line: heads over anchors, then motif against library.

use super::JobError;
use super::findings::{Heads, HeadsRequest, summarise_with};
use crate::analysis::naming::{Names, NamingRule, name_heads};
use crate::analysis::similarity::Targets;
use crate::progress::{Cancel, Progress};
use crate::sites::MotifLibrary;
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
