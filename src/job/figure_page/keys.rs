//! Keys of a TOML table, read one by one, with errors that name file, line, key and what was expected.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Why a figure description cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The file cannot be read.
    #[error("{}: the figure description cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not TOML.
    #[error("{}:{line}: this is no TOML: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// A key has a value that it cannot have.
    #[error("{}:{line}: {table}, key `{key}`: expected {expected}, found {found}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// Which table: `page`, `panel 2 (logo)`.
        table: String,
        /// The key.
        key: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: Box<str>,
    },
    /// A key is not there.
    #[error("{}:{line}: {table}: the key `{key}` is missing: expected {expected}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// 1-based line of the table.
        line: usize,
        /// Which table.
        table: String,
        /// The key.
        key: String,
        /// What it would be.
        expected: String,
    },
    /// A key is not known.
    #[error("{}:{line}: {table}: there is no key `{key}`: expected {known}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// Which table.
        table: String,
        /// The key.
        key: String,
        /// The keys that there are.
        known: String,
    },
}

/// The text that a table was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Source<'_> {
    /// The 1-based line of a byte.
    pub fn line(&self, byte: usize) -> usize {
        let before = self.text.get(..byte).unwrap_or_default();
        1 + before.matches('\n').count()
    }
}

/// A table whose keys are taken one after the other; what is left over is unknown.
pub(super) struct Keys<'a> {
    source: Source<'a>,
    table: Option<&'a DeTable<'a>>,
    /// The line of its header.
    pub line: usize,
    /// What it is called in errors.
    pub name: String,
    known: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    /// A table that is there, or an empty one.
    pub fn new(source: Source<'a>, table: Option<(&'a DeTable<'a>, usize)>, name: &str) -> Self {
        Self {
            source,
            table: table.map(|(table, _)| table),
            line: table.map_or(1, |(_, byte)| source.line(byte)),
            name: name.to_owned(),
            known: Vec::new(),
        }
    }

    fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.push(key);
        self.table?.get(key)
    }

    fn wrong(
        &self,
        key: &'static str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> DescriptionError {
        self.bad(
            key,
            self.source.line(value.span().start),
            expected,
            &shown(value.get_ref()),
        )
    }

    fn bad(&self, key: &'static str, line: usize, expected: &str, found: &str) -> DescriptionError {
        DescriptionError::Value {
            path: self.source.path.to_owned(),
            line,
            table: self.name.clone(),
            key,
            expected: expected.to_owned(),
            found: found.into(),
        }
    }

    /// Any text.
    pub fn text(&mut self, key: &'static str) -> Result<Option<String>, DescriptionError> {
        self.parsed(key, "a text in quotes", |text| Some(text.to_owned()))
    }

    /// A text that `parse` understands.
    pub fn parsed<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, DescriptionError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let found = value.get_ref().as_str().and_then(parse);
        found
            .map(Some)
            .ok_or_else(|| self.wrong(key, value, expected))
    }

    /// A text or a list of texts that `parse` understands.
    pub fn list<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, DescriptionError> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        items
            .into_iter()
            .map(|item| {
                let found = item.get_ref().as_str().and_then(&parse);
                found.ok_or_else(|| self.wrong(key, item, expected))
            })
            .collect()
    }

    /// One of some words.
    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, DescriptionError> {
        let words: Vec<String> = choices
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        self.parsed(key, &any_of(&words), |text| {
            choices
                .iter()
                .find(|(word, _)| *word == text)
                .map(|(_, choice)| *choice)
        })
    }

    /// A number.
    pub fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<f32>,
        unit: &str,
    ) -> Result<Option<f32>, DescriptionError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let number = as_number(value.get_ref()).map(|number| number as f32);
        let found = number.filter(|number| range.contains(number));
        found.map(Some).ok_or_else(|| {
            let expected = format!("a number from {} to {}{unit}", range.start(), range.end());
            self.wrong(key, value, &expected)
        })
    }

    /// A whole number.
    pub fn whole(
        &mut self,
        key: &'static str,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, DescriptionError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| usize::from_str_radix(number.as_str(), number.radix()).ok());
        let found = number.filter(|number| range.contains(number));
        found.map(Some).ok_or_else(|| {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.wrong(key, value, &expected)
        })
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> Result<Option<bool>, DescriptionError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let found = value.get_ref().as_bool();
        found
            .map(Some)
            .ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// A number in millimetres, or a word that stands for one.
    pub fn length(
        &mut self,
        key: &'static str,
        words: &[(&str, f32)],
        range: RangeInclusive<f32>,
    ) -> Result<Option<f32>, DescriptionError> {
        let text = self
            .table
            .and_then(|table| table.get(key))
            .is_some_and(|value| value.get_ref().is_str());
        if text && !words.is_empty() {
            self.choice(key, words)
        } else {
            self.number(key, range, " mm")
        }
    }

    /// What is there, or an error that says what would be.
    pub fn required<T>(
        &self,
        value: Option<T>,
        key: &str,
        expected: &str,
    ) -> Result<T, DescriptionError> {
        value.ok_or_else(|| DescriptionError::Missing {
            path: self.source.path.to_owned(),
            line: self.line,
            table: self.name.clone(),
            key: key.to_owned(),
            expected: expected.to_owned(),
        })
    }

    /// Nothing may be left over.
    pub fn finish(self) -> Result<(), DescriptionError> {
        let mut left: Vec<(usize, &str)> = self
            .table
            .iter()
            .flat_map(|table| table.iter())
            .filter(|(key, _)| !self.known.iter().any(|known| *known == key.get_ref()))
            .map(|(key, _)| (key.span().start, key.get_ref().as_ref()))
            .collect();
        left.sort_unstable();
        let Some((byte, key)) = left.first() else {
            return Ok(());
        };
        let known: Vec<String> = self.known.iter().map(|key| format!("`{key}`")).collect();
        Err(DescriptionError::Unknown {
            path: self.source.path.to_owned(),
            line: self.source.line(*byte),
            table: self.name,
            key: (*key).to_owned(),
            known: any_of(&known),
        })
    }
}

fn any_of(words: &[String]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn as_number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    }
}

/// A value as an error shows it.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() <= 60 => format!("\"{text}\""),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        other => format!("a {}", other.type_str()),
    }
}
