//! Motif files of any format, as a library. What kind a file is, is told by its content.

use super::{jaspar, meme, pssm, transfac, uniprobe};
use crate::genome::read::error::quoted;
use crate::genome::read::{FileKind, Input, ReadError, ReadReport};
use crate::progress::{Cancel, Progress};
use crate::sites::library::MotifLibrary;
use crate::sites::motif::{Background, Pfm, Ppm, UNIFORM};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::Path;

/// Positions beyond this are not believed.
pub(super) const LONGEST_MOTIF: usize = 10_000;
/// Motifs beyond this are not believed: the largest libraries have some ten thousand.
const LARGEST_LIBRARY: usize = 100_000;

/// Reads a motif library from MEME, JASPAR, TRANSFAC, `UniPROBE` or `RegulonDB` text, plain or gzip.
///
/// # Errors
/// [`ReadError`] for another format, a line that is wrong, or no motif at all.
///
/// ```no_run
/// use headlight::progress::{Cancel, Progress};
/// use headlight::sites::read::read_motifs;
/// # use headlight::genome::read::ReadError;
/// let (library, _) =
///     read_motifs("prodoric.meme".as_ref(), &Progress::default(), &Cancel::default())?;
/// println!("{}: {} motifs", library.name, library.len());
/// # Ok::<(), ReadError>(())
/// ```
pub fn read_motifs(
    path: &Path,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(MotifLibrary, ReadReport), ReadError> {
    motifs_from(&mut Input::open(path, progress, cancel)?)
}

/// Reads a motif library from memory; `name` is what errors call it.
///
/// # Errors
/// As [`read_motifs`].
pub fn motifs_from_bytes(
    name: &str,
    bytes: &[u8],
) -> Result<(MotifLibrary, ReadReport), ReadError> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    motifs_from(&mut Input::from_bytes(name, bytes, &progress, &cancel)?)
}

/// Reads a motif library from an open file.
///
/// # Errors
/// As [`read_motifs`].
pub fn motifs_from(input: &mut Input<'_>) -> Result<(MotifLibrary, ReadReport), ReadError> {
    let kind = FileKind::of(input.head());
    if !kind.is_motifs() {
        return Err(input.not(
            "motifs as MEME, JASPAR, TRANSFAC, UniPROBE or RegulonDB text",
            "Choose another file, or export the motifs in minimal MEME format.",
        ));
    }
    let (path, name) = (input.path().display().to_string(), input.stem());
    let bytes = input.rest()?;
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let mut text = Input::from_bytes(&path, &bytes, &progress, &cancel)?;
    let mut motifs = Motifs {
        report: ReadReport::new(kind.label()),
        found: Vec::new(),
    };
    let mut background = UNIFORM;
    match kind {
        FileKind::Jaspar => jaspar::read(&mut text, &mut motifs)?,
        FileKind::Transfac => transfac::read(&mut text, &mut motifs)?,
        FileKind::Uniprobe => uniprobe::read(&mut text, &mut motifs)?,
        FileKind::RegulonDbPssm => pssm::read(&mut text, &mut motifs)?,
        _ => background = meme::read(&mut text, &mut motifs)?,
    }
    let Motifs { mut report, found } = motifs;
    if found.is_empty() {
        return Err(text.problem(
            None,
            "at least one motif with its matrix",
            report.nothing(),
            "Export the motifs again, or download the file again.",
        ));
    }
    report.records = found.len();
    let library = MotifLibrary {
        name,
        format: kind.label().to_owned(),
        checksum: sha256(&bytes),
        background,
        motifs: found,
    };
    Ok((library, report))
}

/// The motifs that a reader has found, and those that it left out.
pub(super) struct Motifs {
    pub report: ReadReport,
    found: Vec<Ppm>,
}

impl Motifs {
    /// Keeps a motif.
    pub fn push(&mut self, motif: Ppm, input: &Input<'_>) -> Result<(), ReadError> {
        if self.found.len() >= LARGEST_LIBRARY {
            return Err(input.problem(
                Some(input.line()),
                "at most 100,000 motifs",
                "one more",
                "Split the file.",
            ));
        }
        self.found.push(motif);
        Ok(())
    }

    /// Keeps a motif of counts: `names` is its identifier and, behind a space, its other name.
    pub fn push_counts(&mut self, pfm: &Pfm, input: &Input<'_>) -> Result<(), ReadError> {
        let (name, alternative) = pfm
            .name
            .split_once(char::is_whitespace)
            .unwrap_or((&pfm.name, ""));
        let none: Background = UNIFORM;
        let motif = Ppm {
            name: name.to_owned(),
            alternative: alternative.trim().to_owned(),
            ..pfm.probabilities(0.0, &none)
        };
        self.push(motif, input)
    }
}

/// Reads a row of counts or probabilities: finite and not negative, at most `LONGEST_MOTIF`.
pub(super) fn numbers(text: &str, input: &Input<'_>) -> Result<Vec<f64>, ReadError> {
    let wrong = |expected: &str, found: String| {
        let next = "Correct the line, or download the file again.";
        input.problem(Some(input.line()), expected, found, next)
    };
    let words = text.split_whitespace();
    let mut numbers = Vec::with_capacity(words.clone().take(LONGEST_MOTIF).count());
    for word in words {
        if numbers.len() == LONGEST_MOTIF {
            return Err(wrong("at most 10,000 positions", "more".to_owned()));
        }
        match word.parse::<f64>() {
            // Sums of four stay finite.
            Ok(number) if (0.0..=1e300).contains(&number) => numbers.push(number),
            _ => return Err(wrong("numbers from 0 on", quoted(word))),
        }
    }
    Ok(numbers)
}

/// Four rows, one a base, as they are read: they become one row a position.
#[derive(Default)]
pub(super) struct BaseRows {
    rows: [Vec<f64>; 4],
    read: [bool; 4],
}

impl BaseRows {
    /// How many rows have been read.
    pub fn count(&self) -> usize {
        self.read.iter().filter(|&&read| read).count()
    }

    /// What is wrong with a file that ends before the fourth row.
    pub fn unfinished(&self, input: &Input<'_>) -> ReadError {
        input.problem(
            Some(input.line()),
            "four rows of counts a motif, for A, C, G and T",
            self.count().to_string(),
            "The file may be cut short: download it again.",
        )
    }

    /// Reads one row; `letter` is its place in A, C, G, T, or its turn where it states none.
    pub fn add(
        &mut self,
        letter: Option<usize>,
        text: &str,
        input: &Input<'_>,
    ) -> Result<(), ReadError> {
        let count = self.count();
        let place = letter.unwrap_or(count);
        let wrong = |expected: String, found: String| {
            let next = "Correct the line, or download the file again.";
            Err(input.problem(Some(input.line()), expected, found, next))
        };
        if count == 4 || self.read[place] {
            return wrong(
                "four rows a motif, one for each of A, C, G and T".to_owned(),
                "one more".to_owned(),
            );
        }
        let row = numbers(text, input)?;
        let width = self.width();
        if count > 0 && row.len() != width {
            return wrong(
                format!("{width} numbers, as in the row before"),
                row.len().to_string(),
            );
        }
        self.rows[place] = row;
        self.read[place] = true;
        Ok(())
    }

    /// Positions of the rows read so far.
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or_default()
    }

    /// `[position][base]`, bases in the order A, C, G, T.
    pub fn by_position(&self) -> Vec<[f64; 4]> {
        (0..self.width())
            .map(|position| std::array::from_fn(|base| self.rows[base][position]))
            .collect()
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
