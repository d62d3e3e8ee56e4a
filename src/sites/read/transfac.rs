//! TRANSFAC's motif files, as `RegulonDB` and JASPAR write them too, with whole or decimal counts.
//!
//! ```text
//! AC  M00001
//! ID  CRP
//! P0      A      C      G      T
//! 01    1.0    2.0    2.0    0.0      S
//! XX
//! //
//! ```
//!
//! `lightmotif-io` reads each record; what it does not check or say is added here: the line of a
//! mistake, counts below 0 or not finite, and line tags that it stops at.

use super::motifs::{LONGEST_MOTIF, Motifs};
use crate::genome::read::error::quoted;
use crate::genome::read::motif_kind::{tag, transfac_columns};
use crate::genome::read::{Input, ReadError};
use crate::sites::motif::Pfm;
use lightmotif::abc::{Dna, Nucleotide, Symbol as _};
use lightmotif_io::error::Error;
use lightmotif_io::transfac::{Reader, Record};
use std::fmt::Write as _;

/// Tags that are handed on; the others (comments, dates, references) are of no use here.
const TAGS: [&str; 5] = ["AC", "ID", "NA", "P0", "PO"];
const ORDER: [Nucleotide; 4] = [Nucleotide::A, Nucleotide::C, Nucleotide::G, Nucleotide::T];
const NEXT: &str = "Correct the line, or download the file again.";

/// The lines of one record that matter, and where they stand.
#[derive(Default)]
struct Lines {
    text: String,
    /// 1-based line of the file, for each line of `text`.
    numbers: Vec<usize>,
    has_matrix: bool,
    is_version: bool,
}

pub(super) fn read(input: &mut Input<'_>, motifs: &mut Motifs) -> Result<(), ReadError> {
    let (mut text, mut record) = (String::new(), Lines::default());
    while let Some(number) = input.next_line(&mut text)? {
        let line = text.trim();
        if line.starts_with("//") {
            finish(std::mem::take(&mut record), input, motifs)?;
            continue;
        }
        let columns = transfac_columns(line);
        let tag = tag(line).unwrap_or_default();
        if matches!(tag, "P0" | "PO") && columns.is_none() {
            let expected = "P0 with the letters A, C, G and T: motifs of DNA";
            return Err(input.problem(Some(number), expected, quoted(line), NEXT));
        }
        let is_row = record.has_matrix && line.starts_with(|c: char| c.is_ascii_digit());
        record.has_matrix |= columns.is_some();
        record.is_version |= tag == "VV";
        if is_row || TAGS.contains(&tag) {
            if record.numbers.len() > LONGEST_MOTIF {
                let next = "Check that this is the right file.";
                return Err(input.problem(Some(number), "at most 10,000 positions", "more", next));
            }
            match columns {
                // Further columns are not for the reader of records.
                Some(letters) => {
                    record.text.push_str("P0 ");
                    record.text.push_str(&letters.join(" "));
                }
                None => record.text.push_str(line),
            }
            record.text.push('\n');
            record.numbers.push(number);
        }
    }
    if record.has_matrix {
        finish(record, input, motifs)?;
    }
    Ok(())
}

/// Reads one record and keeps its motif.
fn finish(mut record: Lines, input: &Input<'_>, motifs: &mut Motifs) -> Result<(), ReadError> {
    if !record.has_matrix {
        if !record.is_version {
            let line = record.numbers.first().copied().unwrap_or(input.line());
            motifs.report.skip("no matrix", line);
        }
        return Ok(());
    }
    record.text.push_str("//\n");
    let wrong = |line: Option<usize>, found: String| {
        let expected = "a position with four counts from 0 on, such as 01 1.0 2.0 2.0 0.0 S";
        input.problem(line, expected, found, NEXT)
    };
    let read = Reader::<_, Dna>::new(record.text.as_bytes()).next();
    let read = match read {
        Some(Ok(read)) => read,
        Some(Err(error)) => {
            let (index, found) = place(&error, &record.text);
            let line = record.numbers.get(index).copied();
            return Err(wrong(line, found));
        }
        None => return Ok(()),
    };
    let mut counts = Vec::new();
    for (position, row) in read
        .data()
        .into_iter()
        .flat_map(|data| data.iter().enumerate())
    {
        let row = ORDER.map(|base| decimal(row[base.as_index()]));
        if !row.iter().all(|count| (0.0..=1e300).contains(count)) {
            // The rows are the last lines.
            let rows = read.data().map_or(0, lightmotif::dense::DenseMatrix::rows);
            let line = record.numbers.len() - rows.min(record.numbers.len()) + position;
            return Err(wrong(record.numbers.get(line).copied(), format!("{row:?}")));
        }
        counts.push(row);
    }
    let name = name(&read);
    motifs.push_counts(&Pfm { name, counts }, input)
}

/// The line of the record, 0-based, that the reader stopped at, and what it starts with.
fn place(error: &Error, text: &str) -> (usize, String) {
    match error {
        Error::Nom(stopped) => {
            let left = &stopped.input;
            let read = &text[..text.len().saturating_sub(left.len())];
            let line = left.lines().next().unwrap_or_default();
            (read.matches('\n').count(), quoted(line.trim()))
        }
        other => (0, quoted(&other.to_string())),
    }
}

/// The decimal that was read as a 32-bit number: 0.1, not 0.100000001.
fn decimal(count: f32) -> f64 {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write!(text, "{count}");
    text.parse().unwrap_or(f64::NAN)
}

/// Its identifier, and behind a space its other name where that is another.
fn name(record: &Record<Dna>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in [record.accession(), record.id(), record.name()] {
        let name = name.unwrap_or_default().trim();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => "unnamed".to_owned(),
        [one] => (*one).to_owned(),
        [first, other, ..] => format!("{} {other}", first.replace(char::is_whitespace, "_")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::motifs::motifs_from_bytes;

    const HEAD: &str =
        "AC  M1\nXX\nID  V$MYOD_01\nXX\nTY  Motif\n\nP0      A      C      G      T\n";

    #[test]
    fn records_are_read_whatever_stands_between() {
        let text = format!(
            "VV  Release 9\nXX\n//\n{HEAD}01  0.1 1.9 2 0 S\n2 4 0 0 0\nXX\nCC  x\n//\nID only\nXX\n//\n\
             ID\tArnt\nPO\tA\tT\tG\tC\n1\t0\t3\t0\t1\n"
        );
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let (library, report) = motifs_from_bytes("x.tf", text.as_bytes()).expect("read");
            let names: Vec<_> = library
                .motifs
                .iter()
                .map(|m| (m.name.as_str(), m.alternative.as_str()))
                .collect();
            assert_eq!(names, [("M1", "V$MYOD_01"), ("Arnt", "")]);
            assert_eq!(report.skipped_count(), 1, "{report}");
            assert_eq!(
                library.motifs[0].probabilities,
                [[0.025, 0.475, 0.5, 0.0], [1.0, 0.0, 0.0, 0.0]]
            );
            assert_eq!(
                library.motifs[1].probabilities,
                [[0.0, 0.25, 0.0, 0.75]],
                "the letters say which column is which"
            );
        }
    }

    #[test]
    fn columns_behind_the_counts_are_passed_over() {
        let text = "//\nNA  CRP\nPO  A  C  G  T  cons  inf\n01  0.5  0.25  0.25  0  A  0.5\n//\n";
        let (library, _) = motifs_from_bytes("x", text.as_bytes()).expect("read");
        assert_eq!(library.motifs[0].name, "CRP");
        assert_eq!(library.motifs[0].probabilities, [[0.5, 0.25, 0.25, 0.0]]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (rows, says) in [
            ("01 1 2 3\n", "line 8: expected a position"),
            ("01 1 2 3 4\n02 1 x 3 4\n", "line 9: expected a position"),
            ("01 1 2 3 4\n02 1 nan 3 4\n", "line 9: expected a position"),
            ("01 1 2 3 4\n02 1 -1 3 4\n03 1 1 1 1\n", "line 9: expected"),
            ("01 1 2 3 4\n//\nP0 A R N D\n//\n", "line 10: expected P0"),
        ] {
            let text = format!("{HEAD}{rows}//\n");
            let error = motifs_from_bytes("m", text.as_bytes()).expect_err(&text);
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
