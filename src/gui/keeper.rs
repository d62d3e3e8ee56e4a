//! Writes what the window keeps in its data folder, off the window's thread: a log file, and the latest
//! state of what is open, for the case that the program or the machine stops.
//!
//! | file | what |
//! |---|---|
//! | `headlight.log`, `headlight.1.log` | notices and jobs with their times (UTC); the older half once it has grown |
//! | `autosave-N.headlight`, `.findings`, `.lock` | what is open in a running window; one whose lock is free was left by a crash |
//! | `last.headlight`, `.findings` | what was open when a window closed |
//! | `stopped-N.txt` | a report of a panic |

use crate::job::open::file_name;
use crate::job::saved::findings::{self, Stored};
use crate::job::saved::{ENDING, Saved, SavedError};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes after which a new log is begun.
const LOG_BYTES: u64 = 1 << 20;
/// What precedes the number of a window in its file's name.
const AUTOSAVE: &str = "autosave-";

enum Work {
    Line(String),
    Save(Box<Saved>, Vec<Stored>),
    Last(Box<Saved>, Vec<Stored>),
}

/// The thread that writes, and where.
#[derive(Debug, Default)]
pub struct Keeper {
    folder: Option<PathBuf>,
    sender: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
    autosave: PathBuf,
    /// Held as long as the window lives.
    lock: Option<File>,
}

impl Keeper {
    /// Writes into `folder`, which is made where it is missing; nowhere without one.
    #[must_use]
    pub fn start(folder: Option<PathBuf>) -> Self {
        let Some(folder) = folder.filter(|folder| std::fs::create_dir_all(folder).is_ok()) else {
            return Self::default();
        };
        let number = format!("{}-{}", seconds(), std::process::id());
        let autosave = folder.join(format!("{AUTOSAVE}{number}.{ENDING}"));
        let lock = File::create(autosave.with_extension("lock")).ok();
        let lock = lock.filter(|lock| lock.try_lock().is_ok());
        let (sender, receiver) = channel();
        let (its_folder, its_autosave) = (folder.clone(), autosave.clone());
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || keep(&receiver, &its_folder, &its_autosave))
            .ok();
        Self {
            sender: thread.is_some().then_some(sender),
            folder: Some(folder),
            thread,
            autosave,
            lock,
        }
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The log file.
    #[must_use]
    pub fn log_file(&self) -> Option<PathBuf> {
        self.folder
            .as_ref()
            .map(|folder| folder.join("headlight.log"))
    }

    /// What was open when a window closed or opened something else.
    #[must_use]
    pub fn last_file(&self) -> Option<PathBuf> {
        let last = self.folder.as_ref()?.join(format!("last.{ENDING}"));
        last.exists().then_some(last)
    }

    /// Writes a line into the log.
    pub fn log(&self, text: &str) {
        self.send(Work::Line(text.replace('\n', " ")));
    }

    /// Keeps the latest state of what is open.
    pub fn save(&self, saved: Saved, findings: Vec<Stored>) {
        self.send(Work::Save(Box::new(saved), findings));
    }

    /// Keeps what is about to be closed.
    pub fn save_last(&self, saved: Saved, findings: Vec<Stored>) {
        self.send(Work::Last(Box::new(saved), findings));
    }

    fn send(&self, work: Work) {
        if let Some(sender) = &self.sender {
            // The thread lives as long as this one does.
            let _ = sender.send(work);
        }
    }

    /// The latest state that a window left when the program or the machine stopped.
    #[must_use]
    pub fn left_behind(&self) -> Option<PathBuf> {
        let entries = std::fs::read_dir(self.folder.as_ref()?).ok()?;
        let abandoned = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(AUTOSAVE)
                && path.extension().is_some_and(|ending| ending == ENDING)
                && *path != self.autosave
                && File::open(path.with_extension("lock"))
                    .map_or(true, |lock| lock.try_lock().is_ok())
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let changed = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
        paths.filter(abandoned).max_by_key(changed)
    }

    /// Closes the window's files: nothing of it has to be restored any more.
    pub fn finish(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // It ends once it has written what waits.
            let _ = thread.join();
            forget(&self.autosave);
        }
        self.lock = None;
    }
}

/// Removes a state that was left behind, with its lock.
pub fn forget(path: &Path) {
    // What cannot be removed is offered once more.
    let _ = std::fs::remove_file(path);
    let _ = std::fs::remove_file(path.with_extension("lock"));
    let _ = std::fs::remove_file(findings::beside(path));
}

fn keep(work: &Receiver<Work>, folder: &Path, autosave: &Path) {
    let log = folder.join("headlight.log");
    let mut kept: Vec<Stored> = Vec::new();
    while let Ok(work) = work.recv() {
        let written = match work {
            Work::Line(line) => append(&log, &line),
            Work::Save(saved, findings) => {
                save(*saved, autosave, &findings, &mut kept).map_err(std::io::Error::other)
            }
            Work::Last(saved, findings) => saved
                .write_with(&folder.join(format!("last.{ENDING}")), &findings)
                .map_err(std::io::Error::other),
        };
        if let Err(error) = written {
            // On a full disk the log fails too; then there is nobody left to tell.
            let _ = append(&log, &error.to_string());
        }
    }
}

/// Writes the latest state; findings only where they are others than those that were written before.
fn save(
    mut saved: Saved,
    path: &Path,
    findings: &[Stored],
    kept: &mut Vec<Stored>,
) -> Result<(), SavedError> {
    let mut pairs = kept.iter().zip(findings);
    if kept.len() != findings.len() || !pairs.all(|(old, new)| old.is_same(new)) {
        saved.write_with(path, findings)?;
        *kept = findings.to_vec();
        return Ok(());
    }
    let beside = findings::beside(path);
    saved.findings = (!kept.is_empty()).then(|| file_name(&beside));
    saved.write(path)
}

fn append(log: &Path, line: &str) -> std::io::Result<()> {
    if log.metadata().is_ok_and(|data| data.len() > LOG_BYTES) {
        std::fs::rename(log, log.with_extension("1.log"))?;
    }
    let mut file = File::options().create(true).append(true).open(log)?;
    writeln!(file, "{} {line}", time_text(seconds()))
}

/// Seconds since 1970.
pub fn seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A time in UTC as `2026-01-31T12:00:00Z`.
#[must_use]
pub fn time_text(seconds: u64) -> String {
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    format!(
        "{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        month + 1,
        days + 1,
        of_day / 3_600,
        of_day / 60 % 60,
        of_day % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(time_text(0), "1970-01-01T00:00:00Z");
        assert_eq!(time_text(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(time_text(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(time_text(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn a_state_is_left_behind_only_where_its_window_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let start = || Keeper::start(Some(folder.path().to_owned()));
        let mut first = start();
        first.save(Saved::new(), Vec::new());
        first.log("one\nline");
        let began = std::time::Instant::now();
        while !first.autosave.exists() {
            assert!(began.elapsed().as_secs() < 30);
        }
        let mut second = start();
        second.autosave = folder.path().join("autosave-2.headlight");
        assert_eq!(second.left_behind(), None, "its window lives");
        // A window that stopped leaves its file and a lock that nobody holds.
        let left = folder.path().join("autosave-9.headlight");
        std::fs::copy(&first.autosave, &left).unwrap();
        std::fs::write(left.with_extension("lock"), "").unwrap();
        assert_eq!(second.left_behind(), Some(left.clone()));
        forget(&left);
        assert_eq!(second.left_behind(), None);
        first.finish();
        assert!(!first.autosave.exists());
        let log = std::fs::read_to_string(folder.path().join("headlight.log")).unwrap();
        assert!(log.ends_with("Z one line\n"), "{log}");
    }

    #[test]
    fn a_long_log_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("headlight.log");
        std::fs::write(&log, vec![b'x'; LOG_BYTES as usize + 1]).unwrap();
        append(&log, "new").unwrap();
        assert!(std::fs::metadata(&log).unwrap().len() < 100);
        assert!(folder.path().join("headlight.1.log").exists());
    }
}
