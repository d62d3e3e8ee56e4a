//! MEME motif files (minimal format, versions 4 and 5): the letter-probability blocks.
//!
//! ```text
//! MEME version 4
//! ALPHABET= ACGT
//! Background letter frequencies
//! A 0.30 C 0.20 G 0.20 T 0.30
//! MOTIF MX000001 MexR
//! log-odds matrix: alength= 4 w= 15 E= 0            <- passed over
//! letter-probability matrix: alength= 4 w= 15 nsites= 2 E= 0
//!   0.000000  0.000000  1.000000  0.000000
//! URL http://…
//! ```
//!
//! `lightmotif-io` 0.10 reads four of six real libraries and stops at the others, whose
//! background line starts with a space (dpinteract, `RegTransBase`).

use super::motifs::{LONGEST_MOTIF, Motifs};
use crate::genome::read::error::quoted;
use crate::genome::read::{Input, ReadError, ReadReport};
use crate::sites::motif::{Background, Ppm, UNIFORM};

/// How far a row may be from summing to 1: files round to two decimals.
const SUM_TOLERANCE: f64 = 0.02;
/// What to do about a line that is wrong.
const NEXT: &str = "Correct the line, or export the motifs again in minimal MEME format.";

/// Reads the motifs, and gives the letter frequencies that the file states.
pub(super) fn read(input: &mut Input<'_>, motifs: &mut Motifs) -> Result<Background, ReadError> {
    let mut background = UNIFORM;
    let mut lines = Lines {
        input,
        text: String::new(),
        kept: false,
    };
    // The motif whose name was read and whose probabilities are still to come, and its line.
    let mut open: Option<(Ppm, usize)> = None;
    while lines.next()? {
        let text = lines.text.trim();
        if let Some(alphabet) = text.strip_prefix("ALPHABET") {
            let alphabet = alphabet.trim_start_matches('=').trim();
            let dna = ["ACGT", "ACGU", "DNA", "\"DNA\"", "RNA", "\"RNA\""];
            if !dna.iter().any(|known| alphabet.starts_with(known)) {
                return Err(lines.unexpected("ALPHABET= ACGT: motifs of DNA"));
            }
        } else if text.starts_with("Background letter frequencies") {
            background = frequencies(&mut lines)?;
        } else if let Some(names) = text.strip_prefix("MOTIF ") {
            let mut names = names.split_whitespace();
            let motif = Ppm {
                name: names.next().unwrap_or("unnamed").to_owned(),
                alternative: names.next().unwrap_or_default().to_owned(),
                ..Ppm::default()
            };
            let line = lines.input.line();
            skip_open(open.replace((motif, line)).as_ref(), &mut motifs.report);
        } else if let Some(settings) = text.strip_prefix("letter-probability matrix") {
            let Some(settings) = Settings::read(settings) else {
                let form = "letter-probability matrix: alength= 4 w= WIDTH nsites= N";
                return Err(lines.unexpected(form));
            };
            let Some((mut motif, _)) = open.take() else {
                return Err(lines.unexpected("a line MOTIF with a name before its probabilities"));
            };
            motif.sites = settings.sites;
            motif.probabilities = rows(&mut lines, &settings)?;
            motifs.push(motif, lines.input)?;
        }
    }
    skip_open(open.as_ref(), &mut motifs.report);
    Ok(background)
}

/// What stands behind `letter-probability matrix:`.
struct Settings {
    width: Option<usize>,
    sites: Option<f64>,
}

impl Settings {
    /// `None` where a number is wrong or the alphabet does not have four letters.
    fn read(text: &str) -> Option<Self> {
        let mut settings = Self {
            width: None,
            sites: None,
        };
        let text = text.trim_start_matches(':').replace('=', " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.chunks_exact(2) {
            match pair {
                ["alength", "4"] => {}
                ["alength", _] => return None,
                ["w", width] => {
                    let width = width.parse().ok()?;
                    settings.width = (1..=LONGEST_MOTIF).contains(&width).then_some(width);
                    settings.width?;
                }
                ["nsites", sites] => {
                    let sites: f64 = sites.parse().ok()?;
                    settings.sites = (sites.is_finite() && sites >= 0.0).then_some(sites);
                }
                _ => {}
            }
        }
        Some(settings)
    }
}

/// A motif that got no probabilities is left out.
fn skip_open(open: Option<&(Ppm, usize)>, report: &mut ReadReport) {
    if let Some((_, line)) = open {
        report.skip("no letter-probability matrix", *line);
    }
}

fn frequencies(lines: &mut Lines<'_, '_>) -> Result<Background, ReadError> {
    lines.next()?;
    let words: Vec<&str> = lines.text.split_whitespace().collect();
    let mut read = [None; 4];
    for pair in words.chunks_exact(2) {
        let column = ["A", "C", "G", "T"]
            .iter()
            .position(|letter| *letter == pair[0].replace('U', "T"));
        if let Some(column) = column {
            read[column] = pair[1].parse::<f64>().ok().filter(|f| *f > 0.0);
        }
    }
    let sum: f64 = read.iter().flatten().sum();
    match read {
        [Some(a), Some(c), Some(g), Some(t)] if (sum - 1.0).abs() <= SUM_TOLERANCE => {
            Ok(normalised([a, c, g, t], sum))
        }
        _ => Err(lines.unexpected("letter frequencies such as A 0.3 C 0.2 G 0.2 T 0.3")),
    }
}

/// The rows of one block: as many as stated, or up to the first line that is none.
fn rows(lines: &mut Lines<'_, '_>, settings: &Settings) -> Result<Vec<[f64; 4]>, ReadError> {
    let mut rows: Vec<[f64; 4]> = Vec::new();
    let most = settings.width.unwrap_or(LONGEST_MOTIF);
    while rows.len() < most {
        let more = lines.next()?;
        let numbers: Result<Vec<f64>, _> = lines.text.split_whitespace().map(str::parse).collect();
        let row: Option<[f64; 4]> = numbers.ok().and_then(|row| row.try_into().ok());
        match row {
            Some(row) if row.iter().all(|p| (0.0..=1.0).contains(p)) => {
                let sum: f64 = row.iter().sum();
                if (sum - 1.0).abs() > SUM_TOLERANCE {
                    return Err(lines.unexpected("four probabilities that sum to 1"));
                }
                rows.push(normalised(row, sum));
            }
            None if settings.width.is_none() && !rows.is_empty() => {
                lines.kept = more;
                break;
            }
            _ => {
                let number = rows.len() + 1;
                let of = settings
                    .width
                    .map_or(String::new(), |width| format!(" of {width}"));
                return Err(lines.unexpected(&format!(
                    "four probabilities for A, C, G, T (row {number}{of})"
                )));
            }
        }
    }
    Ok(rows)
}

/// Rounded numbers made to sum to 1; those that do already stay exactly what the file says.
fn normalised(row: [f64; 4], sum: f64) -> [f64; 4] {
    const EXACT: f64 = 1e-9;
    if (sum - 1.0).abs() <= EXACT {
        row
    } else {
        row.map(|share| share / sum)
    }
}

/// Lines of the file, one of which can be given back.
struct Lines<'a, 'b> {
    input: &'a mut Input<'b>,
    text: String,
    /// Whether the line at hand is to be read once more.
    kept: bool,
}

impl Lines<'_, '_> {
    /// Moves to the next line; false, with an empty line, at the end of the file.
    fn next(&mut self) -> Result<bool, ReadError> {
        if std::mem::take(&mut self.kept) {
            return Ok(true);
        }
        Ok(self.input.next_line(&mut self.text)?.is_some())
    }

    fn unexpected(&self, expected: &str) -> ReadError {
        let found = if self.text.trim().is_empty() {
            "an empty line or the end of the file".to_owned()
        } else {
            quoted(self.text.trim())
        };
        let line = Some(self.input.line());
        self.input.problem(line, expected, found, NEXT)
    }
}

#[cfg(test)]
mod tests {
    use super::super::motifs::motifs_from_bytes;
    use super::*;
    use crate::sites::library::MotifLibrary;

    fn parse(text: &str) -> Result<(MotifLibrary, ReadReport), String> {
        motifs_from_bytes("m.meme", text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn probabilities_are_read_and_log_odds_are_not() -> Result<(), String> {
        let (set, report) = parse(
            "MEME version 4\n\nALPHABET= ACGT\n\nBackground letter frequencies (from x):\n\
             A 0.3 C 0.2 G 0.2 T 0.3\n\nMOTIF MX1 MexR\n\nlog-odds matrix: alength= 4 w= 2 E= 0\n\
             -100 200 -100 0\n 1 2 3 4\n\nletter-probability matrix: alength= 4 w= 2 nsites= 7 E= 1e-3\n\
             0.25 0.25 0.5 0\n0\t1\t0\t0\n\nURL http://x\nMOTIF two\n\
             letter-probability matrix:\n 1 0 0 0\n 0 0 0 1\nMOTIF none\nMOTIF three\n\
             letter-probability matrix: alength= 4 w= 1\n 0 0 1 0\n",
        )?;
        assert_eq!(set.name, "m");
        assert!((set.background[1] - 0.2).abs() < 1e-12);
        let names: Vec<&str> = set.motifs.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["MX1", "two", "three"]);
        assert_eq!(set.motifs[0].alternative, "MexR");
        assert_eq!(set.motifs[0].sites, Some(7.0));
        assert_eq!(set.motifs[0].counts(4.0).consensus(), "VC");
        assert!((set.motifs[0].probabilities[0][2] - 0.5).abs() < 1e-12);
        assert_eq!((set.motifs[1].len(), set.motifs[1].sites), (2, None));
        assert_eq!((report.records, report.skipped_count()), (3, 1));
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let start = "MEME version 4\nALPHABET= ACGT\nMOTIF a\n";
        let block = "letter-probability matrix: alength= 4 w= 2 nsites= 1 E= 0\n";
        for (text, says) in [
            (String::new(), "empty"),
            (">chr\nACGT\n".to_owned(), "found FASTA"),
            ("MEME version 4\n".to_owned(), "at least one motif"),
            (
                "MEME version 4\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n".to_owned(),
                "line 2",
            ),
            (start.to_owned(), "1 left out: no letter-probability matrix"),
            (format!("{start}{block}1 0 0 0\n"), "row 2 of 2"),
            (
                format!("{start}{block}1 0 0 0\n0.5 0 0 0\n"),
                "line 6: expected four probabilities that sum to 1",
            ),
            (format!("{start}{block}1 0 0 0\n-1 2 0 0\n"), "line 6"),
            (format!("{start}{block}1 0 0 0\nnan 0 0 0\n"), "line 6"),
            (
                format!("{start}letter-probability matrix: alength= 20 w= 2\n"),
                "line 4",
            ),
            (
                format!("{start}letter-probability matrix: alength= 4 w= 99999999999\n"),
                "line 4",
            ),
            (
                format!("MEME version 4\n{block}1 0 0 0\n"),
                "line 2: expected a line MOTIF",
            ),
        ] {
            let error = parse(&text).expect_err(&text);
            assert!(error.contains(says), "{error}");
        }
    }
}
