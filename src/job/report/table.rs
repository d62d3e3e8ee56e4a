//! Tables of other jobs, one row about a head each, whatever their other columns.

use crate::attention::{HeadId, HeadShape};
use crate::genome::read::error::quoted;
use crate::genome::read::{Input, ReadError};
use crate::progress::{Cancel, Progress};
use std::path::Path;

/// Which job made a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Motifs of heads against a library of known ones.
    Names,
    /// Attention at known sites.
    Compare,
    /// What removing a head does.
    Ablate,
    /// Peaks where nothing is known.
    Novel,
}

impl TableKind {
    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Names => "Known motifs that the heads resemble",
            Self::Compare => "Attention at known binding sites",
            Self::Ablate => "What happens without a head",
            Self::Novel => "Peaks of attention where nothing is known",
        }
    }

    /// What its rows say, in plain words.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Names => {
                "Each head's motif was laid along every known motif of a library, as Tomtom does. q is the share of false ones \
                 to be expected among all matches as good, over all heads and motifs together. A resemblance is no name: a head \
                 is named only where it passes the positional control as well."
            }
            Self::Compare => {
                "For each transcription factor, the attention at its sites is ranked among the same places of other promoters. \
                 AUROC is the share of these that it exceeds: 0.5 is chance. p counts permutations of promoters that do as \
                 well; p_max does so for the best of all heads and factors at once, which is the test to trust."
            }
            Self::Ablate => {
                "The model was run with a head switched off. What changes says what the head is needed for, which attention alone \
                 does not."
            }
            Self::Novel => {
                "Peaks of attention between genes that overlap no known site and no −10 or −35 box of a known or predicted promoter. \
                 fdr is the share of such peaks that shuffled sequence would give as well. That a protein binds there is not shown."
            }
        }
    }
}

/// A table with a row about a head on each line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadTable {
    /// Which job made it.
    pub kind: TableKind,
    /// The file's name.
    pub name: String,
    /// Names of the columns other than layer and head.
    pub columns: Vec<String>,
    /// The head and the cells of each row.
    pub rows: Vec<(HeadId, Vec<String>)>,
}

/// The columns that say which head a row is about.
#[derive(Clone, Copy)]
enum Key {
    /// Layer and head, both from 1.
    Numbers(usize, usize),
    /// A name such as `L1H1`.
    Name(usize),
}

impl Key {
    fn is(self, column: usize) -> bool {
        match self {
            Self::Numbers(layer, head) => column == layer || column == head,
            Self::Name(heads) => column == heads,
        }
    }
}

/// Columns that rank rows, the most telling first; small is best.
const RANKS: [&str; 5] = ["p_max", "q", "fdr", "p", "rank"];

impl HeadTable {
    /// Reads a tab-separated table with a header that has the columns layer and head, both from 1, or
    /// the column heads with names such as `L1H1`.
    ///
    /// Lines that begin with `#` are left out, and so are rows about several heads or none.
    ///
    /// # Errors
    /// [`ReadError`] naming the line of a missing column, of a row with more or fewer cells than the
    /// header, or of a head that a model of this `shape` has not.
    pub fn read(
        kind: TableKind,
        path: &Path,
        shape: HeadShape,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Self, ReadError> {
        Self::from_input(kind, &mut Input::open(path, progress, cancel)?, shape)
    }

    fn from_input(
        kind: TableKind,
        input: &mut Input<'_>,
        shape: HeadShape,
    ) -> Result<Self, ReadError> {
        let name = super::super::open::file_name(input.path());
        let mut text = String::new();
        let mut header: Option<(Vec<String>, Key)> = None;
        let mut rows = Vec::new();
        while let Some(line) = input.next_line(&mut text)? {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
            let Some((names, key)) = &header else {
                let at = |name: &str| cells.iter().position(|cell| *cell == name);
                let key = match (at("layer"), at("head"), at("heads")) {
                    (Some(layer), Some(head), _) => Key::Numbers(layer, head),
                    (_, _, Some(heads)) => Key::Name(heads),
                    _ => {
                        return Err(input.problem(
                            Some(line),
                            "a header with the columns layer and head",
                            quoted(&text),
                            "Give the table that the subcommand writes with -o FILE.tsv.",
                        ));
                    }
                };
                header = Some((cells.iter().map(|cell| (*cell).to_owned()).collect(), key));
                continue;
            };
            if cells.len() != names.len() {
                return Err(input.problem(
                    Some(line),
                    format!("{} cells, as the header has", names.len()),
                    cells.len().to_string(),
                    "Write the table again.",
                ));
            }
            let number = |cell: &str| cell.parse().ok().and_then(|n: usize| n.checked_sub(1));
            let (id, shown) = match *key {
                Key::Numbers(layer, head) => {
                    let found = number(cells[layer]).zip(number(cells[head]));
                    let id = found.map(|(layer, head)| HeadId { layer, head });
                    let shown = format!("{} and {}", quoted(cells[layer]), quoted(cells[head]));
                    (id, shown)
                }
                Key::Name(heads) => match cells[heads].parse() {
                    Ok(id) => (Some(id), quoted(cells[heads])),
                    Err(_) => continue,
                },
            };
            let known = |id: &HeadId| id.layer < shape.layers && id.head < shape.heads;
            let Some(id) = id.filter(known) else {
                return Err(input.problem(
                    Some(line),
                    format!(
                        "a layer from 1 to {} and a head from 1 to {}",
                        shape.layers, shape.heads
                    ),
                    shown,
                    "Give a table that was made with the same model.",
                ));
            };
            let others = cells.iter().enumerate();
            let others = others.filter(|(index, _)| !key.is(*index));
            rows.push((id, others.map(|(_, cell)| (*cell).to_owned()).collect()));
        }
        let Some((names, key)) = header else {
            return Err(input.problem(
                None,
                "a header with the columns layer and head",
                "no line",
                "Write the table again.",
            ));
        };
        let columns = names.into_iter().enumerate();
        Ok(Self {
            kind,
            name,
            columns: columns
                .filter(|(index, _)| !key.is(*index))
                .map(|(_, name)| name)
                .collect(),
            rows,
        })
    }

    /// The place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The number in `column` of a row; `None` where there is none.
    #[must_use]
    pub fn number(&self, row: &[String], column: &str) -> Option<f64> {
        let cell = row.get(self.column(column)?)?;
        cell.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The rows, the most telling first: by `p_max`, q, fdr, p or rank, whichever the table has.
    #[must_use]
    pub fn ranked(&self) -> Vec<&(HeadId, Vec<String>)> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        let ranks: Vec<&str> = RANKS
            .into_iter()
            .filter(|name| self.column(name).is_some())
            .collect();
        let key = |row: &[String], name: &str| self.number(row, name).unwrap_or(f64::INFINITY);
        rows.sort_by(|a, b| {
            let order = |name: &&str| key(&a.1, name).total_cmp(&key(&b.1, name));
            let mut orders = ranks.iter().map(order);
            orders
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str) -> Result<HeadTable, ReadError> {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut input = Input::from_bytes("t.tsv", content.as_bytes(), &progress, &cancel)?;
        let shape = HeadShape {
            layers: 2,
            heads: 3,
        };
        HeadTable::from_input(TableKind::Compare, &mut input, shape)
    }

    #[test]
    fn any_columns_are_read_and_ranked() {
        let table = read("# made by\nlayer\thead\ttf\tp\tq\n1\t3\tCRP\t0.5\t0.9\n2\t1\tLacI\tNA\tNA\n1\t1\tFNR\t0.01\t0.9\n")
            .expect("a table");
        assert_eq!(table.columns, ["tf", "p", "q"]);
        let order: Vec<&str> = table.ranked().iter().map(|row| row.1[0].as_str()).collect();
        assert_eq!(order, ["FNR", "CRP", "LacI"]);
        assert_eq!(table.rows[0].0.to_string(), "L1H3");
        assert_eq!(table.number(&table.rows[1].1, "p"), None);
        let ablation = "heads\tloss\nL2H3\t0.5\nL1H1+L1H2\t0.7\nnone\t0.1\n";
        let ablation = read(ablation).expect("a table");
        assert_eq!(ablation.rows.len(), 1);
        assert_eq!(
            (ablation.rows[0].0.to_string(), &ablation.columns[..]),
            ("L2H3".to_owned(), &["loss".to_owned()][..])
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error = |content: &str| read(content).expect_err("wrong").to_string();
        assert!(
            error("{\n}\n").contains("line 1: expected a header with the columns layer and head")
        );
        assert!(error("layer\thead\tp\n1\t1\n").contains("line 2: expected 3 cells"));
        assert!(error("layer\thead\n3\t1\n").contains("layer from 1 to 2"));
        assert!(error("layer\thead\n0\tx\n").contains("“0” and “x”"));
        assert!(error("# nothing\n").contains("no line"));
    }
}
