//! The parts of a GenBank record, line by line.

use super::raw_feature::{Growing, RawFeature};
use crate::genome::contig::Contig;
use crate::genome::locus::grouped;
use crate::genome::read::error::{ReadError, quoted};
use crate::genome::read::text::Input;
use crate::genome::sequence::{GrowingSequence, PackedSequence};
use crate::genome::words::Words;

/// Locations longer than this are not believed.
const LONGEST_LOCATION_BYTES: usize = 1 << 20;
/// What a record says before its features.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// The 1-based line of LOCUS.
    pub line: usize,
    locus: String,
    accession: String,
    version: String,
    definition: String,
    /// The length that LOCUS states.
    pub length_bp: Option<usize>,
    /// Whether LOCUS says circular.
    pub circular: bool,
}

impl Header {
    /// What the sequence is called: VERSION, else ACCESSION, else LOCUS.
    pub fn name(&self) -> &str {
        [&self.version, &self.accession]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or(&self.locus)
    }

    /// Its other names.
    pub fn aliases(&self) -> Vec<String> {
        let names = [&self.version, &self.accession, &self.locus];
        let mut aliases: Vec<String> = Vec::new();
        for name in names {
            if !name.is_empty() && name != self.name() && !aliases.contains(name) {
                aliases.push(name.clone());
            }
        }
        aliases
    }

    /// The contig with this header.
    pub fn contig(&self, sequence: PackedSequence) -> Contig {
        let aliases = self.aliases();
        let first = std::iter::once(self.definition.trim_end_matches('.'));
        Contig {
            name: self.name().to_owned(),
            words: Words::new(first.chain(aliases.iter().map(String::as_str))),
            circular: self.circular,
            sequence,
        }
    }
}

/// The records of a file, one after the other: header, features, sequence.
pub struct Records<'i, 'a> {
    input: &'i mut Input<'a>,
    text: String,
    line: usize,
    /// Whether `text` holds a line that nobody has taken yet.
    waiting: bool,
}

impl<'i, 'a> Records<'i, 'a> {
    /// The records of `input`.
    pub fn open(input: &'i mut Input<'a>) -> Self {
        Self {
            input,
            text: String::new(),
            line: 0,
            waiting: false,
        }
    }

    /// The file, for errors.
    pub fn input(&self) -> &Input<'a> {
        self.input
    }

    /// An error about a line.
    pub fn problem(&self, line: usize, expected: &str, found: String, next: &str) -> ReadError {
        self.input.problem(Some(line), expected, found, next)
    }

    /// Whether there is a line, which is then in `text`.
    fn advance(&mut self) -> Result<bool, ReadError> {
        if std::mem::take(&mut self.waiting) {
            return Ok(true);
        }
        match self.input.next_line(&mut self.text)? {
            Some(line) => {
                self.line = line;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The next record up to its features or sequence; `None` at the end of the file.
    pub fn next_header(&mut self) -> Result<Option<Header>, ReadError> {
        loop {
            if !self.advance()? {
                return Ok(None);
            }
            if self.text.starts_with(super::FIRST_WORD) {
                break;
            }
            if !self.text.trim().is_empty() {
                return Err(self.problem(
                    self.line,
                    "a record that begins with LOCUS",
                    quoted(&self.text),
                    "Check that this is a GenBank file.",
                ));
            }
        }
        let mut header = self.locus()?;
        let mut in_definition = false;
        while self.advance()? {
            let (key, value) = match self.text.split_once(' ') {
                Some((key, value)) => (key, value.trim()),
                None => (self.text.as_str(), ""),
            };
            let word = || {
                value
                    .split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            };
            match key {
                "FEATURES" | "ORIGIN" | "CONTIG" | "BASE" | "LOCUS" | "//" | "WGS" => {
                    self.waiting = true;
                    break;
                }
                "DEFINITION" => value.clone_into(&mut header.definition),
                "ACCESSION" => header.accession = word(),
                "VERSION" => header.version = word(),
                "" if in_definition && header.definition.len() < 1_000 => {
                    header.definition.push(' ');
                    header.definition.push_str(value);
                }
                _ => {}
            }
            in_definition = key == "DEFINITION" || in_definition && key.is_empty();
        }
        Ok(Some(header))
    }

    fn locus(&self) -> Result<Header, ReadError> {
        let mut words = self.text.split_whitespace().skip(1);
        let name = words.next().unwrap_or_default();
        let number = words.next().and_then(|word| word.parse().ok());
        let unit = words.next();
        if unit == Some("aa") {
            return Err(self.problem(
                self.line,
                "nucleotides",
                "a protein (aa)".to_owned(),
                "Choose the GenBank file of the genome.",
            ));
        }
        Ok(Header {
            line: self.line,
            locus: name.to_owned(),
            length_bp: number.filter(|_| unit == Some("bp")),
            circular: words.any(|word| word == "circular"),
            ..Header::default()
        })
    }

    /// Calls `with` for every feature of the record, with its line.
    pub fn features(&mut self, mut with: impl FnMut(RawFeature, usize)) -> Result<(), ReadError> {
        if !self.advance()? {
            return Ok(());
        }
        if !self.text.starts_with("FEATURES") {
            self.waiting = true;
            return Ok(());
        }
        let mut growing: Option<Growing> = None;
        while self.advance()? {
            let body = self.text.trim_start();
            let indent = self.text.len() - body.len();
            if body.is_empty() {
                continue;
            }
            if indent == 0 {
                self.waiting = true;
                break;
            }
            let quoted_value = growing.as_ref().is_some_and(Growing::is_in_quotes);
            if indent < KEY_INDENT_BELOW && !quoted_value {
                if let Some(done) = growing.take() {
                    let line = done.line;
                    with(self.finished(done)?, line);
                }
                let (key, location) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
                growing = Some(Growing::new(key, location.trim(), self.line));
            } else if let Some(growing) = &mut growing {
                growing.take_line(body);
                if growing.location.len() > LONGEST_LOCATION_BYTES {
                    return Err(self.problem(
                        self.line,
                        "a location of at most 1 MiB",
                        "a longer one".to_owned(),
                        "Check that this is a GenBank file.",
                    ));
                }
            } else {
                return Err(self.problem(
                    self.line,
                    "a feature with its location",
                    quoted(body),
                    "Check that this is a GenBank file.",
                ));
            }
        }
        if let Some(done) = growing {
            let line = done.line;
            with(self.finished(done)?, line);
        }
        Ok(())
    }

    fn finished(&self, growing: Growing) -> Result<RawFeature, ReadError> {
        let (line, location) = (growing.line, quoted(&growing.location));
        growing.finish().ok_or_else(|| {
            self.problem(
                line,
                "a location such as 87..1109 or complement(join(1..20,30..45))",
                location,
                "Correct the line.",
            )
        })
    }

    /// Passes over the rest of the record; its bases are added to `sequence` where one is given.
    pub fn sequence(
        &mut self,
        header: &Header,
        mut sequence: Option<&mut GrowingSequence>,
    ) -> Result<(), ReadError> {
        let (mut in_sequence, mut ended) = (false, false);
        while self.advance()? {
            if self.text.starts_with("//") {
                ended = true;
                break;
            }
            if self.text.starts_with(super::FIRST_WORD) {
                self.waiting = true;
                break;
            }
            if self.text.starts_with("ORIGIN") {
                in_sequence = true;
            } else if let (true, Some(sequence)) = (in_sequence, &mut sequence) {
                let letters = self.text.bytes().filter(u8::is_ascii_alphabetic).count();
                let before = sequence.len();
                for word in self.text.split_ascii_whitespace() {
                    if !word.bytes().all(|b| b.is_ascii_digit()) {
                        sequence.push_letters(word.as_bytes());
                    }
                }
                if sequence.len() - before != letters || !plain(&self.text) {
                    return Err(self.problem(
                        self.line,
                        "nucleotides (A, C, G, T, N or another IUPAC code)",
                        quoted(self.text.trim()),
                        "The file is damaged, or holds proteins: download it again.",
                    ));
                }
            }
        }
        let Some(sequence) = sequence else {
            return Ok(());
        };
        match header.length_bp {
            Some(stated) if !sequence.is_empty() && sequence.len() != stated => Err(self.problem(
                self.line,
                &format!("{} bases, as LOCUS says", grouped(stated)),
                grouped(sequence.len()),
                "The file is cut short or edited: download it again.",
            )),
            None if !sequence.is_empty() && !ended => Err(self.problem(
                self.line,
                "“//” at the end of the record",
                "the end of the file".to_owned(),
                "The file is cut short: download it again.",
            )),
            _ => Ok(()),
        }
    }
}

/// Keys stand in column 6, what belongs to them in column 22.
const KEY_INDENT_BELOW: usize = 12;

/// Whether a line of sequence has nothing but letters, digits and spaces.
fn plain(line: &str) -> bool {
    line.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b.is_ascii_whitespace())
}
