//! What a reader did with the records of a file.

use super::seqids::Seqids;
use crate::genome::locus::grouped;
use std::collections::BTreeMap;
use std::fmt;

/// Lines kept per reason, so that people can look.
const LINES_SHOWN: usize = 5;
/// Different reasons kept.
const REASONS_KEPT: usize = 30;

/// How many records a file had, and which were left out and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ReadReport {
    /// What kind of file it was.
    pub format: String,
    /// Records that were used.
    pub records: usize,
    /// Records that were left out, by reason.
    pub skipped: BTreeMap<String, Skipped>,
    /// Contigs (by index) that the file states to be circular.
    pub circular_contigs: Vec<usize>,
    /// Names that the file gives a contig (by index) of exactly the length that it declares.
    pub aliases: Vec<(usize, String)>,
    /// Anything else that people should know, as sentences.
    pub notes: Vec<String>,
}

/// Records left out for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// How many.
    pub count: usize,
    /// The first few lines (1-based) where that happened.
    pub lines: Vec<usize>,
}

impl ReadReport {
    /// An empty report about a file of the given format.
    #[must_use]
    pub fn new(format: &str) -> Self {
        Self {
            format: format.to_owned(),
            ..Self::default()
        }
    }

    /// Counts one record of `line` as left out.
    pub fn skip(&mut self, reason: impl Into<String>, line: usize) {
        let mut reason = reason.into();
        if self.skipped.len() >= REASONS_KEPT && !self.skipped.contains_key(&reason) {
            "for other reasons".clone_into(&mut reason);
        }
        let skipped = self.skipped.entry(reason).or_default();
        skipped.count += 1;
        if skipped.lines.len() < LINES_SHOWN {
            skipped.lines.push(line);
        }
    }

    /// What was found where nothing could be used: “none (12 left out: no strand)”.
    #[must_use]
    pub fn nothing(&self) -> String {
        match self.skipped.iter().max_by_key(|(_, skipped)| skipped.count) {
            Some((reason, skipped)) => {
                format!("none ({} left out: {reason})", grouped(skipped.count))
            }
            None => "none".to_owned(),
        }
    }

    /// Takes what was learnt about sequence names.
    pub fn take_names(&mut self, seqids: &Seqids<'_>) {
        self.notes.extend(seqids.notes());
        self.aliases.extend(seqids.learnt());
    }

    /// Records left out for any reason.
    #[must_use]
    pub fn skipped_count(&self) -> usize {
        self.skipped.values().map(|skipped| skipped.count).sum()
    }
}

/// One line for the records, one for each reason, one for each note.
impl fmt::Display for ReadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} records", self.format, grouped(self.records))?;
        for (reason, skipped) in &self.skipped {
            let lines: Vec<String> = skipped.lines.iter().map(ToString::to_string).collect();
            let more = if skipped.count > lines.len() {
                ", …"
            } else {
                ""
            };
            write!(
                f,
                "\n{} left out: {reason} (line {}{more})",
                grouped(skipped.count),
                lines.join(", ")
            )?;
        }
        for note in &self.notes {
            write!(f, "\n{note}")?;
        }
        Ok(())
    }
}
