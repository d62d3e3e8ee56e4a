//! Workspace files in the window: saving, opening, and keeping what is open against a crash.

use super::app::App;
use super::keeper;
use super::notices::Weight;
use super::state::View;
use crate::job::open::file_name;
use crate::job::saved::{ENDING, FileState, Found, Named, OpenFile, Saved, findings};
use crate::job::{JobError, Outcome, saved};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the latest state is kept.
const AUTOSAVE: Duration = Duration::from_secs(5);

/// A workspace whose files are being opened.
#[derive(Debug)]
pub struct Restoring {
    view: View,
    findings: Option<PathBuf>,
    genome: Named,
    model: Named,
}

/// The workspace file of the window, and what has been kept of it.
#[derive(Debug, Default)]
pub struct Kept {
    /// The workspace file, once there is one.
    pub file: Option<PathBuf>,
    /// What a crash left, until somebody has said what to do with it.
    pub left_behind: Option<PathBuf>,
    /// What a crash left, which is forgotten once its findings are open.
    left: Option<PathBuf>,
    /// Findings that are being opened or could not be opened as a whole: they are not written over.
    pub(super) unopened: Option<PathBuf>,
    restoring: Option<Restoring>,
    seen: Option<(View, u64)>,
    looked: Option<Instant>,
    title: String,
}

impl Kept {
    /// Nothing but what a crash left, if anything.
    #[must_use]
    pub fn new(left_behind: Option<PathBuf>) -> Self {
        Self {
            left_behind,
            ..Self::default()
        }
    }

    /// Whether a workspace is being opened.
    #[must_use]
    pub fn is_restoring(&self) -> bool {
        self.restoring.is_some()
    }
}

impl App {
    /// What is open and shown, as it is saved.
    pub(super) fn saved(&self) -> Saved {
        // A view is numbers, words and switches: there is always a value of it.
        let view = serde_json::to_value(&self.view).unwrap_or_default();
        self.workspace.saved(view, self.preferences.base_colors)
    }

    pub(super) fn save_workspace(&mut self) {
        match self.kept.file.clone() {
            Some(path) => self.save_workspace_to(path),
            None => self.ask_where_to_save(),
        }
    }

    pub(super) fn ask_where_to_save(&mut self) {
        let name = self.kept.file.as_deref().map_or_else(
            || format!("workspace.{ENDING}"),
            |path| path.display().to_string(),
        );
        self.dialogs.ask_save_workspace(name);
    }

    pub(super) fn save_workspace_to(&mut self, path: PathBuf) {
        // Its findings lie under the same name with another ending: no other file may lead to them.
        let path = if path.extension().is_some_and(|ending| ending == ENDING) {
            path
        } else {
            let mut named = path.into_os_string();
            named.push(format!(".{ENDING}"));
            PathBuf::from(named)
        };
        let (saved, findings) = (self.saved(), self.workspace.stored());
        let beside = findings::beside(&path);
        let unopened = self.kept.unopened.take_if(|file| *file == beside);
        self.start_job(format!("Saving {}", file_name(&path)), move |_, _| {
            if let Some(unopened) = unopened.filter(|file| file.exists()) {
                set_aside(&unopened)?;
            }
            saved.write_with(&path, &findings)?;
            Ok(Outcome::SavedWorkspace(std::path::absolute(&path)?))
        });
    }

    /// The window's workspace file is now this one.
    pub(super) fn has_saved(&mut self, path: PathBuf) {
        self.preferences.remember_recent(&path);
        self.notices
            .add(Weight::Done, format!("Saved {}", path.display()));
        self.kept.file = Some(path);
    }

    /// A workspace was read: opens it, or asks where its files are.
    pub(super) fn take_workspace(&mut self, found: Found) {
        if found.is_whole() {
            self.open_found(&found);
        } else {
            self.asked.relocate(found);
        }
    }

    /// Looks for file number `index` of the workspace that is asked about at `path`, and for the others
    /// where it has been moved.
    pub(super) fn relocate(&mut self, index: usize, path: PathBuf) {
        let Some(mut found) = self.asked.relocated() else {
            return;
        };
        self.start_job(
            "Looking for the files of the workspace".to_owned(),
            move |progress, cancel| {
                let looked = found.relocate(index, &path, progress, cancel);
                looked.map_err(|error| -> JobError {
                    match error {
                        saved::SavedError::Cancelled(cancelled) => cancelled.into(),
                        other => other.into(),
                    }
                })?;
                Ok(Outcome::Workspace(Box::new(found)))
            },
        );
    }

    /// Opens the workspace that is asked about with what has been found of it.
    pub(super) fn open_relocated(&mut self) {
        if let Some(found) = self.asked.relocated() {
            self.asked.forget_relocation();
            self.open_found(&found);
        }
    }

    fn open_found(&mut self, found: &Found) {
        let view: View = match serde_json::from_value(found.saved.view.clone()) {
            Ok(view) => view,
            Err(_) if found.saved.view.is_null() => View::default(),
            Err(error) => {
                let path = found.path.display();
                let text = format!(
                    "{path}: what the window showed cannot be read: {error}. What is open stays open."
                );
                self.notices.add(Weight::Failure, text);
                return;
            }
        };
        self.asked.clear();
        self.jobs.cancel_all();
        // What was open last is not written over while it is being opened again.
        if self.keeper.last_file().as_ref() != Some(&found.path) {
            self.save_last(self.saved());
        }
        self.kept.left = None;
        self.kept.unopened = None;
        self.workspace.start_again(&found.saved.aliases);
        self.start_over();
        let missing = |state: &FileState| matches!(state, FileState::Missing(_));
        let files = found.files.iter();
        let absent = files.clone().filter(|file| missing(&file.state));
        let absent: Vec<OpenFile> = absent.map(|file| file.file.clone()).collect();
        self.workspace.absent = absent;
        let there = files.filter(|file| !missing(&file.state));
        // What else was asked for is opened on top.
        let mut waiting: std::collections::VecDeque<_> = there
            .map(|file| (file.path.clone(), file.file.options.clone()))
            .collect();
        waiting.append(&mut self.waiting_files);
        self.waiting_files = waiting;
        self.waiting_locus = self.given_locus.take();
        self.preferences.base_colors = found.saved.base_colors;
        self.kept.restoring = Some(Restoring {
            view,
            findings: found.saved.findings_path(&found.path),
            genome: found.saved.genome.clone(),
            model: found.saved.model.clone(),
        });
        let folder = self.keeper.folder();
        let own = folder.is_some_and(|folder| found.path.starts_with(folder));
        if own {
            // It was kept by the program: it goes on as the state of the file that it was of.
            self.kept.file.clone_from(&found.saved.of);
            if self.kept.left_behind.as_ref() == Some(&found.path) {
                self.kept.left_behind = None;
                if found.saved.findings.is_some() {
                    self.kept.left = Some(found.path.clone());
                } else {
                    keeper::forget(&found.path);
                }
            }
        } else {
            self.preferences.remember_recent(&found.path);
            self.kept.file = Some(found.path.clone());
        }
    }

    /// Once all files of a workspace are open: shows what it showed.
    pub(super) fn finish_restoring(&mut self) {
        let Some(restoring) = self.kept.restoring.take() else {
            return;
        };
        self.view = restoring.view;
        if let Some((tab, rule, head)) = self.given_view.take() {
            self.view.tab = tab.unwrap_or(self.view.tab);
            self.view.rule = rule.unwrap_or(self.view.rule);
            let head = head.map(|head| (head.layer, head.head));
            self.view.head = head.unwrap_or(self.view.head);
        }
        self.view.keep_within(&self.workspace.genome);
        self.view
            .keep_head_within(self.workspace.model.head_shape());
        self.kept.seen = None;
        self.kept.looked = Some(Instant::now());
        self.steps = super::undo::Steps::default();
        self.history = super::history::History::default();
        let parts = [
            (
                "genome",
                &restoring.genome,
                &self.workspace.genome.checksum,
                self.workspace.genome.name.as_str(),
            ),
            (
                "model",
                &restoring.model,
                &self.workspace.model.checksum,
                self.workspace.model.name(),
            ),
        ];
        for (what, saved, checksum, name) in parts {
            if !saved.sha256.is_empty() && saved.sha256 != *checksum {
                let text = format!(
                    "The workspace was saved with another {what}, {}; {name} is open.",
                    saved.name
                );
                self.notices.add(Weight::Failure, text);
            }
        }
        if let Some(path) = &self.kept.file {
            let text = format!("Opened the workspace {}.", file_name(path));
            self.notices.add(Weight::Done, text);
        }
        if let Some(path) = restoring.findings {
            self.open_findings(path);
        }
    }

    /// Opens what analyses had brought; whatever is wrong with it is said, and everything else stays open.
    fn open_findings(&mut self, path: PathBuf) {
        let genome = Arc::clone(&self.workspace.genome);
        let left = self.kept.left.take();
        self.kept.unopened = Some(path.clone());
        self.opening = self.start_job(format!("Opening {}", file_name(&path)), move |_, cancel| {
            let (stored, words) = findings::read(&path, &genome, cancel)?;
            if let Some(left) = left.filter(|_| words.is_none()) {
                keeper::forget(&left);
            }
            Ok(Outcome::Findings(stored, words))
        });
    }

    /// Keeps the latest state now and then, and names the window after its workspace.
    pub(super) fn keep(&mut self, ctx: &egui::Context) {
        let name = self.kept.file.as_deref().map(file_name);
        let title = name.map_or_else(
            || "Headlight".to_owned(),
            |name| format!("{name} – Headlight"),
        );
        if title != self.kept.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.kept.title = title;
        }
        for line in self.notices.unlogged() {
            self.keeper.log(&line);
        }
        let busy = self.opening.is_some()
            || !self.waiting_files.is_empty()
            || self.waiting_locus.is_some()
            || self.kept.restoring.is_some();
        if self.keeper.folder().is_none() || busy {
            return;
        }
        let is_seen = |seen: &(View, u64)| seen.0 == self.view && seen.1 == self.workspace.changes;
        if self.kept.seen.as_ref().is_some_and(is_seen) {
            return;
        }
        // What the window began with needs no keeping; what was restored does, at once.
        let begins = self.kept.seen.is_none() && self.kept.looked.is_none();
        let looked = self.kept.looked.get_or_insert_with(Instant::now);
        if self.kept.seen.is_some() && looked.elapsed() < AUTOSAVE {
            ctx.request_repaint_after(AUTOSAVE);
            return;
        }
        *looked = Instant::now();
        self.kept.seen = Some((self.view.clone(), self.workspace.changes));
        if !begins {
            let of = self.kept.file.clone();
            let saved = Saved { of, ..self.saved() };
            self.keeper.save(saved, self.workspace.stored());
        }
    }

    /// Keeps what is open for *Open what was open last*, and lets go of the rest.
    pub(super) fn finish_keeping(&mut self) {
        let of = self.kept.file.clone();
        if self.screenshot.is_none() && !self.kept.is_restoring() {
            let saved = Saved { of, ..self.saved() };
            self.save_last(saved);
        }
        self.keeper.finish();
    }

    /// Keeps `saved` for *Open what was open last*, unless that would write over findings that are not open.
    pub(super) fn save_last(&self, saved: Saved) {
        let last = self.keeper.last_file().map(|file| findings::beside(&file));
        if self.kept.unopened.is_none() || self.kept.unopened != last {
            self.keeper.save_last(saved, self.workspace.stored());
        }
    }

    /// Findings were opened; `words` say what was passed over.
    pub(super) fn has_opened_findings(&mut self, words: Option<&str>) {
        if words.is_none() {
            self.kept.unopened = None;
        }
    }

    pub(super) fn open_last(&mut self) {
        match self.keeper.last_file() {
            Some(path) => self.open_kept(path),
            None => self
                .notices
                .add(Weight::Hint, "Nothing was open before this."),
        }
    }

    pub(super) fn restore(&mut self) {
        if let Some(path) = self.kept.left_behind.clone() {
            self.open_kept(path);
        }
    }

    pub(super) fn forget_left_behind(&mut self) {
        if let Some(path) = self.kept.left_behind.take() {
            keeper::forget(&path);
        }
    }

    pub(super) fn ask_find(&mut self, index: usize) {
        if let Some(found) = self.asked.relocated()
            && let Some(file) = found.files.get(index)
        {
            self.dialogs.ask_find(index, &file_name(&file.file.path));
        }
    }

    fn open_kept(&mut self, path: PathBuf) {
        self.waiting_files
            .push_back((path, crate::sites::read::SiteOptions::default()));
    }

    /// Whether the path is one of the program's own files, which are not listed among recent ones.
    pub(super) fn data_folder(&self) -> Option<&Path> {
        self.keeper.folder()
    }
}

/// Gives findings that could not be opened another name, so that saving keeps them.
fn set_aside(path: &Path) -> std::io::Result<()> {
    let free = (1..1_000)
        .map(|number| path.with_extension(format!("unopened-{number}.findings")))
        .find(|aside| !aside.exists());
    match free {
        Some(aside) => std::fs::rename(path, aside),
        None => Ok(()),
    }
}
