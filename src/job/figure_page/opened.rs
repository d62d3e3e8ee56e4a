//! Figures and descriptions that are opened again, to get back to what they show.

use super::inside::read_views;
use super::sidecar::SidecarError;
use super::{Description, Sidecar};
use crate::job::JobError;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Larger pictures are not looked into.
const LARGEST_BYTES: u64 = 256 << 20;

/// What a figure or a description leads back to.
#[derive(Clone, Debug, PartialEq)]
pub enum OpenedFigure {
    /// A page of panels.
    Page(Description),
    /// What a figure shows, and which file it was.
    View(PathBuf, Sidecar),
}

/// Opens a figure by the file beside it, that file itself, or a description; `None` where `path` is none of them.
///
/// # Errors
/// [`super::sidecar::SidecarError`] and [`super::DescriptionError`].
pub fn open_figure(path: &Path) -> Option<Result<OpenedFigure, JobError>> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = absolute.as_path();
    let ending = path.extension()?.to_string_lossy().to_lowercase();
    let sidecar = || {
        // Without the file beside it, a figure still says what it shows.
        let read = Sidecar::open(path).or_else(|error| {
            let is_missing = ending != "json" && !Sidecar::path_of(path).exists();
            inside(path).ok_or(if is_missing {
                SidecarError::None {
                    figure: path.to_owned(),
                }
            } else {
                error
            })
        })?;
        Ok(OpenedFigure::View(path.to_owned(), read))
    };
    match ending.as_str() {
        "svg" | "pdf" | "png" => Some(sidecar()),
        "json" if is_sidecar(path) => Some(sidecar()),
        "toml" => Some(
            Description::open(path)
                .map(OpenedFigure::Page)
                .map_err(Into::into),
        ),
        _ => None,
    }
}

/// What a figure says of itself, where no file lies beside it.
fn inside(path: &Path) -> Option<Sidecar> {
    if Sidecar::path_of(path).exists() || std::fs::metadata(path).ok()?.len() > LARGEST_BYTES {
        return None;
    }
    read_views(&std::fs::read(path).ok()?)
}

/// Whether a JSON file begins as sidecars do.
fn is_sidecar(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(256).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains("\"headlight figure")
}
