//! What `headlight inspect` says of files that Headlight itself writes: workspaces, figures, descriptions of
//! figures, and folders of training runs.

use super::with_progress;
use crate::job::figure_page::opened::{OpenedFigure, open_figure};
use crate::job::saved::findings::ENDING;
use crate::job::saved::{FileState, Found, find, is_workspace};
use crate::job::train::{RunFolder, is_training_run};
use anyhow::Error;
use serde_json::Value;
use std::path::Path;

/// What a file is called, and named values of it in the order in which they are printed.
pub struct Own {
    /// What it is.
    pub kind: &'static str,
    /// Its values.
    pub values: Vec<(&'static str, Value)>,
    /// Whether something that it needs is missing.
    pub failed: bool,
}

impl Own {
    fn new(kind: &'static str, values: Vec<(&'static str, Value)>) -> Self {
        Self {
            kind,
            values,
            failed: false,
        }
    }
}

/// Looks into a file of Headlight's own; `None` where `path` is none.
pub fn read(path: &Path) -> anyhow::Result<Option<Own>> {
    if !path.exists() {
        // Whoever opens it says so of the file that was asked for.
        return Ok(None);
    }
    if path.extension().is_some_and(|ending| ending == ENDING) {
        let workspace = path.with_extension("headlight");
        let of = [
            ("of", workspace.display().to_string().into()),
            ("open", view(&workspace)),
        ];
        return Ok(Some(Own::new("findings of a workspace", of.into())));
    }
    if is_workspace(path) {
        let found = with_progress("looking for the files", |progress, cancel| {
            find(path, progress, cancel)
        })?;
        return Ok(Some(workspace(path, &found)));
    }
    if let Some(figure) = open_figure(path) {
        return Ok(Some(match figure.map_err(Error::from_boxed)? {
            OpenedFigure::Page(page) => Own::new(
                "figure description",
                vec![
                    ("panels", page.panels.len().into()),
                    (
                        "draw",
                        format!("headlight figure {} -o figure.svg", quoted(path)).into(),
                    ),
                ],
            ),
            OpenedFigure::View(_, sidecar) => Own::new(
                "figure",
                vec![
                    (
                        "provenance",
                        lines(
                            sidecar
                                .provenance
                                .iter()
                                .map(|(name, value)| format!("{name}: {value}")),
                        ),
                    ),
                    (
                        "shows",
                        lines(sidecar.views.iter().map(|view| view.locus.clone())),
                    ),
                    ("open", view(path)),
                ],
            ),
        }));
    }
    if is_training_run(path) {
        let run = RunFolder::read(path)?;
        let values = vec![
            ("saved_steps", run.saved_steps.into()),
            ("log_lines", run.log.len().into()),
            ("has_model", run.has_model.into()),
            ("open", view(path)),
        ];
        return Ok(Some(Own::new("training run", values)));
    }
    Ok(None)
}

fn workspace(path: &Path, found: &Found) -> Own {
    let files = found.files.iter().map(|file| {
        let state = match &file.state {
            FileState::Same => "as it was saved",
            FileState::Changed => "has another content than when it was saved",
            FileState::Missing(why) => why,
        };
        format!("{}: {state}", file.path.display())
    });
    let own = Own::new(
        "workspace",
        vec![
            ("version", found.saved.version.into()),
            ("program", found.saved.program.clone().into()),
            ("genome", found.saved.genome.name.clone().into()),
            ("model", found.saved.model.name.clone().into()),
            ("files", lines(files)),
            ("open", view(path)),
        ],
    );
    let missing = |state: &FileState| matches!(state, FileState::Missing(_));
    Own {
        failed: found.files.iter().any(|file| missing(&file.state)),
        ..own
    }
}

/// The command that opens `path` in the window.
fn view(path: &Path) -> Value {
    format!("headlight view {}", quoted(path)).into()
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn lines(lines: impl Iterator<Item = String>) -> Value {
    lines.map(Value::from).collect::<Vec<_>>().into()
}
