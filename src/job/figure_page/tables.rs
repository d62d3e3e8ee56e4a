//! The tables that panels are drawn from.

use super::describe::CurveAxes;
use crate::attention::HeadId;
use crate::figure::operating::NamedCurve;
use crate::genome::Base;
use crate::genome::base::ACGT;
use crate::genome::read::table::Columns;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Tables of heads, curves and changes are smaller.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// The longest stretch of a mutagenesis map, in bases.
const MOST_POSITIONS: usize = 2_000;

/// Why a panel's table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It cannot be read.
    #[error("{}: the table cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A column is not there.
    #[error("{}:1: expected a column '{column}', found {found}; the table comes from {origin}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        column: &'static str,
        /// What there is.
        found: String,
        /// What writes such tables.
        origin: &'static str,
    },
    /// A cell says something else.
    #[error("{}:{line}: column '{column}': expected {expected}, found '{found}'", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// The column.
        column: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// Nothing is left to draw.
    #[error("{}: expected {expected}, found none", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        expected: String,
    },
}

/// The text of a table, and where it comes from.
#[derive(Clone, Debug)]
pub struct TableText {
    /// The file, or what the table is called in the window.
    pub path: PathBuf,
    /// Tab-separated, with a header.
    pub text: Arc<str>,
}

impl TableText {
    /// Reads a file.
    ///
    /// # Errors
    /// [`TableError::Read`]; [`TableError::Nothing`] for one that is too large to be such a table.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let read = |source| TableError::Read {
            path: path.to_owned(),
            source,
        };
        let size = std::fs::metadata(path).map_err(read)?.len();
        if size > MOST_BYTES {
            return Err(TableError::Nothing {
                path: path.to_owned(),
                expected: format!("a table of at most {MOST_BYTES} bytes"),
            });
        }
        Ok(Self {
            path: path.to_owned(),
            text: std::fs::read_to_string(path).map_err(read)?.into(),
        })
    }
}

/// A tab-separated table with a header.
struct Rows {
    path: PathBuf,
    text: Arc<str>,
    columns: Vec<usize>,
    names: &'static [&'static str],
}

/// A row with its line.
struct Row<'a> {
    rows: &'a Rows,
    line: usize,
    cells: Vec<&'a str>,
}

impl Rows {
    /// A table that has all of `names`.
    fn new(
        TableText { path, text }: &TableText,
        names: &'static [&'static str],
        origin: &'static str,
    ) -> Result<Self, TableError> {
        let header = Columns::parse(text.lines().next().unwrap_or_default());
        let columns = names
            .iter()
            .map(|column| {
                header.index(&[column]).ok_or_else(|| TableError::Column {
                    path: path.to_owned(),
                    column,
                    found: header.listed(),
                    origin,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            text: Arc::clone(text),
            columns,
            names,
        })
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let lines = self.text.lines().enumerate().skip(1);
        lines
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(index, line)| {
                let cells: Vec<&str> = line.split('\t').collect();
                Row {
                    rows: self,
                    line: index + 1,
                    cells: self
                        .columns
                        .iter()
                        .map(|column| cells.get(*column).copied().unwrap_or_default().trim())
                        .collect(),
                }
            })
    }

    fn nothing(&self, expected: impl Into<String>) -> TableError {
        TableError::Nothing {
            path: self.path.clone(),
            expected: expected.into(),
        }
    }
}

impl Row<'_> {
    fn wrong(&self, column: usize, expected: &'static str) -> TableError {
        TableError::Cell {
            path: self.rows.path.clone(),
            line: self.line,
            column: self.rows.names[column],
            expected,
            found: self.cells[column].chars().take(40).collect(),
        }
    }

    fn whole(&self, column: usize) -> Result<usize, TableError> {
        let number = self.cells[column]
            .parse()
            .ok()
            .filter(|number| *number >= 1);
        number.ok_or_else(|| self.wrong(column, "a whole number from 1 on"))
    }

    /// A number; NaN where the cell is empty or says so.
    fn number(&self, column: usize) -> Result<f32, TableError> {
        match self.cells[column] {
            "" | "NA" | "NaN" | "nan" => Ok(f32::NAN),
            text => text.parse().map_err(|_| self.wrong(column, "a number")),
        }
    }
}

/// One head against one transcription factor.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedCell {
    /// The head.
    pub head: HeadId,
    /// The factor.
    pub tf: String,
    /// Effect size.
    pub effect: f32,
    /// q-value; NaN where not tested.
    pub q: f32,
    /// p of the largest of all cells; NaN where not tested.
    pub p_max: f32,
    /// Sites behind it.
    pub sites: usize,
}

/// Reads a table of `headlight compare`.
///
/// # Errors
/// [`TableError`].
pub fn compared(table: &TableText) -> Result<Vec<ComparedCell>, TableError> {
    let rows = Rows::new(
        table,
        &["layer", "head", "tf", "effect", "q", "p_max", "sites"],
        "`headlight compare`",
    )?;
    let cells = rows
        .rows()
        .map(|row| {
            Ok(ComparedCell {
                head: HeadId {
                    layer: row.whole(0)? - 1,
                    head: row.whole(1)? - 1,
                },
                tf: row.cells[2].to_owned(),
                effect: row.number(3)?,
                q: row.number(4)?,
                p_max: row.number(5)?,
                sites: row.whole(6)?,
            })
        })
        .collect::<Result<Vec<_>, TableError>>()?;
    if cells.is_empty() {
        return Err(rows.nothing("at least one row of a head and a factor"));
    }
    Ok(cells)
}

/// Reads curves: rows of `curve`, `x`, `y`; a curve's rows lie together or not. Where there is a column
/// `axes`, as `headlight evaluate --curves` writes it, only rows of `axes` count: `roc` or `pr`.
///
/// # Errors
/// [`TableError`].
pub fn curves(table: &TableText, axes: CurveAxes) -> Result<Vec<NamedCurve>, TableError> {
    const ORIGIN: &str = "`headlight evaluate --curves`, or any table of curve, x and y";
    let rows = match Rows::new(table, &["curve", "x", "y", "axes"], ORIGIN) {
        Err(TableError::Column { column: "axes", .. }) => {
            Rows::new(table, &["curve", "x", "y"], ORIGIN)?
        }
        other => other?,
    };
    let wanted = match axes {
        CurveAxes::Roc => "roc",
        CurveAxes::PrecisionRecall => "pr",
    };
    let mut curves: Vec<NamedCurve> = Vec::new();
    for row in rows.rows() {
        if row.cells.get(3).is_some_and(|cell| *cell != wanted) {
            continue;
        }
        let point = (row.number(1)?, row.number(2)?);
        for (column, value) in [(1, point.0), (2, point.1)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(row.wrong(column, "a share from 0 to 1"));
            }
        }
        let name = row.cells[0];
        match curves.iter_mut().find(|curve| curve.name == name) {
            Some(curve) => curve.points.push(point),
            None => curves.push(NamedCurve {
                name: name.to_owned(),
                points: vec![point],
            }),
        }
    }
    if curves.is_empty() {
        return Err(rows.nothing(format!("at least one curve with axes {wanted}")));
    }
    for curve in &mut curves {
        curve.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if axes == CurveAxes::Roc {
            let area = area(&curve.points);
            curve.name = format!("{}, area {area:.3}", curve.name);
        }
    }
    Ok(curves)
}

/// Area under a curve by trapezoids, from its first to its last point.
fn area(points: &[(f32, f32)]) -> f32 {
    points
        .windows(2)
        .map(|pair| (pair[1].0 - pair[0].0) * f32::midpoint(pair[0].1, pair[1].1))
        .sum()
}

/// What single changes of a stretch do to the score of one start site.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// The first position, 1-based.
    pub first_position: usize,
    /// The start site, 1-based.
    pub tss: usize,
    /// The bases that are there.
    pub reference: Vec<Base>,
    /// Effects of a change to A, C, G, T; 0 for the base that is there, NaN where nothing was computed.
    pub effects: Vec<[f32; 4]>,
}

/// Reads a table of `headlight mutate`: rows whose `ref` and `alt` are one base each.
///
/// # Errors
/// [`TableError`].
pub fn changes(table: &TableText, tss: Option<usize>) -> Result<Changes, TableError> {
    let rows = Rows::new(
        table,
        &["position", "tss", "ref", "alt", "effect"],
        "`headlight mutate`",
    )?;
    let base = |text: &str| {
        let known = ACGT
            .iter()
            .position(|base| text == base.letter().to_string());
        known.filter(|_| text.len() == 1)
    };
    let mut found: Vec<(usize, usize, usize, f32)> = Vec::new();
    let mut wanted = tss;
    for row in rows.rows() {
        let of = row.whole(1)?;
        if *wanted.get_or_insert(of) != of {
            continue;
        }
        if let (Some(reference), Some(alt)) = (base(row.cells[2]), base(row.cells[3])) {
            found.push((row.whole(0)?, reference, alt, row.number(4)?));
        }
    }
    let first = found.iter().map(|(position, ..)| *position).min();
    let last = found.iter().map(|(position, ..)| *position).max();
    let (Some(first), Some(last), Some(tss)) = (first, last, wanted) else {
        return Err(rows.nothing("changes of single bases of one start site"));
    };
    let length = last - first + 1;
    if length > MOST_POSITIONS {
        return Err(rows.nothing(format!("a stretch of at most {MOST_POSITIONS} bases")));
    }
    let mut reference = vec![Base::N; length];
    let mut effects = vec![[f32::NAN; 4]; length];
    for (position, there, alt, effect) in found {
        let index = position - first;
        reference[index] = ACGT[there];
        effects[index][there] = 0.0;
        effects[index][alt] = effect;
    }
    Ok(Changes {
        first_position: first,
        tss,
        reference,
        effects,
    })
}
