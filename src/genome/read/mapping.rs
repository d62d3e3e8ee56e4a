//! Which column of a table says what, as people choose it where no header is recognised.

use super::table::Columns;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What a column can say.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The sequence that a row lies on.
    Contig,
    /// The transcription factor.
    Tf,
    /// First base.
    Left,
    /// Last base.
    Right,
    /// One base, of a start site.
    Position,
    /// The strand.
    Strand,
    /// The letters of a site.
    Sequence,
    /// Activation or repression.
    Effect,
    /// How well it is supported.
    Evidence,
    /// Promoters or genes.
    Targets,
    /// Articles.
    References,
}

impl Field {
    /// All fields, in the order in which a dialog asks for them.
    pub const ALL: [Self; 11] = [
        Self::Tf,
        Self::Left,
        Self::Right,
        Self::Position,
        Self::Strand,
        Self::Contig,
        Self::Sequence,
        Self::Effect,
        Self::Evidence,
        Self::Targets,
        Self::References,
    ];

    /// Its name in arguments.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Contig => "contig",
            Self::Tf => "tf",
            Self::Left => "left",
            Self::Right => "right",
            Self::Position => "position",
            Self::Strand => "strand",
            Self::Sequence => "sequence",
            Self::Effect => "effect",
            Self::Evidence => "evidence",
            Self::Targets => "targets",
            Self::References => "references",
        }
    }

    /// What people are asked for.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Contig => "Sequence name",
            Self::Tf => "Transcription factor",
            Self::Left => "Left end",
            Self::Right => "Right end",
            Self::Position => "Start site (one base)",
            Self::Strand => "Strand",
            Self::Sequence => "Letters of the site",
            Self::Effect => "Effect",
            Self::Evidence => "Evidence",
            Self::Targets => "Promoter or gene",
            Self::References => "References",
        }
    }
}

/// The columns of a table. `Display` and `FromStr` speak `tf=Name,left=Start,right=End`.
///
/// ```
/// use headlight::genome::read::mapping::{ColumnMapping, Field};
/// let mapping: ColumnMapping = "tf=Name,left=3,right=4".parse()?;
/// assert_eq!(mapping.columns[&Field::Left], "3");
/// assert!(mapping.is_for_sites());
/// # Ok::<(), headlight::genome::read::mapping::WrongMapping>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ColumnMapping {
    /// The name of each column in the header, or its 1-based number.
    pub columns: BTreeMap<Field, String>,
    /// Whether positions count from 0 and ends are exclusive, instead of from 1 and inclusive.
    pub zero_based: bool,
}

/// A mapping that cannot be read or does not fit a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongMapping {
    /// Not `field=column`.
    #[error("“{0}” is no column: expected such as tf=Name,left=Start,right=End,strand=Str")]
    NoPair(String),
    /// No field is called so.
    #[error("“{0}” is nothing that a column can say: expected one of {names}", names = field_names())]
    NoField(String),
    /// Too few fields.
    #[error("expected at least left and right with tf, or position with strand")]
    TooFew,
    /// The table lacks a column.
    #[error("the table has no column “{column}”: it has {found}")]
    NoColumn {
        /// The column that was asked for.
        column: String,
        /// The columns that there are.
        found: String,
    },
}

fn field_names() -> String {
    Field::ALL.map(Field::name).join(", ")
}

impl ColumnMapping {
    /// Whether it names all that sites need.
    #[must_use]
    pub fn is_for_sites(&self) -> bool {
        let has = |field| self.columns.contains_key(&field);
        has(Field::Tf) && has(Field::Left) && has(Field::Right)
    }

    /// Whether it names all that start sites need.
    #[must_use]
    pub fn is_for_anchors(&self) -> bool {
        self.columns.contains_key(&Field::Position) && self.columns.contains_key(&Field::Strand)
    }

    /// The index of each column in a table with this header.
    ///
    /// # Errors
    /// [`WrongMapping::NoColumn`].
    pub fn resolve(&self, header: &Columns) -> Result<BTreeMap<Field, usize>, WrongMapping> {
        self.columns
            .iter()
            .map(|(&field, column)| {
                let index = match column.parse::<usize>() {
                    Ok(number) => (1..=header.count()).contains(&number).then(|| number - 1),
                    Err(_) => header.named(column),
                };
                index
                    .map(|index| (field, index))
                    .ok_or_else(|| WrongMapping::NoColumn {
                        column: column.clone(),
                        found: header.listed(),
                    })
            })
            .collect()
    }

    /// Whether every column is a number: then the table may have no header.
    #[must_use]
    pub fn is_by_number(&self) -> bool {
        let mut columns = self.columns.values();
        columns.all(|column| column.parse::<usize>().is_ok())
    }
}

impl FromStr for ColumnMapping {
    type Err = WrongMapping;

    fn from_str(text: &str) -> Result<Self, WrongMapping> {
        let mut columns = BTreeMap::new();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let no_pair = || WrongMapping::NoPair(pair.to_owned());
            let (field, column) = pair.split_once('=').ok_or_else(no_pair)?;
            let name = field.trim().to_ascii_lowercase();
            let field = Field::ALL
                .into_iter()
                .find(|field| field.name() == name)
                .ok_or(WrongMapping::NoField(name))?;
            let column = column.trim();
            if column.is_empty() {
                return Err(no_pair());
            }
            columns.insert(field, column.to_owned());
        }
        let mapping = Self {
            columns,
            zero_based: false,
        };
        if mapping.is_for_sites() || mapping.is_for_anchors() {
            Ok(mapping)
        } else {
            Err(WrongMapping::TooFew)
        }
    }
}

impl fmt::Display for ColumnMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.columns.iter();
        let pairs: Vec<String> = pairs
            .map(|(field, column)| format!("{}={column}", field.name()))
            .collect();
        f.write_str(&pairs.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_read_and_print() {
        let text = "tf=Name,left=Start,right=End,strand=Str";
        let mapping: ColumnMapping = text.parse().expect("fine");
        assert!(mapping.is_for_sites() && !mapping.is_for_anchors());
        assert_eq!(mapping.to_string(), text);
        for (text, words) in [
            ("tf", "is no column"),
            ("colour=red", "expected one of tf, left"),
            ("left=a,right=b", "at least left"),
            ("position=p", "at least left"),
            ("tf=,left=a,right=b", "is no column"),
        ] {
            let error = text.parse::<ColumnMapping>().expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn numbers_are_columns_whatever_the_header_says() {
        let header = Columns::parse("Name\t3\tStart\tEnd");
        let mapping: ColumnMapping = "tf=name,left=3,right=4".parse().expect("fine");
        let found = mapping.resolve(&header).expect("there");
        assert_eq!((found[&Field::Left], found[&Field::Right]), (2, 3));
        let mapping: ColumnMapping = "tf=name,left=5,right=4".parse().expect("fine");
        let error = mapping.resolve(&header).expect_err("missing").to_string();
        assert!(error.contains("“5”: it has “name”, “3”"), "{error}");
    }
}
