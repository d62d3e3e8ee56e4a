//! The folder of a run, whoever trains in it: what is in it now, and what is added while somebody watches.

use super::{Entry, LOG, MODEL, STATE, TrainError};
use crate::model::metadata::{Metadata, Split};
use crate::model::train::{Best, Settings, read_notes};
use crate::model::{Overrides, read_checkpoint};
use crate::progress::Cancel;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};

/// Longer logs are none of ours.
const LONGEST_LOG_BYTES: u64 = 64 << 20;
/// How often a watched folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What is in the folder of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFolder {
    /// The folder.
    pub folder: PathBuf,
    /// The settings, once the run has been saved.
    pub settings: Option<Settings>,
    /// Steps after which it was saved last.
    pub saved_steps: u64,
    /// The best validation at that time.
    pub best: Option<Best>,
    /// The split, once there is a model.
    pub split: Option<Split>,
    /// What the model is called; empty before there is one.
    pub name: String,
    /// The log.
    pub log: Vec<Entry>,
    /// Whether there is a model: the best one so far.
    pub has_model: bool,
}

/// Whether `path` is the folder of a run.
#[must_use]
pub fn is_training_run(path: &Path) -> bool {
    path.join(STATE).is_file() || path.join(LOG).is_file()
}

impl RunFolder {
    /// Reads what is there. Lines of the log that are cut short are left out.
    ///
    /// # Errors
    /// [`TrainError`] where the state or the log cannot be read, or where there is neither.
    pub fn read(folder: &Path) -> Result<Self, TrainError> {
        Self::read_with(folder, &mut Known::default())
    }

    /// The same, without reading once more what is known.
    fn read_with(folder: &Path, known: &mut Known) -> Result<Self, TrainError> {
        if !is_training_run(folder) {
            return Err(TrainError::NoRun(folder.to_owned()));
        }
        let (state, model) = (folder.join(STATE), folder.join(MODEL));
        let notes = state.exists().then(|| read_notes(&state)).transpose()?;
        let about = known.about(&model);
        Ok(Self {
            folder: folder.to_owned(),
            saved_steps: notes.as_ref().map_or(0, |notes| notes.step),
            best: notes.as_ref().and_then(|notes| notes.best),
            settings: notes.map(|notes| notes.settings),
            split: about.split.clone(),
            name: about.name.clone().unwrap_or_default(),
            log: log(&folder.join(LOG))?,
            has_model: model.is_file(),
        })
    }

    /// The latest steps.
    #[must_use]
    pub fn steps(&self) -> u64 {
        let logged = self.log.last().map_or(0, Entry::step);
        logged.max(self.saved_steps)
    }

    /// The best validation of the log, with its steps: the model in the folder.
    #[must_use]
    pub fn best_entry(&self) -> Option<&Entry> {
        let is_best = |entry: &&Entry| matches!(entry, Entry::Validation { best: true, .. });
        self.log.iter().rev().find(is_best)
    }
}

fn log(path: &Path) -> Result<Vec<Entry>, TrainError> {
    let failed = |source| TrainError::Io {
        path: path.to_owned(),
        doing: "read",
        source,
    };
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut bytes = Vec::new();
    file.take(LONGEST_LOG_BYTES)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let lines = bytes.split(|byte| *byte == b'\n');
    Ok(lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}

/// What a file looked like, length and time: a change means that there is something new.
type Look = Option<(u64, SystemTime)>;

fn look(path: &Path) -> Look {
    let found = std::fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()?))
}

fn looks(folder: &Path) -> [Look; 3] {
    [STATE, MODEL, LOG].map(|name| look(&folder.join(name)))
}

/// What the model in a folder says about itself, read once for as long as its file looks the same: the log grows
/// many times between two models.
#[derive(Debug, Default)]
struct Known {
    looked: Look,
    about: Metadata,
}

impl Known {
    fn about(&mut self, model: &Path) -> &Metadata {
        let looks = look(model);
        if looks != self.looked {
            self.looked = looks;
            // A model that cannot be read says so when it is opened.
            self.about = looks
                .and_then(|_| read_checkpoint(model, Overrides::default()).ok())
                .map(|checkpoint| checkpoint.metadata)
                .unwrap_or_default();
        }
        &self.about
    }
}

/// Looks into a folder again and again, on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    cancel: Cancel,
    receiver: Receiver<Result<RunFolder, TrainError>>,
}

impl Watch {
    /// Starts to look. `wake` is called whenever there is something new.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(folder: PathBuf, wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let (cancel, its_folder) = (Cancel::default(), folder.clone());
        let stop = cancel.clone();
        std::thread::Builder::new()
            .name("training run".to_owned())
            .spawn(move || {
                let (mut seen, mut known) = (None, Known::default());
                while !stop.is_cancelled() {
                    let now = looks(&its_folder);
                    if seen.as_ref() != Some(&now) {
                        seen = Some(now);
                        if sender
                            .send(RunFolder::read_with(&its_folder, &mut known))
                            .is_err()
                        {
                            return;
                        }
                        wake();
                    }
                    std::thread::sleep(LOOK_EVERY);
                }
            })?;
        Ok(Self {
            folder,
            cancel,
            receiver,
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was found since this was asked last; the latest of it.
    #[must_use]
    pub fn latest(&self) -> Option<Result<RunFolder, TrainError>> {
        self.receiver.try_iter().last()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_again_only_where_its_file_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join(MODEL);
        let mut known = Known::default();
        assert_eq!(known.about(&model).name, None);
        std::fs::write(&model, crate::model::EXAMPLE).unwrap();
        let named = known.about(&model).clone();
        assert!(named.split.is_some() && named.name.is_some(), "{named:?}");
        // Nobody looks into a file that looks the same.
        known.about.name = Some("kept".to_owned());
        assert_eq!(known.about(&model).name.as_deref(), Some("kept"));
        std::fs::write(&model, [9; 40]).unwrap();
        assert_eq!(known.about(&model), &Metadata::default());
        std::fs::remove_file(&model).unwrap();
        assert_eq!(known.about(&model), &Metadata::default());
    }
}
