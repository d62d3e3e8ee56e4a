//! Which stretches are finished, with checksums of what they wrote.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StoreError;

pub(super) const JOURNAL: &str = "finished.jsonl";

/// One finished stretch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// Its number: those of + first.
    pub stretch: usize,
    /// Queries that count, those over N left out.
    pub queries: u64,
    /// Anchors among them.
    pub anchors: u64,
    /// CRC-32 of what was written to each file, row after row.
    pub crc32: BTreeMap<String, u32>,
}

/// The file with one line a finished stretch. Locked while it is open for writing.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal and reads what is finished; a last line that was cut off is dropped.
    pub(super) fn open(folder: &Path) -> Result<(Self, Vec<Finished>), StoreError> {
        let path = folder.join(JOURNAL);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::io(&path, "opening"))?;
        match file.try_lock() {
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(StoreError::Busy {
                    path: folder.to_owned(),
                });
            }
            // On a file system without locks two runs at once would only do the same work twice.
            Ok(()) | Err(std::fs::TryLockError::Error(_)) => {}
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text)
            .map_err(StoreError::io(&path, "reading"))?;
        let (finished, whole) = parse(&text);
        file.set_len(whole)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(StoreError::io(&path, "writing"))?;
        Ok((Self { file, path }, finished))
    }

    /// What is finished, without writing.
    pub(super) fn read(folder: &Path) -> Result<Vec<Finished>, StoreError> {
        let path = folder.join(JOURNAL);
        let text = std::fs::read(&path).map_err(StoreError::io(&path, "reading"))?;
        Ok(parse(&text).0)
    }

    /// Forgets everything that is not in `kept`.
    pub(super) fn rewrite(&mut self, kept: &[Finished]) -> Result<(), StoreError> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .map_err(StoreError::io(&self.path, "writing"))?;
        kept.iter().try_for_each(|finished| self.add(finished))
    }

    /// Writes down that a stretch is finished, after its numbers have been written.
    pub(super) fn add(&mut self, finished: &Finished) -> Result<(), StoreError> {
        let line = serde_json::to_string(finished)
            .map_err(|error| StoreError::io(&self.path, "describing a stretch")(error.into()))?;
        self.file
            .write_all((line + "\n").as_bytes())
            .map_err(StoreError::io(&self.path, "writing"))
    }
}

/// The readable lines of a journal, and the bytes up to the last line's end.
fn parse(text: &[u8]) -> (Vec<Finished>, u64) {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let whole = lines.filter(|line| line.ends_with(b"\n"));
    let bytes = whole.clone().map(<[u8]>::len).sum::<usize>() as u64;
    let finished = whole.filter_map(|line| serde_json::from_slice(line).ok());
    (finished.collect(), bytes)
}
