//! What can go wrong with a run on disk.

use std::path::{Path, PathBuf};

/// A run could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused.
    #[error("{path}: {doing} failed: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The disk is too full.
    #[error(
        "{path}: the run needs {needed} MB more, but only {free} MB are free: keep fewer statistics, or write to another disk",
        path = .path.display()
    )]
    NoRoom {
        /// The folder.
        path: PathBuf,
        /// Needed, in 10⁶ bytes.
        needed: u64,
        /// Free, in 10⁶ bytes.
        free: u64,
    },
    /// The folder holds something else.
    #[error(
        "{path} is not empty and holds no run: expected an empty or new folder, or one with a {manifest}",
        path = .path.display(), manifest = super::MANIFEST
    )]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a run of something else.
    #[error(
        "{path} holds a run with another {what}: expected {expected}, found {found}; name another folder, or delete this one",
        path = .path.display()
    )]
    OtherRun {
        /// The folder.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// As asked for.
        expected: String,
        /// As found.
        found: String,
    },
    /// Another process writes the run.
    #[error("{path} is being written by another process: wait for it, or stop it", path = .path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not what the manifest says.
    #[error("{path}: expected {expected}, found {found}; make the run again", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// As the manifest says.
        expected: String,
        /// As found.
        found: String,
    },
    /// The run was not finished.
    #[error(
        "{path} holds an unfinished run ({finished} of {all} stretches): start the same run again to finish it",
        path = .path.display()
    )]
    Unfinished {
        /// The folder.
        path: PathBuf,
        /// Finished stretches.
        finished: usize,
        /// All stretches.
        all: usize,
    },
    /// A statistic that was not kept.
    #[error("{path} does not hold {statistic}: it was not kept when the run was made", path = .path.display())]
    NotKept {
        /// The folder.
        path: PathBuf,
        /// Its name.
        statistic: super::Statistic,
    },
    /// Somebody asked the work to stop.
    #[error(transparent)]
    Cancelled(#[from] crate::progress::Cancelled),
}

impl StoreError {
    /// Wraps what the system says.
    pub(super) fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }
}
