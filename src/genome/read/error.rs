//! What goes wrong with a file that people give us, in one sentence that says what to do next.

use crate::progress::Cancelled;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be opened, or its bytes could not be had.
    #[error("{}: {reason}. {next}", path.display())]
    Access {
        /// The file.
        path: PathBuf,
        /// What happened, as a clause.
        reason: String,
        /// What to do about it, as a sentence.
        next: String,
    },
    /// The file was read, but it does not hold what it should.
    #[error("{}{}: expected {expected}, found {found}. {next}", path.display(), AtLine(*line))]
    Content {
        /// The file.
        path: PathBuf,
        /// The 1-based line, in files made of lines.
        line: Option<usize>,
        /// What should have been there.
        expected: String,
        /// What was there.
        found: String,
        /// What to do about it, as a sentence.
        next: String,
    },
    /// Somebody asked the reading to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl ReadError {
    /// A file whose content is not what it should be.
    #[must_use]
    pub fn content(
        path: &Path,
        line: Option<usize>,
        expected: impl Into<String>,
        found: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::Content {
            path: path.to_owned(),
            line,
            expected: expected.into(),
            found: found.into(),
            next: next.into(),
        }
    }

    /// The 1-based line that it is about, where there is one.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Content { line, .. } => *line,
            _ => None,
        }
    }
}

struct AtLine(Option<usize>);

impl fmt::Display for AtLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, ", line {line}"))
    }
}

/// Text from a file as an error quotes it: short, printable, in quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("“{shown}”")
}
