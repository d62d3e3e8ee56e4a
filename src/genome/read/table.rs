//! Tables with a header, separated by tabs, commas or semicolons: columns are found by name, never by number.

use super::delimited::Delimited;
use super::error::{ReadError, quoted};
use super::mapping::{ColumnMapping, Field, WrongMapping};
use super::text::Input;
use crate::genome::contig::Genome;
use crate::genome::locus::Strand;
use std::collections::BTreeMap;

/// Column names that mean the same, as [`Columns::parse`] normalises them.
pub mod names {
    /// The sequence that a row lies on.
    pub const CONTIG: &[&str] = &[
        "contig",
        "chrom",
        "chr",
        "chromosome",
        "seqid",
        "seqname",
        "replicon",
        "accession",
        "genome_accession",
    ];
    /// The transcription factor.
    pub const TF: &[&str] = &[
        "tf",
        "tfname",
        "tf_name",
        "regulatorname",
        "regulator_name",
        "regulator",
        "transcription_factor",
        "transcription_factors",
    ];
    /// First base of an interval, 1-based.
    pub const LEFT: &[&str] = &[
        "left",
        "tfrsleft",
        "left_end",
        "left_end_pos",
        "start",
        "site_start",
        "first",
    ];
    /// Last base of an interval, 1-based.
    pub const RIGHT: &[&str] = &[
        "right",
        "tfrsright",
        "right_end",
        "right_end_pos",
        "end",
        "stop",
        "site_end",
        "last",
    ];
    /// One base, 1-based.
    pub const POSITION: &[&str] = &[
        "position",
        "pos",
        "tss",
        "postss",
        "tss_position",
        "position_bp",
    ];
    /// `+` or `-`, `forward` or `reverse`.
    pub const STRAND: &[&str] = &["strand", "site_strand", "direction"];
    /// Letters of a site.
    pub const SEQUENCE: &[&str] = &[
        "sequence",
        "seq",
        "tfrsseq",
        "site_sequence",
        "sequence___dna_sequence",
    ];
}

/// Tables of some databases begin with a few lines of prose; the header is among the first ones.
pub(super) const HEADER_WITHIN: usize = 5;

/// Columns beyond these have no name.
const MOST_COLUMNS: usize = 4096;

/// The header of a table.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    names: Vec<String>,
}

impl Columns {
    /// Splits a header line; numbers in front (`1)riId`), quotes, `#` and case do not matter.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        let mut header = header.to_owned();
        Delimited::of(&header).convert(&mut header);
        let names = header.split('\t').take(MOST_COLUMNS);
        Self {
            names: names.map(normalised).collect(),
        }
    }

    /// The column with one of these (normalised) names; the earlier name wins.
    #[must_use]
    pub fn index(&self, any_of: &[&str]) -> Option<usize> {
        any_of
            .iter()
            .find_map(|name| self.names.iter().position(|column| column == name))
    }

    /// The column that a person calls `name`, in any case.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<usize> {
        let name = normalised(name);
        self.names.iter().position(|column| *column == name)
    }

    /// The names in quotes, as an error lists them.
    #[must_use]
    pub fn listed(&self) -> String {
        const SHOWN: usize = 12;
        let shown: Vec<String> = self.names.iter().take(SHOWN).map(|n| quoted(n)).collect();
        let more = if self.names.len() > SHOWN {
            ", …"
        } else {
            ""
        };
        format!("{}{more}", shown.join(", "))
    }

    /// Number of columns.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }
}

fn normalised(cell: &str) -> String {
    let cell = cell.trim().trim_start_matches('#').trim().trim_matches('"');
    let cell = match cell.split_once(')') {
        Some((number, name))
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            name
        }
        _ => cell,
    };
    cell.trim().to_ascii_lowercase().replace([' ', '-'], "_")
}

/// Whether a line is a comment: `#`, or `"#` as spreadsheets save it.
#[must_use]
pub fn is_comment(line: &str) -> bool {
    line.trim_start_matches('"').trim_start().starts_with('#')
}

/// A table while it is read: its header, then row after row.
pub struct Table<'i, 'a> {
    input: &'i mut Input<'a>,
    /// The header.
    pub columns: Columns,
    text: String,
    delimited: Delimited,
    /// Where each cell begins, in bytes.
    cells: Vec<u32>,
    line: usize,
    /// Whether `text` holds a row already, because the header was a comment above it.
    waiting: bool,
}

impl<'i, 'a> Table<'i, 'a> {
    /// Reads up to the header: the first line that `is_header` accepts among the first few that are
    /// no comment, or the comment right above them.
    ///
    /// # Errors
    /// A file without a header that `is_header` accepts, and what [`Input::next_line`] gives.
    pub fn open(
        input: &'i mut Input<'a>,
        expected: &str,
        is_header: impl Fn(&Columns) -> bool,
    ) -> Result<Self, ReadError> {
        let mut text = String::new();
        let mut comment = None;
        let mut first: Option<(usize, String)> = None;
        let mut tried = 0;
        while let Some(line) = input.next_line(&mut text)? {
            if text.trim().is_empty() {
                continue;
            }
            if is_comment(&text) {
                comment = Some(Columns::parse(&text));
                continue;
            }
            let columns = Columns::parse(&text);
            let (columns, waiting) = match comment.take().filter(&is_header) {
                Some(above) if !is_header(&columns) => (above, true),
                _ if is_header(&columns) => (columns, false),
                _ => {
                    first.get_or_insert_with(|| (line, text.clone()));
                    tried += 1;
                    if tried == HEADER_WITHIN {
                        break;
                    }
                    continue;
                }
            };
            let mut delimited = Delimited::of(&text);
            delimited.convert(&mut text);
            return Ok(Self {
                input,
                columns,
                text,
                delimited,
                cells: Vec::new(),
                line,
                waiting,
            });
        }
        let next = "Name the columns in the first line, separated by tabs or commas.";
        Err(match first {
            Some((line, text)) => input.problem(
                Some(line),
                expected,
                format!("a header that begins {}", quoted(&text.replace('\t', " "))),
                next,
            ),
            None => input.not(expected, next),
        })
    }

    /// Reads up to the first line that `is_row` accepts, in a table without a header; gives it too.
    ///
    /// # Errors
    /// No such line, and what [`Input::next_line`] gives.
    pub fn open_rows(
        input: &'i mut Input<'a>,
        is_row: impl Fn(&str) -> bool,
    ) -> Result<(Self, String), ReadError> {
        let mut text = String::new();
        while let Some(line) = input.next_line(&mut text)? {
            if is_row(&text) {
                let first = text.clone();
                let table = Self {
                    input,
                    columns: Columns::default(),
                    text,
                    delimited: Delimited::default(),
                    cells: Vec::new(),
                    line,
                    waiting: true,
                };
                return Ok((table, first));
            }
        }
        Err(input.not("a table", "Check that this is the right file."))
    }

    /// Reads up to the first row of a table whose columns were chosen by hand.
    ///
    /// The first line that is no comment is the header, unless its columns are meant by number and
    /// it holds positions itself.
    ///
    /// # Errors
    /// A column that the table lacks, an empty file, and what [`Input::next_line`] gives.
    pub fn open_mapped(
        input: &'i mut Input<'a>,
        mapping: &ColumnMapping,
    ) -> Result<(Self, BTreeMap<Field, usize>), ReadError> {
        let mut text = String::new();
        let mut wrong = None;
        let mut tried = 0;
        while let Some(line) = input.next_line(&mut text)? {
            if text.trim().is_empty()
                || is_comment(&text) && mapping.resolve(&Columns::parse(&text)).is_err()
            {
                continue;
            }
            let columns = Columns::parse(&text);
            match mapping.resolve(&columns) {
                Ok(found) => {
                    let mut delimited = Delimited::of(&text);
                    delimited.convert(&mut text);
                    let places = [Field::Left, Field::Right, Field::Position];
                    let holds_positions =
                        places
                            .iter()
                            .filter_map(|field| found.get(field))
                            .all(|&index| {
                                let cell = text.split('\t').nth(index).unwrap_or_default();
                                let cell = cell.trim().trim_matches('"');
                                whole_number(cell).is_some() || is_missing(cell)
                            });
                    let table = Self {
                        waiting: mapping.is_by_number() && holds_positions,
                        input,
                        columns,
                        text,
                        delimited,
                        cells: Vec::new(),
                        line,
                    };
                    return Ok((table, found));
                }
                Err(error) => {
                    wrong.get_or_insert((line, error));
                }
            }
            tried += 1;
            if tried == HEADER_WITHIN {
                break;
            }
        }
        Err(match wrong {
            Some((line, WrongMapping::NoColumn { column, found })) => input.problem(
                Some(line),
                format!("a column {}", quoted(&column)),
                found,
                "Choose one of the columns that are there.",
            ),
            _ => input.not("a table", "Check that this is the right file."),
        })
    }

    /// The next row that is neither empty nor a comment.
    ///
    /// # Errors
    /// What [`Input::next_line`] gives.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, ReadError> {
        loop {
            if !std::mem::take(&mut self.waiting) {
                match self.input.next_line(&mut self.text)? {
                    Some(line) => self.line = line,
                    None => return Ok(None),
                }
                if !is_comment(&self.text) {
                    self.delimited.convert(&mut self.text);
                }
            }
            if !self.text.trim().is_empty() && !is_comment(&self.text) {
                break;
            }
        }
        self.cells.clear();
        let mut start = 0;
        for cell in self.text.split('\t') {
            self.cells.push(start);
            // A line has at most 32 MiB.
            start += u32::try_from(cell.len() + 1).unwrap_or(0);
        }
        Ok(Some(Row {
            line: self.line,
            text: &self.text,
            cells: &self.cells,
            input: self.input,
        }))
    }

    /// Checks that rows say on which contig they lie, where the genome leaves a choice.
    ///
    /// # Errors
    /// A genome of several contigs without the column `contig`.
    pub fn demand_contig(&self, contig: Option<usize>, genome: &Genome) -> Result<(), ReadError> {
        if contig.is_some() || genome.contigs.len() == 1 {
            return Ok(());
        }
        Err(self.input.problem(
            None,
            "a column contig, because the genome has several sequences",
            "none",
            "Add a column that names the sequence of each row.",
        ))
    }

    /// The file, for errors.
    #[must_use]
    pub fn input(&self) -> &Input<'a> {
        self.input
    }
}

/// One row of a table.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    /// Its 1-based line.
    pub line: usize,
    text: &'t str,
    cells: &'t [u32],
    input: &'t Input<'t>,
}

impl<'t> Row<'t> {
    /// The trimmed text of a column, without quotes; empty where the row or the table lacks it, or
    /// where it says `NA`, `null`, `-` or the like.
    #[must_use]
    pub fn cell(&self, column: Option<usize>) -> &'t str {
        let text = self.text(column);
        if is_missing(text) { "" } else { text }
    }

    /// The trimmed text of a column, without quotes; empty where the row or the table lacks it.
    #[must_use]
    pub fn text(&self, column: Option<usize>) -> &'t str {
        column
            .and_then(|column| self.cells.get(column))
            .map_or("", |&start| &self.text[start as usize..])
            .split('\t')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('"')
            .trim()
    }

    /// An error about this row.
    #[must_use]
    pub fn problem(&self, expected: &str, found: String, next: &str) -> ReadError {
        self.input.problem(Some(self.line), expected, found, next)
    }

    /// An error where the row ends before its first `needed` cells.
    ///
    /// # Errors
    /// [`ReadError`] naming the line.
    pub fn require(&self, needed: usize) -> Result<(), ReadError> {
        if self.cells.len() >= needed {
            return Ok(());
        }
        Err(self.problem(
            &format!("at least {needed} columns"),
            self.cells.len().to_string(),
            "Save the table again, or download it again: it may be cut short.",
        ))
    }

    /// Number of cells.
    #[must_use]
    pub fn count(&self) -> usize {
        self.cells.len()
    }

    /// A strand: `+`, `-`, `forward`, `reverse`, `1`, `-1`.
    #[must_use]
    pub fn strand(&self, column: Option<usize>) -> Option<Strand> {
        strand(self.text(column))
    }
}

/// A row of `BindingSiteSet.txt` has fewer columns than this.
pub const BINDING_SITE_COLUMNS: usize = 32;

/// Whether a line is a row of RegulonDB's `BindingSiteSet.txt`, which has no header: an identifier
/// first, and left, right and a strand in words at [`binding_site_strand`].
#[must_use]
pub fn is_binding_site_set(line: &str) -> bool {
    let cells = line.split('\t').map(str::trim);
    let cells: Vec<&str> = cells.take(BINDING_SITE_COLUMNS).collect();
    let is_place = |text: &str| whole_number(text).is_some() || is_missing(text) || text.is_empty();
    cells.len() >= 12
        && ["ECK12", "RDBECOLI"]
            .iter()
            .any(|id| cells[0].starts_with(id))
        && binding_site_strand(&cells)
            .is_some_and(|strand| is_place(cells[strand - 2]) && is_place(cells[strand - 1]))
}

/// The column of the strand in a row of `BindingSiteSet.txt`: the sixth up to release 9, the
/// seventh since conformations were added in release 10.
#[must_use]
pub fn binding_site_strand(cells: &[&str]) -> Option<usize> {
    [5, 6]
        .into_iter()
        .find(|&index| matches!(cells.get(index), Some(&("forward" | "reverse"))))
}

fn is_missing(text: &str) -> bool {
    // Case matters: Nan could be a transcription factor.
    const WORDS: [&str; 9] = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-", "."];
    WORDS.contains(&text)
}

/// A strand in any of the words that tables use.
#[must_use]
pub fn strand(text: &str) -> Option<Strand> {
    Strand::from_sign(text).or_else(|| match text.to_ascii_lowercase().as_str() {
        "forward" | "fwd" | "plus" | "1" | "+1" => Some(Strand::Forward),
        "reverse" | "rev" | "minus" | "-1" => Some(Strand::Reverse),
        _ => None,
    })
}

/// A whole number as tables write it: digits, or digits with `.0` behind as spreadsheets leave it.
#[must_use]
pub fn whole_number(text: &str) -> Option<usize> {
    let digits = text
        .split_once('.')
        .filter(|(_, decimals)| !decimals.is_empty() && decimals.bytes().all(|b| b == b'0'))
        .map_or(text, |(digits, _)| digits);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Cancel, Progress};

    #[test]
    fn header_cells_lose_numbers_quotes_and_case() {
        let columns = Columns::parse("1)riId\t\"TF name\"\t 27)riPMIDS \t#Left-End");
        assert_eq!(columns.index(&["riid"]), Some(0));
        assert_eq!(columns.index(&["tf_name"]), Some(1));
        assert_eq!(columns.index(&["ripmids"]), Some(2));
        assert_eq!(columns.index(&["left_end"]), Some(3));
        assert_eq!(columns.index(&["right"]), None);
    }

    #[test]
    fn a_commented_header_is_found() {
        let text = b"# made by hand\n#chrom\tposition\tstrand\nchr\t12\t-\n\n# end\nchr\t13\n";
        let mut input =
            Input::from_bytes("t", text, &Progress::default(), &Cancel::default()).expect("text");
        let mut table = Table::open(&mut input, "a header", |c| {
            c.index(names::POSITION).is_some()
        })
        .expect("header");
        let position = table.columns.index(names::POSITION);
        let strand = table.columns.index(names::STRAND);
        let row = table.next_row().expect("row").expect("row");
        assert_eq!((row.line, row.cell(position)), (3, "12"));
        assert_eq!(row.strand(strand), Some(Strand::Reverse));
        let row = table.next_row().expect("row").expect("row");
        assert_eq!(
            (row.line, row.cell(position), row.strand(strand)),
            (6, "13", None)
        );
        assert!(table.next_row().expect("end").is_none());
    }

    #[test]
    fn whole_numbers_allow_a_zero_fraction() {
        assert_eq!(whole_number("12"), Some(12));
        assert_eq!(whole_number("12.0"), Some(12));
        for wrong in ["", "12.5", "-1", "1e3", "12.", "99999999999999999999999"] {
            assert_eq!(whole_number(wrong), None, "{wrong}");
        }
    }
}
