//! Findings beside a workspace file: tables that took minutes to compute, with what they were computed on.
//!
//! `NAME.findings` is one line of JSON (`format`, `version`, `program`, and `sha256` and `bytes` of what follows),
//! then gzip of CBOR: a list of entries with `kind`, `basis` (checksums of genome and model), `provenance` and
//! `table`. An entry of a kind that this program does not know is passed over.

use super::sound::{self, HeadsForm, SaturationForm};
use super::{JobError, SavedError, regular};
use crate::figure::export::write_whole;
use crate::figure::provenance::Provenance;
use crate::genome::Genome;
use crate::job::ablate::Ablation;
use crate::job::analyse::{Basis, Finding};
use crate::job::compare::Compared;
use crate::job::evaluate::Evaluated;
use crate::job::findings::Heads;
use crate::job::name::NamedHeads;
use crate::job::novel::Novel;
use crate::job::redundancy::Redundancy;
use crate::job::saturation::SaturationMap;
use crate::progress::Cancel;
use ciborium::Value;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the key `format` says.
const FORMAT: &str = "headlight findings";
/// The version that this program writes, and the newest that it reads.
const VERSION: u32 = 1;
/// Ending of the files.
pub const ENDING: &str = "findings";
/// Larger files are none of ours.
const LARGEST_BYTES: u64 = 128 << 20;
/// What a file may unpack to.
const LARGEST_UNPACKED_BYTES: u64 = 512 << 20;
/// A longer first line is none of ours.
const LONGEST_LINE: usize = 4_096;

/// A table as it is kept.
#[derive(Clone, Debug)]
pub enum Stored {
    /// Profiles and logos of all heads.
    Heads(Basis, Arc<Heads>),
    /// Names of the heads.
    Names(Arc<Finding<NamedHeads>>),
    /// Heads against sites.
    Comparison(Arc<Finding<Compared>>),
    /// What is lost without heads.
    Ablation(Arc<Finding<Ablation>>),
    /// Novel sites.
    Novel(Arc<Finding<Novel>>),
    /// Heads against one another.
    Redundancy(Arc<Finding<Redundancy>>),
    /// How well a model predicts.
    Evaluation(Arc<Finding<Evaluated>>),
    /// What every substitution of a stretch does.
    Saturation(Arc<Finding<SaturationMap>>),
}

impl Stored {
    /// Whether both are one and the same table in memory.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Heads(_, a), Self::Heads(_, b)) => Arc::ptr_eq(a, b),
            (Self::Names(a), Self::Names(b)) => Arc::ptr_eq(a, b),
            (Self::Comparison(a), Self::Comparison(b)) => Arc::ptr_eq(a, b),
            (Self::Ablation(a), Self::Ablation(b)) => Arc::ptr_eq(a, b),
            (Self::Novel(a), Self::Novel(b)) => Arc::ptr_eq(a, b),
            (Self::Redundancy(a), Self::Redundancy(b)) => Arc::ptr_eq(a, b),
            (Self::Evaluation(a), Self::Evaluation(b)) => Arc::ptr_eq(a, b),
            (Self::Saturation(a), Self::Saturation(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    fn entry(&self) -> Result<Entry, String> {
        match self {
            Self::Heads(basis, heads) => {
                let form = HeadsForm::of(heads);
                Entry::new("heads", basis, &Provenance::default(), &form)
            }
            Self::Names(found) => {
                let form = (HeadsForm::of(&found.table.heads), &found.table.names);
                Entry::new("names", &found.basis, &found.provenance, &form)
            }
            Self::Comparison(found) => Entry::of("comparison", found),
            Self::Ablation(found) => Entry::of("ablation", found),
            Self::Novel(found) => Entry::of("novel", found),
            Self::Redundancy(found) => Entry::of("redundancy", found),
            Self::Evaluation(found) => Entry::of("evaluation", found),
            Self::Saturation(found) => {
                let form = SaturationForm::of(&found.table);
                Entry::new("saturation", &found.basis, &found.provenance, &form)
            }
        }
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    #[serde(default)]
    program: String,
    #[serde(default)]
    sha256: String,
    #[serde(default)]
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    kind: String,
    basis: Basis,
    provenance: Vec<(String, String)>,
    /// CBOR of the table, so that one of an unknown kind can be passed over.
    table: Value,
}

impl Entry {
    fn of<T: Serialize>(kind: &str, found: &Finding<T>) -> Result<Self, String> {
        Self::new(kind, &found.basis, &found.provenance, &found.table)
    }

    fn new<T: Serialize>(
        kind: &str,
        basis: &Basis,
        provenance: &Provenance,
        table: &T,
    ) -> Result<Self, String> {
        let mut bytes = Vec::new();
        ciborium::into_writer(table, &mut bytes).map_err(|error| error.to_string())?;
        Ok(Self {
            kind: kind.to_owned(),
            basis: basis.clone(),
            provenance: provenance.entries().to_vec(),
            table: Value::Bytes(bytes),
        })
    }

    fn table<T: DeserializeOwned>(&self) -> Result<T, String> {
        let bytes = self
            .table
            .as_bytes()
            .ok_or("the table is no string of bytes")?;
        ciborium::from_reader(bytes.as_slice()).map_err(|error| error.to_string())
    }

    fn finding<T>(&self, table: T) -> Arc<Finding<T>> {
        let mut provenance = Provenance::default();
        for (name, value) in &self.provenance {
            provenance.add(name, value.as_str());
        }
        Arc::new(Finding {
            basis: self.basis.clone(),
            provenance,
            table,
        })
    }

    /// The table, once it is found to hang together on `genome`; `None` of an unknown kind.
    fn stored(&self, genome: &Genome) -> Result<Option<Stored>, String> {
        Ok(Some(match self.kind.as_str() {
            "heads" => {
                let form: HeadsForm = self.table()?;
                Stored::Heads(self.basis.clone(), Arc::new(form.heads(genome)?))
            }
            "names" => {
                let (form, names): (HeadsForm, _) = self.table()?;
                sound::names(&names)?;
                let heads = form.heads(genome)?;
                Stored::Names(self.finding(NamedHeads { heads, names }))
            }
            "comparison" => {
                let mut table: Compared = self.table()?;
                sound::comparison(&table.comparison, genome)?;
                // Without a rule that can be asked again it is shown as it is.
                table.rule = table.rule.filter(|rule| sound::is_askable(rule, genome));
                Stored::Comparison(self.finding(table))
            }
            "ablation" => Stored::Ablation(self.finding(self.table()?)),
            "novel" => {
                let table: Novel = self.table()?;
                sound::novel(&table)?;
                Stored::Novel(self.finding(table))
            }
            "redundancy" => {
                let table: Redundancy = self.table()?;
                sound::redundancy(&table)?;
                Stored::Redundancy(self.finding(table))
            }
            "evaluation" => {
                let table: Evaluated = self.table()?;
                sound::evaluation(&table)?;
                Stored::Evaluation(self.finding(table))
            }
            "saturation" => {
                let form: SaturationForm = self.table()?;
                Stored::Saturation(self.finding(form.map(genome)?))
            }
            _ => return Ok(None),
        }))
    }
}

/// Where the findings of a workspace file lie.
#[must_use]
pub fn beside(workspace: &Path) -> PathBuf {
    workspace.with_extension(ENDING)
}

/// The bytes of a findings file.
///
/// # Errors
/// Where a table cannot be written as CBOR, or memory gives out.
pub fn encode(findings: &[Stored]) -> Result<Vec<u8>, String> {
    let entries: Result<Vec<Entry>, String> = findings.iter().map(Stored::entry).collect();
    let mut plain = Vec::new();
    ciborium::into_writer(&entries?, &mut plain).map_err(|error| error.to_string())?;
    let mut packed = Vec::new();
    GzEncoder::new(plain.as_slice(), Compression::new(4))
        .read_to_end(&mut packed)
        .map_err(|error| error.to_string())?;
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: format!("headlight {}", env!("CARGO_PKG_VERSION")),
        sha256: checksum(&packed),
        bytes: packed.len() as u64,
    };
    let mut bytes = serde_json::to_vec(&header).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    bytes.extend(packed);
    Ok(bytes)
}

/// Writes a findings file; an existing one is replaced only once the new one is whole and on the disk.
///
/// # Errors
/// [`SavedError::Write`].
pub fn write(findings: &[Stored], path: &Path) -> Result<(), SavedError> {
    let failed = |source| SavedError::Write {
        path: path.to_owned(),
        source,
    };
    let bytes = encode(findings).map_err(|error| failed(std::io::Error::other(error)))?;
    write_whole(path, &bytes).map_err(failed)
}

/// What a findings file holds of `genome`, and what was passed over, in words.
///
/// # Errors
/// [`SavedError`]: a file that is damaged or of a newer program is refused as a whole.
pub fn read(
    path: &Path,
    genome: &Genome,
    cancel: &Cancel,
) -> Result<(Vec<Stored>, Option<String>), JobError> {
    let mut bytes = Vec::new();
    regular(path)
        .and_then(|file| file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|source| SavedError::Read {
            path: path.to_owned(),
            source,
        })?;
    let damaged = |problem: String| SavedError::DamagedFindings {
        path: path.to_owned(),
        problem,
    };
    let entries = decode(&bytes).map_err(|problem| match problem {
        Problem::Damaged(problem) => damaged(problem),
        Problem::Newer(found, program) => SavedError::Newer {
            path: path.to_owned(),
            found,
            program,
        },
    })?;
    let (mut stored, mut passed) = (Vec::new(), Vec::new());
    for entry in entries {
        cancel.check()?;
        if entry.basis.genome != genome.checksum {
            passed.push(format!("{} (of another genome)", entry.kind));
            continue;
        }
        match entry.stored(genome) {
            Ok(Some(table)) => stored.push(table),
            Ok(None) => passed.push(format!("{} (not known to this program)", entry.kind)),
            Err(problem) => passed.push(format!("{} ({problem})", entry.kind)),
        }
    }
    let words = (!passed.is_empty()).then(|| {
        let name = crate::job::open::file_name(path);
        format!(
            "{name}: not opened: {}. Everything else is open.",
            passed.join(", ")
        )
    });
    Ok((stored, words))
}

enum Problem {
    Damaged(String),
    Newer(u32, String),
}

fn decode(bytes: &[u8]) -> Result<Vec<Entry>, Problem> {
    let damaged = |problem: &str| Problem::Damaged(problem.to_owned());
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err(damaged("it is larger than any findings"));
    }
    let line = bytes
        .iter()
        .take(LONGEST_LINE)
        .position(|byte| *byte == b'\n');
    let end = line.ok_or_else(|| damaged("it has no first line"))?;
    let header: Header = serde_json::from_slice(&bytes[..end])
        .map_err(|error| Problem::Damaged(format!("line 1: {error}")))?;
    if header.format != FORMAT {
        return Err(damaged("its format is not “headlight findings”"));
    }
    if header.version > VERSION {
        let program = header.program.chars().take(60).collect();
        return Err(Problem::Newer(header.version, program));
    }
    let packed = &bytes[end + 1..];
    if packed.len() as u64 != header.bytes {
        return Err(Problem::Damaged(format!(
            "expected {} bytes below the first line, found {}",
            header.bytes,
            packed.len()
        )));
    }
    if checksum(packed) != header.sha256 {
        return Err(damaged("its checksum is not that of its content"));
    }
    let mut plain = Vec::new();
    GzDecoder::new(packed)
        .take(LARGEST_UNPACKED_BYTES + 1)
        .read_to_end(&mut plain)
        .map_err(|error| Problem::Damaged(error.to_string()))?;
    if plain.len() as u64 > LARGEST_UNPACKED_BYTES {
        return Err(damaged("it unpacks to more than any findings"));
    }
    ciborium::from_reader(plain.as_slice()).map_err(|error| Problem::Damaged(error.to_string()))
}

fn checksum(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
