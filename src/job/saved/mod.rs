//! Workspace files: what is open and what is shown, to be taken up again.
//!
//! A workspace file (`NAME.headlight`) is JSON in UTF-8:
//!
//! | key | value |
//! |---|---|
//! | `format` | `"headlight workspace"` |
//! | `version` | 1; a larger number is refused in words |
//! | `program` | the program that wrote it, such as `headlight 0.1.0` |
//! | `genome`, `model` | `name` and `sha256` of what was open, to say so when something else opens |
//! | `aliases` | pairs: a sequence's own name, and the other one |
//! | `files` | what was opened on top of the embedded example, in that order |
//! | `view` | what the window showed: place (0-based, half-open), strand, rule, head, tab, hidden TFs, tracks, pin, selection, bookmarks, map |
//! | `base_colors` | colours of the bases |
//! | `findings` | only where analyses were done: the name of the file beside this one that holds what they brought, see [`findings`] |
//! | `of` | only where the program saved by itself: the file that this is the latest state of |
//!
//! Each of `files` has `path` (absolute), `relative` (from the folder of the workspace file, with `/`),
//! `sha256` and `bytes` of its content, and `options`: chosen columns, lift and shift, strand, whether
//! mismatches were accepted. A file is looked for at its relative path first, then at the absolute
//! one; where both exist, the one with the right checksum is taken. Keys that are not known are passed over.

mod find;
pub mod findings;
mod sound;

pub use find::{FileState, Found, FoundFile, find};

use self::findings::Stored;
use super::{JobError, Outcome};
use crate::figure::export::write_whole;
use crate::figure::theme::BaseColors;
use crate::genome::Genome;
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::read::SiteOptions;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// What the key `format` says.
const FORMAT: &str = "headlight workspace";
/// The version that this program writes, and the newest that it reads.
pub const VERSION: u32 = 1;
/// Ending of workspace files.
pub const ENDING: &str = "headlight";
/// Larger files are none of ours.
const LARGEST_BYTES: u64 = 16 << 20;
/// More files than anybody opens.
const MOST_FILES: usize = 1_000;

/// Why a workspace could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The file cannot be read.
    #[error("{path}: the workspace cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("{path}: the workspace cannot be written: {source}. Save it in another folder.")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A newer program wrote it.
    #[error(
        "{path}: {program} wrote this file in format {found}; this program reads formats up to {VERSION}. \
         Open it with the newer program."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// What wrote it.
        program: String,
    },
    /// It is no workspace, or a damaged one.
    #[error("{path}: this is no workspace that can be read: {problem}. What is open stays open.")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column where they are known.
        problem: String,
    },
    /// A findings file is damaged.
    #[error(
        "{path}: the findings of the workspace cannot be read: {problem}. Everything else is open; start the analyses again."
    )]
    DamagedFindings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Somebody stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Name and checksum of a part, to tell whether the same one is open again.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its checksum.
    pub sha256: String,
}

/// A file that is open.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OpenFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The same from the folder of the workspace file, with `/`; empty where there is no such way.
    #[serde(default)]
    pub relative: String,
    /// SHA-256 of its bytes in hexadecimal digits.
    pub sha256: String,
    /// Their number.
    pub bytes: u64,
    /// How it was read.
    #[serde(default)]
    pub options: SiteOptions,
}

impl OpenFile {
    /// The file at `path`, as it is now.
    ///
    /// # Errors
    /// Where it cannot be read, or is no file; [`SavedError::Cancelled`] soon after that was asked.
    pub fn new(path: &Path, options: SiteOptions, cancel: &Cancel) -> Result<Self, SavedError> {
        let failed = |source| SavedError::Read {
            path: path.to_owned(),
            source,
        };
        let absolute = std::path::absolute(path).map_err(failed)?;
        let (sha256, bytes) = checksum(&absolute, &Progress::default(), cancel)?;
        Ok(Self {
            path: absolute,
            relative: String::new(),
            sha256,
            bytes,
            options,
        })
    }
}

/// A workspace as it is saved.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Saved {
    /// Says that it is a workspace.
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// What wrote it.
    #[serde(default)]
    pub program: String,
    /// The genome that was open.
    #[serde(default)]
    pub genome: Named,
    /// The model that was open.
    #[serde(default)]
    pub model: Named,
    /// Other names of sequences: `(own, other)`.
    #[serde(default)]
    pub aliases: Vec<(String, String)>,
    /// What was opened on top of the embedded example, in this order.
    pub files: Vec<OpenFile>,
    /// What the window showed.
    #[serde(default)]
    pub view: serde_json::Value,
    /// Colours of the bases.
    #[serde(default)]
    pub base_colors: BaseColors,
    /// Name of the file with the findings, in the folder of the workspace file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<String>,
    /// The file that this is the latest state of, where the program saved by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<PathBuf>,
}

/// What tells a workspace file from any other.
#[derive(serde::Deserialize)]
struct Header {
    format: String,
    version: u32,
    #[serde(default)]
    program: String,
}

impl Saved {
    /// A workspace with nothing opened, in the format that this program writes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: format!("headlight {}", env!("CARGO_PKG_VERSION")),
            ..Self::default()
        }
    }

    /// Writes it; an existing file is replaced only once the new one is whole and on the disk.
    ///
    /// # Errors
    /// [`SavedError::Write`].
    pub fn write(mut self, path: &Path) -> Result<(), SavedError> {
        let failed = |source| SavedError::Write {
            path: path.to_owned(),
            source,
        };
        let absolute = std::path::absolute(path).map_err(failed)?;
        let folder = absolute.parent().unwrap_or(Path::new(""));
        for file in &mut self.files {
            file.relative = relative(folder, &file.path).unwrap_or_default();
        }
        let text = serde_json::to_string_pretty(&self)
            .map_err(|error| failed(std::io::Error::other(error)))?;
        write_whole(&absolute, format!("{text}\n").as_bytes()).map_err(failed)
    }

    /// Writes it with its findings beside it, those first.
    ///
    /// # Errors
    /// [`SavedError::Write`].
    pub fn write_with(mut self, path: &Path, findings: &[Stored]) -> Result<(), SavedError> {
        let beside = findings::beside(path);
        self.findings = None;
        if !findings.is_empty() {
            findings::write(findings, &beside)?;
            self.findings = Some(super::open::file_name(&beside));
        }
        self.write(path)
    }

    /// Where its findings lie, if it has any; `path` is that of the workspace file.
    #[must_use]
    pub fn findings_path(&self, path: &Path) -> Option<PathBuf> {
        let name = self.findings.as_deref()?;
        // A name that leads to another folder is none that was written here.
        let plain = Path::new(name).file_name()?;
        let renamed = findings::beside(path);
        let named = path.with_file_name(plain);
        Some(if named.exists() { named } else { renamed })
    }

    /// Reads a workspace file. None of the files that it names is looked at.
    ///
    /// # Errors
    /// [`SavedError::Read`], [`SavedError::Newer`] and [`SavedError::Damaged`].
    pub fn read(path: &Path) -> Result<Self, SavedError> {
        let failed = |source| SavedError::Read {
            path: path.to_owned(),
            source,
        };
        let damaged = |problem: String| SavedError::Damaged {
            path: path.to_owned(),
            problem,
        };
        let mut bytes = Vec::new();
        regular(path)
            .and_then(|file| file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes))
            .map_err(failed)?;
        if bytes.len() as u64 > LARGEST_BYTES {
            return Err(damaged("it is larger than any workspace".to_owned()));
        }
        let header: Header =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if header.format != FORMAT {
            return Err(damaged(format!("its format is not “{FORMAT}”")));
        }
        if header.version > VERSION {
            return Err(SavedError::Newer {
                path: path.to_owned(),
                found: header.version,
                program: if header.program.is_empty() {
                    "A newer program".to_owned()
                } else {
                    header.program.chars().take(60).collect()
                },
            });
        }
        let saved: Self =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if saved.files.len() > MOST_FILES {
            return Err(damaged(format!("it names more than {MOST_FILES} files")));
        }
        Ok(saved)
    }
}

/// Opens `path` as [`open::open`](super::open::open) does, and notes which file it was; of a workspace file,
/// looks where its files are.
///
/// # Errors
/// As [`open::open`](super::open::open) and [`find()`].
pub fn open(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let stopped = |error| match error {
        SavedError::Cancelled(cancelled) => JobError::from(cancelled),
        other => other.into(),
    };
    if is_workspace(path) {
        let found = find(path, progress, cancel).map_err(stopped)?;
        return Ok(Outcome::Workspace(Box::new(found)));
    }
    if let Some(figure) = super::figure_page::opened::open_figure(path) {
        return Ok(Outcome::Figure(Box::new(figure?)));
    }
    if super::train::is_training_run(path) {
        return Ok(Outcome::TrainingRun(std::path::absolute(path)?));
    }
    match super::open::open(path, genome, options, progress, cancel)? {
        // Nothing is open yet.
        asks @ (Outcome::SitesInDoubt(_) | Outcome::UnknownTable(_)) => Ok(asks),
        outcome => {
            let file = OpenFile::new(path, options.clone(), cancel).map_err(stopped)?;
            Ok(Outcome::Opened {
                file: Box::new(file),
                outcome: Box::new(outcome),
            })
        }
    }
}

/// Whether `path` holds a workspace, whole or damaged, by its ending or its first bytes.
#[must_use]
pub fn is_workspace(path: &Path) -> bool {
    if path.extension().is_some_and(|ending| ending == ENDING) {
        return true;
    }
    let mut head = Vec::new();
    let read = regular(path).and_then(|file| file.take(512).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains(&format!("\"{FORMAT}\""))
}

/// Opens a regular file: a pipe would block and a device has no end.
fn regular(path: &Path) -> std::io::Result<std::fs::File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    std::fs::File::open(path)
}

/// SHA-256 of a file in hexadecimal digits, and its bytes; of a run's folder, that of its manifest.
fn checksum(
    path: &Path,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(String, u64), SavedError> {
    let failed = |source| SavedError::Read {
        path: path.to_owned(),
        source,
    };
    let manifest = path.join(crate::attention::store::MANIFEST);
    let is_folder = path.is_dir();
    let mut file = regular(if is_folder { &manifest } else { path }).map_err(failed)?;
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        cancel.check()?;
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        bytes += read as u64;
        progress.advance(read as u64);
    }
    let sum = digest.finalize();
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    let nibbles = sum.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Ok((nibbles.map(digit).collect(), bytes))
}

/// The way from `folder` to `path`, with `/`; both absolute. `None` where they share no root.
fn relative(folder: &Path, path: &Path) -> Option<String> {
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), path.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let begins_alike =
        |component: &&Component| matches!(component, Component::RootDir | Component::Prefix(_));
    if from.iter().skip(common).any(|c| begins_alike(&c)) || common == 0 {
        return None;
    }
    let up = from[common..].iter().map(|_| Some("..".to_owned()));
    let down = to[common..]
        .iter()
        .map(|component| component.as_os_str().to_str().map(str::to_owned));
    let steps: Option<Vec<String>> = up.chain(down).collect();
    Some(steps?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Remedy;
    use crate::genome::read::mapping::{ColumnMapping, Field};
    use proptest::prelude::*;

    fn example(folder: &Path) -> Saved {
        let data = folder.join("sites.tsv");
        std::fs::write(&data, "tf\tleft\n").unwrap();
        let options = SiteOptions {
            columns: Some(ColumnMapping {
                columns: [(Field::ALL[0], "Protein".to_owned())].into(),
                ..Default::default()
            }),
            remedy: Remedy {
                lift: true,
                shift_bp: -1,
                ignore_strand: true,
            },
            accept_mismatches: true,
        };
        Saved {
            aliases: vec![("NC_000913.3".to_owned(), "chr".to_owned())],
            files: vec![OpenFile::new(&data, options, &Cancel::default()).unwrap()],
            view: serde_json::json!({ "rule": "mean" }),
            base_colors: BaseColors::Classic,
            ..Saved::new()
        }
    }

    #[test]
    fn a_workspace_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let saved = example(folder.path());
        let below = folder.path().join("below");
        std::fs::create_dir(&below).unwrap();
        let path = below.join("mine.headlight");
        saved.clone().write(&path).unwrap();
        let back = Saved::read(&path).unwrap();
        assert_eq!(back.files[0].relative, "../sites.tsv");
        assert_eq!(back.files[0].options, saved.files[0].options);
        assert_eq!(
            Saved {
                files: saved.files.clone(),
                ..back
            },
            saved
        );
        let others: Vec<_> = std::fs::read_dir(&below).unwrap().collect();
        assert_eq!(others.len(), 1, "nothing is left of the writing");
        assert!(is_workspace(&path));
        let renamed = below.join("renamed.txt");
        std::fs::rename(&path, &renamed).unwrap();
        assert!(is_workspace(&renamed), "by its content");
        assert!(!is_workspace(&folder.path().join("sites.tsv")));
    }

    #[test]
    fn files_that_are_no_workspace_are_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |text: &str| {
            let path = folder.path().join("x.headlight");
            std::fs::write(&path, text).unwrap();
            Saved::read(&path).unwrap_err().to_string()
        };
        assert!(refused("").contains("no workspace"));
        assert!(refused("{\"format\": \"headlight workspace\"").contains("line 1"));
        assert!(refused("[1, 2]").contains("no workspace"));
        assert!(refused("{\"format\": \"other\", \"version\": 1}").contains("format"));
        let newer = "{\"format\": \"headlight workspace\", \"version\": 7, \"program\": \"headlight 9.0\", \"new\": 1}";
        let words = refused(newer);
        assert!(
            words.contains("headlight 9.0") && words.contains("format 7"),
            "{words}"
        );
        let deep = format!(
            "{{\"format\": \"headlight workspace\", \"version\": 1, \"files\": [], \"view\": {}",
            "[".repeat(200_000)
        );
        let words = refused(&deep);
        assert!(words.contains("line 1"), "{words}");
        let twice =
            "{\"format\": \"headlight workspace\", \"version\": 1, \"files\": [], \"files\": []}";
        assert!(refused(twice).contains("duplicate"));
        let path = folder.path().join("absent.headlight");
        assert!(
            Saved::read(&path)
                .unwrap_err()
                .to_string()
                .contains("absent.headlight")
        );
        assert!(
            Saved::read(folder.path())
                .unwrap_err()
                .to_string()
                .contains("regular")
        );
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent").join("x.headlight");
        let error = Saved::new().write(&path).unwrap_err();
        assert!(error.to_string().contains("another folder"), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_bring_it_down(cut in 0_usize..2_000, at in 0_usize..2_000, byte in 0_u8..=255) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x.headlight");
            example(folder.path()).write(&path).unwrap();
            let mut bytes = std::fs::read(&path).unwrap();
            bytes.truncate(cut.max(1));
            let at = at % bytes.len();
            bytes[at] = byte;
            std::fs::write(&path, bytes).unwrap();
            let _ = Saved::read(&path);
        }
    }
}
