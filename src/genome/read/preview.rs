//! The beginning of a table that no reader recognises, for people to say which column is which.

use super::delimited::Delimited;
use super::error::ReadError;
use super::table::{Columns, is_comment};
use super::text::Input;
use std::path::PathBuf;

/// Bytes of the file that are kept, to try a mapping on.
const KEPT_BYTES: usize = 512 * 1024;
/// Rows that are split into cells, to be shown.
const SHOWN_ROWS: usize = 8;
/// Letters of a cell that are shown.
const SHOWN_LETTERS: usize = 40;

/// The beginning of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePreview {
    /// The file.
    pub path: PathBuf,
    /// The first line that is no comment, cell by cell: names of columns, or a first row.
    pub first: Vec<String>,
    /// The rows after it, cell by cell, cut short.
    pub rows: Vec<Vec<String>>,
    /// The beginning of the file as text, up to the end of a line.
    pub text: String,
    /// Rows in `text`, the first line not counted.
    pub row_count: usize,
    /// Whether `text` is the whole file.
    pub whole: bool,
}

impl TablePreview {
    /// Reads the beginning of a file; `None` where it is no table. Commas and semicolons become tabs.
    ///
    /// # Errors
    /// What [`Input::next_line`] gives.
    pub fn read(input: &mut Input<'_>) -> Result<Option<Self>, ReadError> {
        let mut preview = Self {
            path: input.path().to_owned(),
            first: Vec::new(),
            rows: Vec::new(),
            text: String::new(),
            row_count: 0,
            whole: true,
        };
        let mut line = String::new();
        let mut delimited: Option<Delimited> = None;
        while input.next_line(&mut line)?.is_some() {
            if !line.trim().is_empty() && !is_comment(&line) {
                delimited
                    .get_or_insert_with(|| Delimited::of(&line))
                    .convert(&mut line);
            }
            if preview.text.len() + line.len() > KEPT_BYTES {
                preview.whole = false;
                break;
            }
            preview.text.push_str(&line);
            preview.text.push('\n');
            if line.trim().is_empty() || is_comment(&line) {
                continue;
            }
            let cells = || line.split('\t').map(shown).collect::<Vec<String>>();
            if preview.first.is_empty() {
                if !line.contains('\t') {
                    return Ok(None);
                }
                preview.first = cells();
                continue;
            }
            preview.row_count += 1;
            if preview.rows.len() < SHOWN_ROWS {
                preview.rows.push(cells());
            }
        }
        Ok((preview.row_count > 0).then_some(preview))
    }

    /// The names of the columns: those of the first line, or numbers where it holds positions.
    #[must_use]
    pub fn column_names(&self) -> Vec<String> {
        let is_number = |cell: &String| super::table::whole_number(cell).is_some();
        let header = !self.first.iter().any(is_number);
        let unique = |name: &String| self.first.iter().filter(|other| *other == name).count() == 1;
        self.first
            .iter()
            .enumerate()
            .map(|(index, name)| {
                if header && !name.is_empty() && unique(name) {
                    name.clone()
                } else {
                    (index + 1).to_string()
                }
            })
            .collect()
    }

    /// The header as tables are told apart by.
    #[must_use]
    pub fn columns(&self) -> Columns {
        Columns::parse(&self.first.join("\t"))
    }
}

fn shown(cell: &str) -> String {
    let cell = cell.trim().trim_matches('"');
    let mut shown: String = cell.chars().take(SHOWN_LETTERS).collect();
    if cell.chars().nth(SHOWN_LETTERS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Cancel, Progress};

    fn preview(text: &str) -> Option<TablePreview> {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut input =
            Input::from_bytes("t.tsv", text.as_bytes(), &progress, &cancel).expect("text");
        TablePreview::read(&mut input).expect("text")
    }

    #[test]
    fn names_come_from_the_header_or_are_numbers() {
        let table = preview("# c\nName\tStart\tEnd\nCRP\t5\t9\n\nFNR\t7\t12\n").expect("table");
        assert_eq!(table.column_names(), ["Name", "Start", "End"]);
        assert_eq!((table.row_count, table.rows[1][0].as_str()), (2, "FNR"));
        let table = preview("CRP\t5\t9\nFNR\t7\t12\n").expect("table");
        assert_eq!(table.column_names(), ["1", "2", "3"]);
        assert_eq!(preview("words\nin lines\n"), None);
    }
}
