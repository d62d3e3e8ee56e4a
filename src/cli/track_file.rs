//! Files of values along a genome, by the ending of their name.

use super::output;
use crate::attention::write::{
    Array, Piece, write_bedgraph, write_bigwig, write_npy, write_safetensors,
};
use crate::figure::provenance::Provenance;
use crate::genome::Genome;
use anyhow::Context as _;
use std::path::Path;

/// A form in which values along a genome leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TrackFormat {
    /// Packed and indexed, for genome browsers.
    Bigwig,
    /// Text, for genome browsers.
    Bedgraph,
    /// One plain array a file, for `NumPy`.
    Npy,
    /// Named arrays in one file.
    Safetensors,
}

impl TrackFormat {
    /// The form that a file's name asks for; `None` where it ends otherwise.
    pub fn of(path: &Path) -> Option<Self> {
        match ending(path).as_str() {
            "bw" | "bigwig" => Some(Self::Bigwig),
            "bedgraph" | "bdg" => Some(Self::Bedgraph),
            "npy" => Some(Self::Npy),
            "safetensors" => Some(Self::Safetensors),
            _ => None,
        }
    }

    /// The usual ending of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Bigwig => "bw",
            Self::Bedgraph => "bedgraph",
            Self::Npy => "npy",
            Self::Safetensors => "safetensors",
        }
    }
}

/// Where an array comes from, for its metadata.
pub fn described(provenance: &Provenance) -> serde_json::Map<String, serde_json::Value> {
    let entries = provenance.entries().iter();
    entries
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect()
}

/// The last part of a name, in lower case.
pub fn ending(path: &Path) -> String {
    path.extension()
        .map(|ending| ending.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

/// Writes `pieces` as bigWig or bedGraph, whole or not at all.
pub fn write_track(
    path: &Path,
    format: TrackFormat,
    name: &str,
    pieces: &[Piece<'_>],
    genome: &Genome,
) -> anyhow::Result<()> {
    match format {
        TrackFormat::Bigwig => output::write_file(path, |file| {
            write_bigwig(file, pieces, genome).with_context(|| path.display().to_string())
        }),
        _ => output::write(Some(path), |mut out| {
            write_bedgraph(&mut out, name, pieces, genome)
                .with_context(|| path.display().to_string())
        }),
    }
}

/// Writes arrays as npy (the first one alone) or safetensors, whole or not at all.
pub fn write_arrays(
    path: &Path,
    format: TrackFormat,
    arrays: &[Array],
    description: &serde_json::Value,
) -> anyhow::Result<()> {
    output::write(Some(path), |mut out| {
        let written = match (format, arrays) {
            (TrackFormat::Npy, [array, ..]) => write_npy(&mut out, array),
            _ => write_safetensors(&mut out, arrays, &description.to_string()),
        };
        written.with_context(|| path.display().to_string())
    })
}
