//! One GenBank feature, from its lines.

use super::location::{self, Location, NoLocation};

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

/// A feature while its lines come in.
#[derive(Default)]
pub struct Growing {
    key: String,
    /// The 1-based line on which it begins.
    pub line: usize,
    /// Its location as far as it was read.
    pub location: String,
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

impl Growing {
    /// A feature whose first line was just read.
    pub fn new(key: &str, location: &str, line: usize) -> Self {
        Self {
            key: key.to_owned(),
            line,
            location: location.to_owned(),
            ..Self::default()
        }
    }

    /// Whether its last qualifier goes on in quotes.
    pub fn is_in_quotes(&self) -> bool {
        matches!(self.open, Open::Quoted(_))
    }

    /// The feature; `None` where its location is none.
    pub fn finish(self) -> Option<RawFeature> {
        let (location, no_place) = match location::parse(&self.location) {
            Ok(location) => (location, None),
            Err(NoLocation::Wrong) => return None,
            Err(none) => {
                let location = Location {
                    parts: Vec::new(),
                    strand: None,
                };
                (location, Some(none))
            }
        };
        Some(RawFeature {
            key: self.key,
            location,
            qualifiers: self.qualifiers,
            no_place,
        })
    }

    /// Takes a further line.
    pub fn take_line(&mut self, body: &str) {
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
        if let Some(value) = value.trim_start().strip_prefix('"') {
            self.go_on(value, kept.is_some());
            return;
        }
        self.open = Open::Bare;
        if kept.is_some() {
            self.push(value.trim());
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
