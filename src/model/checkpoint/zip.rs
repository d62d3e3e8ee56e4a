//! ZIP archives as `torch.save` writes them: the list of entries and the bytes of one.

use super::Format;
use super::error::Problem;
use super::source::Source;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::collections::BTreeMap;
use std::io::Read;

/// Entries in all. An archive of the published network has some 80.
const MAX_ENTRIES: u64 = 100_000;

/// Longest entry that is read: as many f64 as there may be parameters.
const MAX_STORED_BYTES: u64 = 256 << 20;

/// The same where it is compressed: a few bytes may then claim any length.
const MAX_INFLATED_BYTES: u64 = 64 << 20;

const END: [u8; 4] = *b"PK\x05\x06";
const END_64_LOCATOR: [u8; 4] = *b"PK\x06\x07";
const END_64: [u8; 4] = *b"PK\x06\x06";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// One file of an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    name: String,
    header: u64,
    deflated: bool,
    compressed_bytes: u64,
    /// Its length when read.
    pub(super) bytes: u64,
    crc: u32,
}

/// Lists the entries of an archive by name.
pub(super) fn entries(source: &mut Source<'_>) -> Result<BTreeMap<String, Entry>, Problem> {
    let directory = directory(source)?;
    let mut entries = BTreeMap::new();
    let mut rest = &directory[..];
    while !rest.is_empty() {
        let (entry, after) = central(rest)?;
        rest = after;
        if entries.len() as u64 >= MAX_ENTRIES {
            return Err(damaged(&format!("more than {MAX_ENTRIES} entries")));
        }
        entries.insert(entry.name.clone(), entry);
    }
    Ok(entries)
}

/// Finds and reads the central directory, the list at the end of an archive.
fn directory(source: &mut Source<'_>) -> Result<Vec<u8>, Problem> {
    // The end record has 22 bytes and a comment of up to 65,535.
    let tail_at = source.length().saturating_sub(22 + 65_535);
    let tail = source
        .up_to(tail_at, 22 + 65_535)
        .map_err(|error| error.problem(Format::PyTorchZip, "the archive"))?;
    let end = tail
        .windows(22)
        .rposition(|window| window.starts_with(&END))
        .ok_or_else(|| damaged("its list of entries is missing, so it was cut short"))?;
    let record = &tail[end..];
    let mut length = u64::from(u32_at(record, 12));
    let mut offset = u64::from(u32_at(record, 16));
    if length == u64::from(u32::MAX) || offset == u64::from(u32::MAX) {
        let locator = end
            .checked_sub(20)
            .map(|at| &tail[at..end])
            .filter(|locator| locator.starts_with(&END_64_LOCATOR))
            .ok_or_else(|| damaged("its ZIP64 end record is missing"))?;
        let end_64 = source
            .bytes_at(u64_at(locator, 8), 56)
            .map_err(|error| error.problem(Format::PyTorchZip, "the ZIP64 end record"))?;
        if !end_64.starts_with(&END_64) {
            return Err(damaged("its ZIP64 end record is missing"));
        }
        length = u64_at(&end_64, 40);
        offset = u64_at(&end_64, 48);
    }
    // Some 100 bytes an entry are usual.
    if length > MAX_ENTRIES * 256 {
        return Err(damaged(&format!(
            "its list of entries claims {length} bytes"
        )));
    }
    source
        .bytes_at(offset, length)
        .map_err(|error| error.problem(Format::PyTorchZip, "the list of entries"))
}

/// Reads one record of the central directory and gives what follows it.
fn central(record: &[u8]) -> Result<(Entry, &[u8]), Problem> {
    let broken = || damaged("its list of entries is broken");
    if record.len() < 46 || !record.starts_with(&CENTRAL) {
        return Err(broken());
    }
    let lengths = [28, 30, 32].map(|at| usize::from(u16_at(record, at)));
    let name = record.get(46..46 + lengths[0]).ok_or_else(broken)?;
    let name = String::from_utf8_lossy(name).into_owned();
    let extra_at = 46 + lengths[0];
    let extra = record
        .get(extra_at..extra_at + lengths[1])
        .ok_or_else(broken)?;
    let after = record
        .get(extra_at + lengths[1] + lengths[2]..)
        .ok_or_else(broken)?;

    // Numbers that do not fit 32 bits stand in the extra field, in this order.
    let mut wide = wide_numbers(extra);
    let mut number = |at: usize| match u32_at(record, at) {
        u32::MAX => wide.next().ok_or_else(broken),
        narrow => Ok(u64::from(narrow)),
    };
    let bytes = number(24)?;
    let compressed_bytes = number(20)?;
    let header = number(42)?;
    let encrypted = u16_at(record, 8) & 1 != 0;
    let deflated = match u16_at(record, 10) {
        0 if !encrypted => false,
        8 if !encrypted => true,
        method => {
            return Err(Problem::Unsupported {
                what: format!("the entry {name} packed by method {method}, or encrypted"),
                advice: "save the model again with torch.save",
            });
        }
    };
    let entry = Entry {
        name,
        header,
        deflated,
        compressed_bytes,
        bytes,
        crc: u32_at(record, 16),
    };
    Ok((entry, after))
}

/// The 64-bit numbers of the ZIP64 part of an extra field.
fn wide_numbers(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = extra;
    let mut found: &[u8] = &[];
    while rest.len() >= 4 {
        let length = usize::from(u16_at(rest, 2)).min(rest.len() - 4);
        if u16_at(rest, 0) == 1 {
            found = &rest[4..4 + length];
        }
        rest = &rest[4 + length..];
    }
    found
        .as_chunks::<8>()
        .0
        .iter()
        .map(|&word| u64::from_le_bytes(word))
}

impl Entry {
    /// Reads the whole entry and checks its CRC.
    pub(super) fn read(&self, source: &mut Source<'_>) -> Result<Vec<u8>, Problem> {
        let limit = if self.deflated {
            MAX_INFLATED_BYTES
        } else {
            MAX_STORED_BYTES
        };
        if self.bytes > limit {
            return Err(Problem::Size {
                what: "length of an entry in bytes",
                expected: format!("at most {limit}"),
                found: self.bytes,
            });
        }
        let what = format!("entry {}", self.name);
        let problem = |error: super::source::ReadError| error.problem(Format::PyTorchZip, &what);
        let local = source.bytes_at(self.header, 30).map_err(problem)?;
        if !local.starts_with(&LOCAL) {
            return Err(damaged(&format!("{what} is not where the list says")));
        }
        let names = u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        let start = self.header + 30 + names;
        let packed = source
            .bytes_at(start, self.compressed_bytes)
            .map_err(problem)?;
        let bytes = if self.deflated {
            source.spend(self.bytes).map_err(problem)?;
            let mut bytes = Vec::new();
            DeflateDecoder::new(&packed[..])
                .take(self.bytes + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| damaged(&format!("{what} cannot be unpacked: {error}")))?;
            bytes
        } else {
            packed
        };
        if bytes.len() as u64 != self.bytes {
            return Err(damaged(&format!(
                "{what} has another length than the list says"
            )));
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        if crc.sum() != self.crc {
            return Err(damaged(&format!(
                "{what} does not match its checksum (torch.serialization.set_crc32_options(False) also does this)"
            )));
        }
        Ok(bytes)
    }
}

fn damaged(problem: &str) -> Problem {
    Problem::damaged(Format::PyTorchZip, problem)
}

/// Numbers at fixed places of records whose length has been checked.
fn u16_at(record: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([record[at], record[at + 1]])
}

fn u32_at(record: &[u8], at: usize) -> u32 {
    u32::from(u16_at(record, at)) | u32::from(u16_at(record, at + 2)) << 16
}

fn u64_at(record: &[u8], at: usize) -> u64 {
    u64::from(u32_at(record, at)) | u64::from(u32_at(record, at + 4)) << 32
}
