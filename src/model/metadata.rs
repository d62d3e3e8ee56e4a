//! What a checkpoint says about itself beside its numbers.
//!
//! Inside a safetensors file the fields are strings of `__metadata__` under the keys below; beside
//! a checkpoint they are a JSON object with the fields' own names (`context`, `label_shift`, …).
//!
//! | key | value |
//! |---|---|
//! | `headlight.version` | version of this table, `1` |
//! | `headlight.name` | a few words |
//! | `headlight.context` | segment and memory length |
//! | `headlight.label_shift` | how far downstream of a label its output lies, in bases |
//! | `headlight.label_set` | which labels it learned |
//! | `headlight.licence` | under which terms the weights may be used |
//! | `headlight.split` | JSON: see [`Split`] |
//! | `headlight.scores` | JSON: a list of [`Score`] |
//! | `headlight.training` | how it was trained |
//! | `headlight.source` | where the weights come from |
//! | `headlight.sha256` | SHA-256 of the tensors' bytes, checked when read |

use super::checkpoint::Problem;
use crate::genome::Interval;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the table of keys that this program writes.
pub const VERSION: &str = "1";

/// The key that holds [`VERSION`].
const VERSION_KEY: &str = "headlight.version";

/// What a checkpoint says about itself; everything may be absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// A few words that name the model.
    pub name: Option<String>,
    /// Segment and memory length in bases.
    pub context: Option<usize>,
    /// How far downstream of a label its output lies, in bases.
    pub label_shift: Option<usize>,
    /// Which labels the model learned.
    pub label_set: Option<String>,
    /// Under which terms the weights may be used.
    pub licence: Option<String>,
    /// Which parts of which genome it was trained, validated and tested on.
    pub split: Option<Split>,
    /// How well it does, as measured when it was made.
    pub scores: Vec<Score>,
    /// How it was trained.
    pub training: Option<String>,
    /// Where the weights come from.
    pub source: Option<String>,
}

/// The parts of a genome that training kept apart; 0-based half-open intervals of the forward strand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Split {
    /// The contig, by accession.
    pub contig: String,
    /// What the weights were fitted to.
    pub training: Vec<Interval>,
    /// What they were chosen by.
    pub validation: Vec<Interval>,
    /// What neither saw.
    pub test: Vec<Interval>,
}

/// One measured score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Score {
    /// What was measured, such as `ROC AUC`.
    pub measure: String,
    /// On which part, such as `validation, both strands`.
    pub part: String,
    /// The value.
    pub value: f64,
}

impl Metadata {
    /// Reads the `headlight.` keys of a safetensors file; other keys are left alone.
    pub(super) fn from_strings(strings: &BTreeMap<String, String>) -> Result<Self, Problem> {
        if let Some(version) = strings.get(VERSION_KEY)
            && version != VERSION
        {
            return Err(Problem::metadata(VERSION_KEY, VERSION, version));
        }
        let text = |field: &str| strings.get(&key(field)).cloned();
        let number = |field: &str| match strings.get(&key(field)) {
            Some(value) => value
                .parse()
                .map(Some)
                .map_err(|_| Problem::metadata(&key(field), "a whole number", value)),
            None => Ok(None),
        };
        let metadata = Self {
            name: text("name"),
            context: number("context")?,
            label_shift: number("label_shift")?,
            label_set: text("label_set"),
            licence: text("licence"),
            split: json(strings, "split")?,
            scores: json(strings, "scores")?.unwrap_or_default(),
            training: text("training"),
            source: text("source"),
        };
        metadata.check()?;
        Ok(metadata)
    }

    /// Reads the JSON object that may lie beside a checkpoint.
    pub(super) fn from_json(text: &str) -> Result<Self, Problem> {
        let metadata: Self = serde_json::from_str(text).map_err(|error| {
            Problem::metadata("JSON", "an object with fields such as context", &error)
        })?;
        metadata.check()?;
        Ok(metadata)
    }

    /// The strings that [`Self::from_strings`] reads back, in the order of their keys.
    pub(super) fn to_strings(&self) -> BTreeMap<String, String> {
        let mut strings = BTreeMap::from([(VERSION_KEY.to_owned(), VERSION.to_owned())]);
        let fields = [
            ("name", self.name.clone()),
            ("context", self.context.map(|value| value.to_string())),
            (
                "label_shift",
                self.label_shift.map(|shift| shift.to_string()),
            ),
            ("label_set", self.label_set.clone()),
            ("licence", self.licence.clone()),
            ("split", self.split.as_ref().and_then(as_json)),
            (
                "scores",
                Some(&self.scores)
                    .filter(|scores| !scores.is_empty())
                    .and_then(as_json),
            ),
            ("training", self.training.clone()),
            ("source", self.source.clone()),
        ];
        for (field, value) in fields {
            if let Some(value) = value {
                strings.insert(key(field), value);
            }
        }
        strings
    }

    /// These fields, and those of `other` where this one has none.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            context: self.context.or(other.context),
            label_shift: self.label_shift.or(other.label_shift),
            label_set: self.label_set.or(other.label_set),
            licence: self.licence.or(other.licence),
            split: self.split.or(other.split),
            scores: if self.scores.is_empty() {
                other.scores
            } else {
                self.scores
            },
            training: self.training.or(other.training),
            source: self.source.or(other.source),
        }
    }

    fn check(&self) -> Result<(), Problem> {
        if let Some(split) = &self.split {
            for interval in [&split.training, &split.validation, &split.test]
                .into_iter()
                .flatten()
            {
                if interval.end <= interval.start {
                    let found = format!("{}..{}", interval.start, interval.end);
                    return Err(Problem::metadata(&key("split"), "start before end", &found));
                }
            }
        }
        Ok(())
    }
}

fn key(field: &str) -> String {
    format!("headlight.{field}")
}

fn json<T: for<'a> Deserialize<'a>>(
    strings: &BTreeMap<String, String>,
    field: &str,
) -> Result<Option<T>, Problem> {
    let Some(text) = strings.get(&key(field)) else {
        return Ok(None);
    };
    serde_json::from_str(text)
        .map(Some)
        .map_err(|error| Problem::metadata(&key(field), "JSON", &error))
}

fn as_json<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back() {
        let metadata = Metadata {
            name: Some("a model".into()),
            context: Some(128),
            label_shift: Some(20),
            split: Some(Split {
                contig: "NC_000913.3".into(),
                test: vec![Interval::new(3, 9)],
                ..Split::default()
            }),
            scores: vec![Score {
                measure: "ROC AUC".into(),
                part: "validation".into(),
                value: 0.825,
            }],
            ..Metadata::default()
        };
        let strings = metadata.to_strings();
        assert_eq!(strings["headlight.context"], "128");
        assert_eq!(Metadata::from_strings(&strings).unwrap(), metadata);
        let json = serde_json::to_string(&metadata).unwrap();
        assert_eq!(Metadata::from_json(&json).unwrap(), metadata);
        assert_eq!(metadata.clone().or(Metadata::default()), metadata);
        assert_eq!(Metadata::default().or(metadata.clone()), metadata);
    }

    #[test]
    fn wrong_fields_are_named() {
        for (field, value) in [
            ("headlight.version", "2"),
            ("headlight.context", "many"),
            ("headlight.split", "{"),
            ("headlight.split", r#"{"test":[{"start":9,"end":3}]}"#),
        ] {
            let strings = BTreeMap::from([(field.to_owned(), value.to_owned())]);
            let error = Metadata::from_strings(&strings).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
        assert!(Metadata::from_json("[1]").is_err());
    }
}
