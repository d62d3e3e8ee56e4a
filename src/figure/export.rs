//! Pictures as files.

use super::pdf::pdf;
use super::png::png_in_bands;
use super::provenance::Provenance;
use super::scene::Scene;
use super::svg::svg;
use crate::progress::{Cancel, Cancelled, Progress};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Why a picture could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The name does not say what kind of file is wanted.
    #[error("{}: expected a name that ends in .svg, .pdf or .png, found '{found}'; rename the file", path.display())]
    Extension {
        /// The file.
        path: PathBuf,
        /// Its ending.
        found: String,
    },
    /// The picture would have too many pixels, or none.
    #[error(
        "a picture of {width_px} x {height_px} pixels at {dpi} dpi cannot be made: expected at least 1 and at most 200 million pixels; choose another dpi or size, or write SVG"
    )]
    TooLarge {
        /// Width in pixels.
        width_px: u32,
        /// Height in pixels.
        height_px: u32,
        /// Dots to an inch.
        dpi: f32,
    },
    /// The picture could not be painted.
    #[error("the picture could not be painted: {reason}; write SVG instead")]
    Render {
        /// What the painter says.
        reason: String,
    },
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The file could not be written.
    #[error("{}: the picture could not be written; choose a folder that exists and may be written to", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Kinds of picture files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Scalable, text stays text.
    Svg,
    /// Scalable, with its fonts inside.
    Pdf,
    /// Pixels.
    Png,
}

impl Format {
    /// From the ending of a file name, in any case.
    ///
    /// # Errors
    /// [`FigureError::Extension`] where it is none of `.svg`, `.pdf` and `.png`.
    pub fn from_path(path: &Path) -> Result<Self, FigureError> {
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        match ending.as_str() {
            "svg" => Ok(Self::Svg),
            "pdf" => Ok(Self::Pdf),
            "png" => Ok(Self::Png),
            _ => Err(FigureError::Extension {
                path: path.to_owned(),
                found: ending,
            }),
        }
    }
}

/// The bytes of a picture file; `dpi` matters to pixels only, and only their making is watched by `progress`.
///
/// # Errors
/// As [`png_in_bands`] and [`pdf`].
pub fn encode(
    scene: &Scene,
    format: Format,
    dpi: f32,
    provenance: &Provenance,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<u8>, FigureError> {
    match format {
        Format::Svg => Ok(svg(scene, provenance).into_bytes()),
        Format::Pdf => pdf(scene, provenance),
        Format::Png => png_in_bands(scene, dpi, provenance, progress, cancel),
    }
}

/// Writes a picture; the ending of `path` says which kind. An existing file is replaced only once the new one is whole.
///
/// # Errors
/// As [`Format::from_path`] and [`encode`]; [`FigureError::Write`] where the file cannot be written.
pub fn export(
    scene: &Scene,
    path: &Path,
    dpi: f32,
    provenance: &Provenance,
) -> Result<(), FigureError> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    export_watched(scene, path, dpi, provenance, &progress, &cancel)
}

/// [`export`] that can be watched and stopped.
///
/// # Errors
/// As [`export`], and [`FigureError::Cancelled`].
pub fn export_watched(
    scene: &Scene,
    path: &Path,
    dpi: f32,
    provenance: &Provenance,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(), FigureError> {
    let format = Format::from_path(path)?;
    let bytes = encode(scene, format, dpi, provenance, progress, cancel)?;
    write_whole(path, &bytes).map_err(|source| FigureError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file under another name, waits until it is on the disk, and renames it.
///
/// # Errors
/// What the system says; an existing file is then as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let write = || {
        let mut file = std::fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().inspect_err(|_| {
        // What is left of the attempt is of no use; the first error is the one to report.
        let _ = std::fs::remove_file(&part);
    })
}
