//! UCSC's 2bit: sequences packed two bits a base, with runs of N beside them.
//!
//! ```text
//! magic 0x1A412743 | version 0 or 1 | sequences | 0          four 32-bit words, either byte order
//! per sequence: name length (8 bits) | name | offset         offset of 32 bits, 64 in version 1
//! at the offset: bases | N runs | starts… | sizes… | masked runs | starts… | sizes… | 0 | packed
//! ```
//! Packed bases are T, C, A, G from 0 to 3, the first in the highest bits of its byte. Masked
//! (lower-case) runs are not kept. Every count is checked against the bytes that are there.

use super::error::ReadError;
use super::text::Input;
use crate::genome::chunked::Chunked;
use crate::genome::contig::{Contig, Genome};
use crate::genome::contig_names::ContigNames;
use crate::genome::locus::{Interval, grouped};
use crate::genome::sequence::PackedSequence;

pub(crate) const MAGIC: u32 = 0x1a41_2743;

/// Our packing of a byte of theirs.
const OURS_FROM_THEIRS: [u8; 256] = {
    let ours_from_code = [3_u8, 1, 0, 2];
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut base = 0;
        while base < 4 {
            let code = (byte >> (6 - 2 * base)) & 3;
            table[byte] |= ours_from_code[code] << (2 * base);
            base += 1;
        }
        byte += 1;
    }
    table
};

/// Reads a genome from 2bit.
///
/// # Errors
/// [`ReadError`] where the file is cut short, contradicts itself or is no 2bit.
pub fn read(input: &mut Input<'_>) -> Result<Genome, ReadError> {
    let bytes = input.rest()?;
    let problem = |problem: Problem| {
        input.problem(
            None,
            problem.expected,
            problem.found,
            "The file is damaged or cut short: download or convert it again.",
        )
    };
    contigs(&bytes)
        .map(|contigs| Genome::new(&input.stem(), contigs))
        .map_err(problem)
}

struct Problem {
    expected: String,
    found: String,
}

impl Problem {
    fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: found.into(),
        }
    }
}

fn contigs(bytes: &[u8]) -> Result<Chunked<Contig>, Problem> {
    let mut words = Words::new(bytes)?;
    let version = words.word("the version")?;
    if version > 1 {
        return Err(Problem::new(
            "2bit of version 0 or 1",
            format!("version {version}"),
        ));
    }
    let count = words.word("the number of sequences")?;
    if count == 0 {
        return Err(Problem::new("at least one sequence", "none"));
    }
    words.word("the header")?;
    let mut contigs = Chunked::default();
    let mut names = ContigNames::default();
    let mut record_bytes = 0;
    for _ in 0..count {
        let name_bytes = usize::from(words.take(1, "the index")?[0]);
        let name = String::from_utf8_lossy(words.take(name_bytes, "the index")?).into_owned();
        if name.is_empty() {
            return Err(Problem::new("a name for every sequence", "an empty one"));
        }
        let offset = if version == 0 {
            u64::from(words.word("the index")?)
        } else {
            words.long("the index")?
        };
        let mut record = words.at(offset)?;
        let before = record.rest.len();
        let sequence = record.sequence(&name)?;
        // Sequences that share their bytes would make a small file grow without bound.
        record_bytes += before - record.rest.len();
        if record_bytes > bytes.len() {
            return Err(Problem::new(
                "every sequence at its own place",
                "several at the same",
            ));
        }
        let contig = Contig {
            name,
            sequence,
            ..Contig::default()
        };
        if let Err(Contig { name, .. }) = names.push(contig, &mut contigs) {
            return Err(Problem::new(
                "every sequence once",
                format!("“{name}” twice"),
            ));
        }
    }
    Ok(contigs)
}

/// The words of a 2bit file from some place on, in its byte order.
#[derive(Clone, Copy)]
struct Words<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
    little: bool,
}

impl<'a> Words<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Problem> {
        let mut words = Self {
            whole: bytes,
            rest: bytes,
            little: true,
        };
        match words.word("the header")? {
            MAGIC => {}
            other if other.swap_bytes() == MAGIC => words.little = false,
            _ => return Err(Problem::new("a 2bit file", "another format")),
        }
        Ok(words)
    }

    fn at(self, offset: u64) -> Result<Self, Problem> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.whole.get(offset..))
            .ok_or_else(|| {
                Problem::new(
                    format!("a sequence at byte {offset}"),
                    format!("the end of the file at byte {}", self.whole.len()),
                )
            })?;
        Ok(Self { rest, ..self })
    }

    fn take(&mut self, bytes: usize, what: &str) -> Result<&'a [u8], Problem> {
        let Some((taken, rest)) = self.rest.split_at_checked(bytes) else {
            return Err(Problem::new(
                format!("{} bytes for {what}", grouped(bytes)),
                format!("{} up to the end of the file", grouped(self.rest.len())),
            ));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn word(&mut self, what: &str) -> Result<u32, Problem> {
        let bytes = self.take(4, what)?;
        Ok(self.number(bytes))
    }

    fn long(&mut self, what: &str) -> Result<u64, Problem> {
        let (first, second) = (self.word(what)?, self.word(what)?);
        let (low, high) = if self.little {
            (first, second)
        } else {
            (second, first)
        };
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    fn number(&self, bytes: &[u8]) -> u32 {
        let bytes = bytes.try_into().unwrap_or_default();
        if self.little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        }
    }

    /// A count, then as many starts, then as many sizes.
    fn runs(&mut self, what: &str) -> Result<Vec<Interval>, Problem> {
        let count = self.word(what)? as usize;
        let bytes = count.saturating_mul(4);
        let starts = self.take(bytes, what)?;
        let sizes = self.take(bytes, what)?;
        Ok(starts
            .chunks_exact(4)
            .zip(sizes.chunks_exact(4))
            .map(|(start, size)| {
                let start = self.number(start) as usize;
                Interval::new(start, start + self.number(size) as usize)
            })
            .collect())
    }

    fn sequence(&mut self, name: &str) -> Result<PackedSequence, Problem> {
        let length_bp = self.word("a sequence")? as usize;
        if length_bp == 0 {
            return Err(Problem::new(
                "bases in every sequence",
                format!("none in “{name}”"),
            ));
        }
        let unknown = self.runs("the runs of N")?;
        if unknown.iter().any(|run| run.end > length_bp) {
            return Err(Problem::new(
                format!(
                    "runs of N inside the {} bases of “{name}”",
                    grouped(length_bp)
                ),
                "one beyond",
            ));
        }
        let masked_bytes = (self.word("the masked runs")? as usize).saturating_mul(8);
        self.take(masked_bytes, "the masked runs")?;
        self.word("a sequence")?;
        let theirs = self.take(length_bp.div_ceil(4), &format!("the bases of “{name}”"))?;
        let ours = theirs
            .iter()
            .map(|&byte| OURS_FROM_THEIRS[usize::from(byte)])
            .collect();
        Ok(PackedSequence::from_packed(ours, length_bp, unknown))
    }
}
