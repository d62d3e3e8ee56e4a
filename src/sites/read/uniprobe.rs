//! `UniPROBE`'s motif files: a title, then a row of probabilities a base.
//!
//! ```text
//! Gata3   Seed k-mer: AGATAAGA
//! A:  0.179  0.210
//! C:  0.268  0.218
//! G:  0.383  0.352
//! T:  0.170  0.220
//! ```
//!
//! Files of single proteins hold several matrices; the one under “Probability matrix” counts.
//! `lightmotif-io` 0.10 does not read them: it panics where a title has no rows or spaces stand
//! for tabs, and keeps 32-bit numbers.

use super::motifs::{BaseRows, Motifs};
use crate::genome::read::error::quoted;
use crate::genome::read::motif_kind::row;
use crate::genome::read::{Input, ReadError};
use crate::sites::motif::Ppm;

/// How far a position may be from summing to 1: files round to two decimals.
const SUM_TOLERANCE: f64 = 0.02;

pub(super) fn read(input: &mut Input<'_>, motifs: &mut Motifs) -> Result<(), ReadError> {
    let (mut text, mut rows) = (String::new(), BaseRows::default());
    let mut title = String::new();
    while input.next_line(&mut text)?.is_some() {
        let line = text.trim();
        if line.is_empty() {
            continue;
        }
        let labelled = row(line).filter(|(letter, _)| letter.is_some());
        let Some((letter, numbers)) = labelled else {
            if rows.count() > 0 {
                return Err(unfinished(input, quoted(line)));
            }
            line.clone_into(&mut title);
            continue;
        };
        if is_other_matrix(&title) {
            if letter == Some(0) {
                motifs.report.skip("no probabilities", input.line());
            }
            continue;
        }
        rows.add(letter, numbers, input)?;
        if rows.count() == 4 {
            let motif = motif(&title, &std::mem::take(&mut rows), input)?;
            motifs.push(motif, input)?;
        }
    }
    if rows.count() > 0 {
        return Err(unfinished(input, "the end of the file".to_owned()));
    }
    Ok(())
}

/// Whether the rows under `title` are scores or energies.
fn is_other_matrix(title: &str) -> bool {
    let title = title.to_ascii_lowercase();
    title.starts_with("enrichment score matrix") || title.contains("for enologos")
}

fn motif(title: &str, rows: &BaseRows, input: &Input<'_>) -> Result<Ppm, ReadError> {
    let mut probabilities = rows.by_position();
    for row in &mut probabilities {
        let sum: f64 = row.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(input.problem(
                Some(input.line()),
                "probabilities of A, C, G and T that sum to 1",
                format!("{sum}"),
                "Correct the matrix, or download the file again.",
            ));
        }
        *row = row.map(|probability| probability / sum);
    }
    let mut words = title.split_whitespace();
    let first = words.next().unwrap_or_default();
    // `Protein: Gata3` names it in the second word; a title of the matrix names nothing.
    let name = match first {
        "Protein:" => words.next().unwrap_or_default(),
        "Probability" => "",
        _ => first,
    };
    let name = if name.is_empty() {
        input.stem()
    } else {
        name.to_owned()
    };
    Ok(Ppm {
        name,
        probabilities,
        ..Ppm::default()
    })
}

fn unfinished(input: &Input<'_>, found: String) -> ReadError {
    input.problem(
        Some(input.line()),
        "four rows of probabilities a motif, for A, C, G and T",
        found,
        "The file may be cut short: download it again.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::motifs::motifs_from_bytes;

    const ROWS: &str = "A:\t0.1\t0.7\nC:\t0.2\t0.1\nG:\t0.3\t0.1\nT:\t0.4\t0.1\n";

    #[test]
    fn titles_name_the_motifs() {
        let text = format!(
            "Protein: Gata3\tSeed k-mer: AGATAAGA\n{ROWS}\nArid3a\n{}",
            ROWS.replace('\t', " ").trim_end()
        );
        let (library, _) = motifs_from_bytes("x.uniprobe", text.as_bytes()).expect("read");
        let names: Vec<&str> = library.motifs.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["Gata3", "Arid3a"]);
        for motif in &library.motifs {
            assert_eq!(motif.counts(10.0).consensus(), "tA");
            assert_eq!((motif.len(), motif.sites), (2, None));
        }
    }

    #[test]
    fn the_probability_matrix_of_a_protein_is_its_motif() {
        let scores = "A:\t9\t9\nC:\t1\t1\nG:\t1\t1\nT:\t1\t1\n";
        let text = format!(
            "Enrichment Score Matrix\n\n{scores}\nEnergy matrix for enoLOGOS\n\nPO\t1\t2\n{scores}\nProbability matrix\n\n{ROWS}"
        );
        let text = text.replace("PO\t1\t2\n", "");
        let (library, report) = motifs_from_bytes("Gata3.pwm", text.as_bytes()).expect("read");
        assert_eq!((library.len(), report.skipped_count()), (1, 2));
        assert_eq!(library.motifs[0].name, "Gata3");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, says) in [
            (
                "x\nA: 1\nC: 0\nG: 0\n",
                "line 4: expected four rows of probabilities",
            ),
            ("x\nA: 1\nC: 0\ny\n", "found “y”"),
            ("x\nA: 1\nC: 0\nG: 0\nT: 1\n", "line 5: expected probab"),
            ("x\nA: 1\nC: 0\nG: 0\nG: 0\n", "found one more"),
            ("x\nA: 1\nC: inf\n", "found “inf”"),
        ] {
            let error = motifs_from_bytes("m", text.as_bytes()).expect_err(text);
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
