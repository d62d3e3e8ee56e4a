//! FASTA: sequences as text, each under a header that begins with `>`.
//!
//! Case, blank lines, spaces inside, `;` comments, CRLF and a missing last line end do not matter.
//! A letter that is no nucleotide code, a repeated name, and a sequence without name or bases are
//! errors.

use super::error::{ReadError, quoted};
use super::text::Input;
use crate::genome::chunked::Chunked;
use crate::genome::contig::{Contig, Genome};
use crate::genome::contig_names::ContigNames;
use crate::genome::sequence::GrowingSequence;
use crate::genome::words::Words;

/// What a line that began in an earlier block is.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Sequence,
    Header,
    Comment,
}

/// Headers beyond this are not believed.
const LONGEST_HEADER_BYTES: usize = 1 << 20;

/// Reads a genome from FASTA.
///
/// # Errors
/// [`ReadError`] naming the line, as the module says.
pub fn read(input: &mut Input<'_>) -> Result<Genome, ReadError> {
    let mut reader = Reader {
        contigs: Chunked::default(),
        names: ContigNames::default(),
        sequence: GrowingSequence::default(),
        header: Vec::new(),
        header_line: 0,
        line: 1,
        within: Within::Sequence,
        at_line_start: true,
    };
    loop {
        let block = input.fill()?;
        if block.is_empty() {
            break;
        }
        let bytes = block.len();
        let result = reader.take(block);
        if let Err(problem) = result {
            return Err(reader.error(input, problem));
        }
        input.consume(bytes);
    }
    if let Err(problem) = reader.finish() {
        return Err(reader.error(input, problem));
    }
    let contigs = reader.contigs;
    Ok(Genome::new(&input.stem(), contigs))
}

struct Reader {
    /// All contigs so far; the last one is still without its bases.
    contigs: Chunked<Contig>,
    names: ContigNames,
    /// The bases of the last contig.
    sequence: GrowingSequence,
    header: Vec<u8>,
    header_line: usize,
    line: usize,
    within: Within,
    at_line_start: bool,
}

/// What can be wrong; the line is the reader's.
enum Problem {
    NoName,
    Repeated(String),
    NoBases(String),
    NoHeader,
    NoNucleotide(u8),
    LongHeader,
    NothingAtAll,
}

impl Reader {
    fn take(&mut self, block: &[u8]) -> Result<(), Problem> {
        let mut rest = block;
        while let Some(&byte) = rest.first() {
            if self.at_line_start {
                self.at_line_start = false;
                self.within = match byte {
                    b'>' => {
                        self.header_line = self.line;
                        Within::Header
                    }
                    b';' => Within::Comment,
                    _ => Within::Sequence,
                };
            }
            if self.within == Within::Sequence {
                rest = self.take_sequence(rest)?;
                continue;
            }
            let line_end = rest.iter().position(|&b| b == b'\n');
            let part = &rest[..line_end.unwrap_or(rest.len())];
            if self.within == Within::Header {
                if self.header.len() + part.len() > LONGEST_HEADER_BYTES {
                    return Err(Problem::LongHeader);
                }
                self.header.extend_from_slice(part);
            }
            rest = &rest[part.len()..];
            if line_end.is_some() {
                rest = &rest[1..];
                self.end_line()?;
            }
        }
        Ok(())
    }

    /// Takes letters up to the end of the line or block; gives what is left.
    fn take_sequence<'b>(&mut self, letters: &'b [u8]) -> Result<&'b [u8], Problem> {
        let added = if self.contigs.is_empty() {
            0
        } else {
            self.sequence.push_letters(letters)
        };
        let rest = &letters[added..];
        match rest.first() {
            None => Ok(rest),
            Some(b'\n') => {
                self.end_line()?;
                Ok(&rest[1..])
            }
            Some(b' ' | b'\t' | b'\r' | 0x0b | 0x0c) => Ok(&rest[1..]),
            Some(_) if self.contigs.is_empty() => Err(Problem::NoHeader),
            Some(&letter) => Err(Problem::NoNucleotide(letter)),
        }
    }

    fn end_line(&mut self) -> Result<(), Problem> {
        if self.within == Within::Header {
            self.begin_contig()?;
        }
        self.line += 1;
        self.at_line_start = true;
        self.within = Within::Sequence;
        Ok(())
    }

    fn begin_contig(&mut self) -> Result<(), Problem> {
        self.end_contig()?;
        let header = String::from_utf8_lossy(&self.header[1..]).trim().to_owned();
        self.header.clear();
        let (name, description) = header
            .split_once(|c: char| c.is_whitespace())
            .unwrap_or((&header, ""));
        if name.is_empty() {
            return Err(Problem::NoName);
        }
        let contig = Contig {
            name: name.to_owned(),
            words: Words::new(std::iter::once(description.trim())),
            ..Contig::default()
        };
        let added = self.names.push(contig, &mut self.contigs);
        added.map_err(|contig| Problem::Repeated(contig.name))
    }

    fn end_contig(&mut self) -> Result<(), Problem> {
        match self.contigs.last_mut() {
            Some(contig) if self.sequence.is_empty() => Err(Problem::NoBases(contig.name.clone())),
            Some(contig) => {
                contig.sequence = std::mem::take(&mut self.sequence).finish();
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<(), Problem> {
        if self.within == Within::Header {
            self.begin_contig()?;
        }
        if self.contigs.is_empty() {
            return Err(Problem::NothingAtAll);
        }
        self.end_contig()
    }

    fn error(&self, input: &Input<'_>, problem: Problem) -> ReadError {
        let at = |line, expected: &str, found: String, next: &str| {
            input.problem(Some(line), expected, found, next)
        };
        match problem {
            Problem::NoName => at(
                self.header_line,
                "a name after “>”",
                "none".to_owned(),
                "Give every sequence a name.",
            ),
            Problem::Repeated(name) => at(
                self.header_line,
                "every sequence under its own name",
                format!("{} a second time", quoted(&name)),
                "Rename or remove one of the two.",
            ),
            Problem::NoBases(name) => at(
                self.header_line,
                "bases under every header",
                format!("none for {}", quoted(&name)),
                "The file may be cut short: download it again, or remove the header.",
            ),
            Problem::NoHeader => at(
                self.line,
                "a header that begins with “>”",
                "sequence before the first header".to_owned(),
                "Add a line such as “>chromosome” at the top.",
            ),
            Problem::NoNucleotide(0) => input.not_text(),
            Problem::NoNucleotide(letter) => at(
                self.line,
                "nucleotides (A, C, G, T, U, N or another IUPAC code)",
                quoted(&char::from(letter).to_string()),
                match letter {
                    b'-' | b'.' => "This may be an alignment: remove its gaps.",
                    _ => {
                        "This may be a protein file: choose the one with the genome’s nucleotides."
                    }
                },
            ),
            Problem::LongHeader => at(
                self.header_line,
                "a header of at most 1 MiB",
                "a longer one".to_owned(),
                "Check that this is a FASTA file.",
            ),
            Problem::NothingAtAll => input.not(
                "FASTA with at least one sequence",
                "Check that this is the right file.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Interval, base};
    use crate::progress::{Cancel, Progress};

    fn genome(text: &str) -> Result<Genome, ReadError> {
        let mut input = Input::from_bytes(
            "g.fasta",
            text.as_bytes(),
            &Progress::default(),
            &Cancel::default(),
        )?;
        read(&mut input)
    }

    fn letters(genome: &Genome, contig: usize) -> String {
        base::text(
            &genome.contigs[contig]
                .sequence
                .bases(Interval::new(0, usize::MAX)),
        )
    }

    #[test]
    fn layout_does_not_matter() {
        let read = genome(";c\r\n\r\n>one first of two\r\nacgt ry\r\n\r\nAC\r\n>two\nGGU\n;x\nT")
            .expect("fine");
        assert_eq!(letters(&read, 0), "ACGTNNAC");
        assert_eq!(letters(&read, 1), "GGTT");
        assert_eq!(read.contigs[0].name, "one");
        assert_eq!(read.contigs[0].description(), "first of two");
        assert_eq!((read.name.as_str(), read.len()), ("g", 12));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, words) in [
            ("ACGT\n", 1, "before the first header"),
            (">a\nAC\n>\nAC\n", 3, "a name after"),
            (">a\nAC\n>b\nAC\n>a x\nAC\n", 5, "“a” a second time"),
            (">a\nAC\n>b\n>c\nAC\n", 3, "none for “b”"),
            (">a\nACGT\nAC\n>b", 4, "none for “b”"),
            (">a\nACGT\nMKRLEV\n", 3, "protein"),
            (">a\nAC--GT\n", 2, "gaps"),
        ] {
            let error = genome(text).expect_err(text);
            assert!(error.to_string().contains(words), "{text:?}: {error}");
            if words != "none for “b”" {
                assert_eq!(error.line(), Some(line), "{text:?}: {error}");
            }
        }
        assert!(genome("; only a comment\n").is_err());
        assert!(
            genome(">a\nAC\0GT\n")
                .expect_err("binary")
                .to_string()
                .contains("expected text")
        );
    }
}
