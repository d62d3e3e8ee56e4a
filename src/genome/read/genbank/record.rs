//! The parts of a GenBank record, line by line.

use super::location::{self, Location, NoLocation};
use crate::genome::contig::{Contig, PackedSequence};
use crate::genome::locus::grouped;
use crate::genome::read::error::{ReadError, quoted};
use crate::genome::read::text::Input;

/// Locations longer than this are not believed.
const LONGEST_LOCATION_BYTES: usize = 1 << 20;
/// Qualifiers that are kept; sequences of proteins are not.
const KEPT: [&str; 14] = [
    "gene",
    "locus_tag",
    "gene_synonym",
    "old_locus_tag",
    "product",
    "protein_id",
    "operon",
    "standard_name",
    "mobile_element_type",
    "note",
    "label",
    "bound_moiety",
    "regulatory_class",
    "rpt_family",
];

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
        Contig {
            name: self.name().to_owned(),
            aliases: self.aliases(),
            description: self.definition.trim_end_matches('.').to_owned(),
            circular: self.circular,
            sequence,
        }
    }
}

/// One feature as it stands in the file.
#[derive(Clone, Debug)]
pub struct RawFeature {
    /// Its key, such as `CDS`.
    pub key: String,
    /// Where it lies.
    pub location: Location,
    /// The qualifiers that are kept, in the order of the file.
    pub qualifiers: Vec<(&'static str, String)>,
    /// Why it has no place, where it has none; then `location` means nothing.
    pub no_place: Option<NoLocation>,
}

impl RawFeature {
    /// The values of a qualifier.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.qualifiers
            .iter()
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a qualifier; empty where there is none.
    pub fn first(&self, name: &str) -> &str {
        let mut values = self.qualifiers.iter().filter(|(key, _)| *key == name);
        values.next().map_or("", |(_, value)| value.as_str())
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

/// A feature while its lines come in.
#[derive(Default)]
struct Growing {
    key: String,
    line: usize,
    location: String,
    qualifiers: Vec<(&'static str, String)>,
    /// Whether the last qualifier is open: its value goes on.
    open: Open,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Open {
    #[default]
    Location,
    /// Inside quotes; whether the value is kept.
    Quoted(bool),
    /// A value without quotes, or between qualifiers.
    Bare,
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
            let quoted_value = matches!(
                growing,
                Some(Growing {
                    open: Open::Quoted(_),
                    ..
                })
            );
            if indent < KEY_INDENT_BELOW && !quoted_value {
                if let Some(done) = growing.take() {
                    let line = done.line;
                    with(self.finished(done)?, line);
                }
                let (key, location) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
                growing = Some(Growing {
                    key: key.to_owned(),
                    line: self.line,
                    location: location.trim().to_owned(),
                    ..Growing::default()
                });
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
        let (location, no_place) = match location::parse(&growing.location) {
            Ok(location) => (location, None),
            Err(NoLocation::Wrong) => {
                return Err(self.problem(
                    growing.line,
                    "a location such as 87..1109 or complement(join(1..20,30..45))",
                    quoted(&growing.location),
                    "Correct the line.",
                ));
            }
            Err(none) => {
                let location = Location {
                    parts: Vec::new(),
                    strand: None,
                };
                (location, Some(none))
            }
        };
        Ok(RawFeature {
            key: growing.key,
            location,
            qualifiers: growing.qualifiers,
            no_place,
        })
    }

    /// Passes over the rest of the record; its bases are added to `sequence` where one is given.
    pub fn sequence(
        &mut self,
        header: &Header,
        mut sequence: Option<&mut PackedSequence>,
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

impl Growing {
    fn take_line(&mut self, body: &str) {
        match self.open {
            Open::Quoted(kept) => self.go_on(body, kept),
            Open::Location | Open::Bare => match body.strip_prefix('/') {
                Some(qualifier) => self.begin(qualifier),
                None if self.open == Open::Location => self.location.push_str(body),
                // A value without quotes that goes on: none of those that are kept does.
                None => {}
            },
        }
    }

    fn begin(&mut self, qualifier: &str) {
        let (name, value) = qualifier.split_once('=').unwrap_or((qualifier, ""));
        let kept = KEPT.iter().find(|kept| **kept == name.trim());
        if let Some(&name) = kept {
            self.qualifiers.push((name, String::new()));
        }
        match value.trim_start().strip_prefix('"') {
            Some(value) => self.go_on(value, kept.is_some()),
            None => {
                self.open = Open::Bare;
                if kept.is_some() {
                    self.push(value.trim());
                }
            }
        }
    }

    /// Takes one line of a value in quotes, which ends at a quote that stands alone.
    fn go_on(&mut self, text: &str, kept: bool) {
        self.open = Open::Quoted(kept);
        let mut rest = text;
        let mut first = true;
        while let Some((before, after)) = rest.split_once('"') {
            if kept {
                self.push_words(before, first);
            }
            first = false;
            let Some(escaped) = after.strip_prefix('"') else {
                self.open = Open::Bare;
                return;
            };
            if kept {
                self.push("\"");
            }
            rest = escaped;
        }
        if kept {
            self.push_words(rest, first);
        }
    }

    /// Adds text, with a space before it where it begins a further line.
    fn push_words(&mut self, text: &str, begins_line: bool) {
        let text = if begins_line { text.trim_start() } else { text };
        let value = self.qualifiers.last().map(|(_, value)| value.as_str());
        if begins_line && value.is_some_and(|value| !value.is_empty()) {
            self.push(" ");
        }
        self.push(text);
    }

    fn push(&mut self, text: &str) {
        if let Some((_, value)) = self.qualifiers.last_mut() {
            value.push_str(text);
        }
    }
}
