//! `RegulonDB`'s motifs with the alignments that they were counted from (`PSSM-Dataset`).
//!
//! ```text
//! Transcription Factor ID: ECK120015994
//! Transcription Factor Name: AcrR
//! Total of binding sites: 5
//! PSSM size: 14
//!
//! TACATACATTTGTG
//! …
//! A   0   3   1 …
//! C   2   0   4 …
//! G   1   0   0 …
//! T   2   2   0 …
//! ```
//!
//! No library reads them.

use super::motifs::{BaseRows, Motifs};
use crate::genome::read::error::quoted;
use crate::genome::read::motif_kind::row;
use crate::genome::read::{Input, ReadError};
use crate::sites::motif::Pfm;

/// What stands before the matrix of one motif.
#[derive(Default)]
struct Heading {
    id: String,
    name: String,
    size: Option<usize>,
}

pub(super) fn read(input: &mut Input<'_>, motifs: &mut Motifs) -> Result<(), ReadError> {
    let (mut text, mut rows) = (String::new(), BaseRows::default());
    // The motif whose heading was read and whose matrix is still to come, and its line.
    let mut open: Option<(Heading, usize)> = None;
    while let Some(number) = input.next_line(&mut text)? {
        let line = text.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(id) = line.strip_prefix("Transcription Factor ID:") {
            if rows.count() > 0 {
                return Err(rows.unfinished(input));
            }
            if let Some((_, line)) = open {
                motifs.report.skip("no matrix", line);
            }
            let heading = Heading {
                id: id.trim().to_owned(),
                ..Heading::default()
            };
            open = Some((heading, number));
            continue;
        }
        let Some((heading, _)) = &mut open else {
            continue;
        };
        if let Some(name) = line.strip_prefix("Transcription Factor Name:") {
            name.trim().clone_into(&mut heading.name);
        } else if let Some(size) = line.strip_prefix("PSSM size:") {
            heading.size = size.trim().parse().ok();
        } else if let Some((Some(letter), numbers)) = row(line) {
            rows.add(Some(letter), numbers, input)?;
            let (found, stated) = (rows.width(), heading.size.unwrap_or(rows.width()));
            if found != stated {
                let expected = format!("{stated} counts, the PSSM size");
                let next = "Correct the line, or download the file again.";
                return Err(input.problem(Some(number), expected, found.to_string(), next));
            }
            if rows.count() == 4 {
                let name = format!("{} {}", heading.id, heading.name);
                let counts = std::mem::take(&mut rows).by_position();
                let name = name.trim().to_owned();
                open = None;
                motifs.push_counts(&Pfm { name, counts }, input)?;
            }
        } else if rows.count() > 0 {
            let next = "Correct the line, or download the file again.";
            return Err(input.problem(Some(number), "a row of counts", quoted(line), next));
        }
    }
    if rows.count() > 0 {
        return Err(rows.unfinished(input));
    }
    if let Some((_, line)) = open {
        motifs.report.skip("no matrix", line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::motifs::motifs_from_bytes;

    const HEADING: &str = "# c\nTranscription Factor ID: ECK1\nTranscription Factor Name: AcrR\n\
        Total of binding sites: 2\nPSSM size: 2\n\nTA\nTC\n\n";

    #[test]
    fn the_matrix_is_read_and_the_alignment_passed_over() {
        let text = format!("{HEADING}A\t0\t1\nC\t0\t1\nG\t0\t0\nT\t2\t0\n");
        let (library, report) = motifs_from_bytes("x.txt", text.as_bytes()).expect("read");
        let motif = &library.motifs[0];
        assert_eq!(
            (motif.name.as_str(), motif.alternative.as_str()),
            ("ECK1", "AcrR")
        );
        assert_eq!((motif.sites, report.skipped_count()), (Some(2.0), 0));
        assert_eq!(motif.counts(2.0).consensus(), "TM");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (rows, says) in [
            ("A\t0\n", "line 10: expected 2 counts, the PSSM size"),
            ("A\t0\t1\nC\t0\t1\n", "line 11: expected four rows"),
            ("A\t0\t1\nTA\n", "line 11: expected a row of counts"),
            ("A\t0\t-1\n", "found “-1”"),
            ("", "none (1 left out: no matrix)"),
        ] {
            let text = format!("{HEADING}{rows}");
            let error = motifs_from_bytes("m", text.as_bytes()).expect_err(&text);
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
