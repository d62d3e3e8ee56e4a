//! The bytes of a checkpoint: a file or an embedded array, read where they are needed.

use super::error::Problem;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that can be read at any place.
pub(super) struct Source<'a> {
    bytes: Bytes<'a>,
    length: u64,
    /// How many bytes may still be delivered.
    left: u64,
}

enum Bytes<'a> {
    File(File),
    Embedded(&'a [u8]),
}

/// Beyond what listing, checking and reading a file once takes, tensors overlap so that a small
/// file costs much time.
fn allowance(length: u64) -> u64 {
    length.saturating_mul(4).saturating_add(256 << 20)
}

/// Why bytes were not delivered.
pub(super) enum ReadError {
    /// The file ends before.
    Short,
    /// The file has been read over and over.
    Exhausted,
    Io(io::Error),
}

impl ReadError {
    /// The problem that this is in a file where something was expected at this place.
    pub(super) fn problem(self, format: super::Format, what: &str) -> Problem {
        match self {
            Self::Short => Problem::damaged(format, format!("it ends before the end of {what}")),
            Self::Exhausted => {
                let problem = format!("its parts overlap, so that {what} would take too long");
                Problem::damaged(format, problem)
            }
            Self::Io(source) => Problem::Io {
                doing: "read",
                source,
            },
        }
    }
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &std::path::Path) -> io::Result<Self> {
        // A pipe would block and a device has no end: neither is opened.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            bytes: Bytes::File(file),
            length,
            left: allowance(length),
        })
    }

    pub(super) fn embedded(bytes: &'a [u8]) -> Self {
        let length = bytes.len() as u64;
        Self {
            bytes: Bytes::Embedded(bytes),
            length,
            left: allowance(length),
        }
    }

    /// Bytes in all.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Counts `bytes` as delivered.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<(), ReadError> {
        self.left = self.left.checked_sub(bytes).ok_or(ReadError::Exhausted)?;
        Ok(())
    }

    /// Fills `buffer` from `offset` on.
    pub(super) fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let end = offset
            .checked_add(buffer.len() as u64)
            .filter(|&end| end <= self.length)
            .ok_or(ReadError::Short)?;
        self.spend(buffer.len() as u64)?;
        match &mut self.bytes {
            Bytes::File(file) => {
                file.seek(SeekFrom::Start(offset)).map_err(ReadError::Io)?;
                file.read_exact(buffer).map_err(|error| match error.kind() {
                    io::ErrorKind::UnexpectedEof => ReadError::Short,
                    _ => ReadError::Io(error),
                })
            }
            Bytes::Embedded(bytes) => {
                buffer.copy_from_slice(&bytes[offset as usize..end as usize]);
                Ok(())
            }
        }
    }

    /// The `count` bytes from `offset` on. Nothing is allocated for bytes that are not there.
    pub(super) fn bytes_at(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, ReadError> {
        if offset
            .checked_add(count)
            .is_none_or(|end| end > self.length)
        {
            return Err(ReadError::Short);
        }
        let mut buffer = vec![0; count as usize];
        self.read_at(offset, &mut buffer)?;
        Ok(buffer)
    }

    /// As many bytes from `offset` on as there are, at most `count`.
    pub(super) fn up_to(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, ReadError> {
        self.bytes_at(offset, count.min(self.length.saturating_sub(offset)))
    }

    /// SHA-256 from `offset` to the end, as lower-case hexadecimal digits.
    pub(super) fn sha256_from(&mut self, offset: u64) -> Result<String, ReadError> {
        const BLOCK_BYTES: u64 = 1 << 20;
        let mut digest = Sha256::new();
        let mut at = offset;
        while at < self.length {
            let block = self.up_to(at, BLOCK_BYTES)?;
            digest.update(&block);
            at += block.len() as u64;
        }
        Ok(hexadecimal(&digest.finalize()))
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}
