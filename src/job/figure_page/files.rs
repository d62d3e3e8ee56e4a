//! Figures as files: the picture, where it comes from beside it, and the numbers behind it.

use super::{Description, RenderedPage, Sidecar, Sources, render};
use crate::figure::export::{export_watched, write_whole};
use crate::figure::{Provenance, Scene};
use crate::job::JobError;
use crate::progress::{Cancel, Progress};
use std::path::{Path, PathBuf};

/// A file, or a folder for it, that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be written; choose a folder that exists and may be written to", path.display())]
pub struct NotWritten {
    /// The file or the folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: std::io::Error,
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), NotWritten> {
    write_whole(path, bytes).map_err(|source| NotWritten {
        path: path.to_owned(),
        source,
    })
}

/// Writes a picture, and its sidecar beside it where there is one.
///
/// # Errors
/// [`crate::figure::FigureError`] and [`NotWritten`]; when it is cancelled.
pub fn save_picture(
    scene: &Scene,
    path: &Path,
    dpi: f32,
    (provenance, sidecar): (&Provenance, Option<&Sidecar>),
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(), JobError> {
    use crate::figure::FigureError;
    let written = export_watched(scene, path, dpi, provenance, progress, cancel);
    written.map_err(|error| -> JobError {
        match error {
            FigureError::Cancelled(cancelled) => cancelled.into(),
            other => other.into(),
        }
    })?;
    if let Some(sidecar) = sidecar {
        write(&Sidecar::path_of(path), sidecar.to_json()?.as_bytes())?;
    }
    Ok(())
}

/// Writes the numbers behind the panels into a folder, which is made where it is missing.
///
/// # Errors
/// [`NotWritten`].
pub fn save_tables(tables: &[(String, String)], folder: &Path) -> Result<(), NotWritten> {
    std::fs::create_dir_all(folder).map_err(|source| NotWritten {
        path: folder.to_owned(),
        source,
    })?;
    tables
        .iter()
        .try_for_each(|(name, table)| write(&folder.join(name), table.as_bytes()))
}

/// How a page is written.
#[derive(Clone, Debug, PartialEq)]
pub struct PageFile {
    /// Where: `.svg`, `.pdf` or `.png`; `.tsv` is the numbers alone, in a folder of that name without its ending.
    pub path: PathBuf,
    /// Dots an inch of a PNG.
    pub dpi: f32,
    /// Whether the page is left transparent.
    pub transparent: bool,
    /// Whether the numbers behind the panels are written too, into a folder of the picture's name.
    pub numbers: bool,
    /// What the provenance calls the command.
    pub command: String,
}

impl PageFile {
    /// The folder of the numbers.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!("{stem} data"))
    }

    fn is_numbers(&self) -> bool {
        let ending = self.path.extension();
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"))
    }
}

/// Draws a page and writes it, with its sidecar and, where asked for, its numbers.
///
/// # Errors
/// As [`render`] and [`save_picture`].
pub fn save_page(
    description: &Description,
    sources: &mut Sources,
    file: &PageFile,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(), JobError> {
    sources.numbers = file.numbers || file.is_numbers();
    let RenderedPage {
        mut scene,
        mut provenance,
        views,
        tables,
    } = render(description, sources, progress, cancel).map_err(|error| -> JobError {
        match error {
            super::FigurePageError::Cancelled(cancelled) => cancelled.into(),
            other => other.into(),
        }
    })?;
    if sources.numbers {
        save_tables(&tables, &file.folder())?;
    }
    if file.is_numbers() {
        return Ok(());
    }
    if file.transparent {
        scene.background = None;
    }
    provenance.add("command", file.command.as_str());
    let sidecar = Sidecar::new(&provenance, views, Some(description.text.clone()));
    let beside = (&provenance, Some(&sidecar));
    save_picture(&scene, &file.path, file.dpi, beside, progress, cancel)
}
