//! Checkpoints: a network's numbers in a file, whatever wrote it.
//!
//! Tensors keep the names that the original PyTorch module gives them, with or without a prefix.
//! Reading runs nothing that a file holds, and takes memory and time in proportion to the file.

mod error;
mod layout;
mod machine;
mod pickle;
mod pytorch;
mod reference;
mod safetensors;
mod source;
mod state;
mod summary;
mod tensor;
mod zip;

use super::metadata::Metadata;
use super::weights::Weights;
pub use error::{CheckpointError, Problem};
use source::Source;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
pub use summary::Summary;
use tensor::StoredTensor;

/// Context length where neither the checkpoint nor the user says one: that of the published network.
pub const DEFAULT_CONTEXT: usize = 512;

/// Label shift where neither the checkpoint nor the user says one, in bases.
pub const DEFAULT_LABEL_SHIFT: usize = 20;

/// What a checkpoint file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Format {
    /// Safetensors, with or without this program's metadata.
    Safetensors,
    /// What `torch.save` has written since `PyTorch` 1.6.
    PyTorchZip,
    /// What `torch.save` wrote before `PyTorch` 1.6.
    PyTorchLegacy,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safetensors => "safetensors",
            Self::PyTorchZip => "PyTorch",
            Self::PyTorchLegacy => "PyTorch (before 1.6)",
        })
    }
}

/// Settings that the user states and that a checkpoint may say otherwise or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Segment and memory length in bases.
    pub context: Option<usize>,
    /// How far downstream of a label its output lies, in bases.
    pub label_shift: Option<usize>,
}

/// A network as read from a file.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The network.
    pub weights: Weights,
    /// What the file says about it.
    pub metadata: Metadata,
    /// SHA-256 of the file, as lower-case hexadecimal digits.
    pub checksum: String,
    /// Names of the tensors that the file holds and the network does not use.
    pub unused: Vec<String>,
    /// What the file is.
    pub format: Format,
}

/// What a reader finds in a file before any number is read.
struct Contents {
    format: Format,
    tensors: Vec<StoredTensor>,
    metadata: Metadata,
}

/// Reads a checkpoint and, where there is one, the JSON file of metadata beside it
/// (`model.pt.json` or `model.json` for `model.pt`), whose fields come before the checkpoint's own.
///
/// # Errors
/// A file that is not a checkpoint, is damaged, or holds another network: see [`Problem`].
pub fn read_checkpoint(path: &Path, overrides: Overrides) -> Result<Checkpoint, CheckpointError> {
    let name = path.display().to_string();
    let beside = read_beside(path)?;
    let mut source = Source::open(path).map_err(|source| {
        Problem::Io {
            doing: "read",
            source,
        }
        .at(&name)
    })?;
    read(&mut source, beside, overrides).map_err(|problem| problem.at(&name))
}

/// Reads a checkpoint that is already in memory; `name` stands for its path in errors.
///
/// # Errors
/// As [`read_checkpoint`].
pub fn read_checkpoint_bytes(
    name: &str,
    bytes: &[u8],
    overrides: Overrides,
) -> Result<Checkpoint, CheckpointError> {
    let mut source = Source::embedded(bytes);
    read(&mut source, Metadata::default(), overrides).map_err(|problem| problem.at(name))
}

/// Writes a network as safetensors: complete or not at all, the same bytes for the same numbers.
///
/// # Errors
/// [`Problem::Io`] where the folder cannot be written.
pub fn write_safetensors(
    path: &Path,
    weights: &Weights,
    metadata: &Metadata,
) -> Result<(), CheckpointError> {
    let bytes = safetensors_bytes(weights, metadata);
    write_atomically(path, &bytes).map_err(|source| {
        Problem::Io {
            doing: "written",
            source,
        }
        .at(&path.display().to_string())
    })
}

/// The bytes that [`write_safetensors`] writes.
///
/// The context and label shift that the network has are written, whatever `metadata` says.
#[must_use]
pub fn safetensors_bytes(weights: &Weights, metadata: &Metadata) -> Vec<u8> {
    let metadata = Metadata {
        context: Some(weights.config.context),
        label_shift: Some(weights.config.label_shift),
        ..metadata.clone()
    };
    safetensors::to_bytes(weights, &metadata)
}

fn read(
    source: &mut Source<'_>,
    beside: Metadata,
    overrides: Overrides,
) -> Result<Checkpoint, Problem> {
    let contents = contents(source)?;
    let metadata = beside.or(contents.metadata);
    let context = overrides.context.or(metadata.context);
    let label_shift = overrides.label_shift.or(metadata.label_shift);
    let (weights, unused) = layout::assemble(
        &contents.tensors,
        context.unwrap_or(DEFAULT_CONTEXT),
        label_shift.unwrap_or(DEFAULT_LABEL_SHIFT),
        source,
        contents.format,
    )?;
    let checksum = source
        .sha256_from(0)
        .map_err(|error| error.problem(contents.format, "the file"))?;
    Ok(Checkpoint {
        weights,
        metadata,
        checksum,
        unused,
        format: contents.format,
    })
}

/// Finds out what the file is and lists its tensors.
fn contents(source: &mut Source<'_>) -> Result<Contents, Problem> {
    let first = source
        .up_to(0, 64)
        .map_err(|error| error.problem(Format::Safetensors, "the file"))?;
    if safetensors::looks_like(&first, source.length()) {
        return safetensors::read(source);
    }
    if pytorch::looks_zipped(&first) {
        return pytorch::read_zip(source);
    }
    if pytorch::looks_legacy(&first) {
        return pytorch::read_legacy(source);
    }
    Err(Problem::NotAModel {
        found: kind(&first, source.length()).to_owned(),
    })
}

/// What a file that is no checkpoint looks like by its first bytes.
fn kind(first: &[u8], length: u64) -> &'static str {
    const KINDS: [(&[u8], &str); 12] = [
        (b"\x1f\x8b", "a gzip file"),
        (b"\x89HDF", "an HDF5 file"),
        (b"\x89PNG", "a picture"),
        (b"\x93NUMPY", "a numpy array"),
        (b"%PDF", "a PDF"),
        (b">", "FASTA"),
        (b"##gff", "GFF3"),
        (b"LOCUS", "GenBank"),
        (b"MEME", "MEME motifs"),
        (b"{", "JSON"),
        (b"\x43\x27\x41\x1a", "a 2bit genome"),
        (b"\x80", "a pickle that torch.save did not write"),
    ];
    if length == 0 {
        return "an empty file";
    }
    let known = KINDS.iter().find(|(start, _)| first.starts_with(start));
    match known {
        Some((_, kind)) => kind,
        None if first
            .iter()
            .all(|byte| (b' '..=b'~').contains(byte) || byte.is_ascii_whitespace()) =>
        {
            "text"
        }
        None => "something else",
    }
}

/// Reads a JSON file of metadata.
///
/// # Errors
/// A file that cannot be read, or whose fields are not those of [`Metadata`].
pub fn read_metadata(path: &Path) -> Result<Metadata, CheckpointError> {
    const MAX_BYTES: u64 = 1 << 20;
    let read = || {
        let io = |source| Problem::Io {
            doing: "read",
            source,
        };
        let mut source = Source::open(path).map_err(io)?;
        let bytes = source
            .up_to(0, MAX_BYTES)
            .map_err(|error| error.problem(Format::Safetensors, "the metadata"))?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| Problem::metadata("JSON", "text in UTF-8", &error))?;
        Metadata::from_json(text)
    };
    read().map_err(|problem: Problem| problem.at(&path.display().to_string()))
}

/// The metadata beside a checkpoint, where there is a file of it.
fn read_beside(path: &Path) -> Result<Metadata, CheckpointError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".json");
    let candidates = [PathBuf::from(beside), path.with_extension("json")];
    let found = candidates
        .iter()
        .find(|candidate| *candidate != path && candidate.is_file());
    found.map_or_else(|| Ok(Metadata::default()), |found| read_metadata(found))
}

pub(in crate::model) fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = std::fs::File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // The error that is reported is the first one.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}
