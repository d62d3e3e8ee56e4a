//! JASPAR's motif files, in both forms, and the older one without a header.
//!
//! ```text
//! >MA0001.3 AGL3                        >MA0001.3 AGL3
//! A  [  0   0  82 ]                     0   0  82
//! C  [ 92  79   1 ]                    92  79   1
//! G  [  0   0   2 ]                     0   0   2
//! T  [  3  16  10 ]                     3  16  10
//! ```
//!
//! `lightmotif-io` 0.10 does not read them: it knows whole counts only (averaged and scaled
//! matrices have decimals), stops at an empty line between motifs, and panics at an empty file
//! or at rows of different lengths.

use super::motifs::{BaseRows, Motifs};
use crate::genome::read::error::quoted;
use crate::genome::read::motif_kind::row;
use crate::genome::read::{Input, ReadError};
use crate::sites::motif::Pfm;

const NEXT: &str = "Correct the line, or download the file again.";

/// Reads the motifs as counts; the name of a motif is its whole header.
///
/// # Errors
/// [`ReadError`] naming the line that is wrong.
pub fn counts_from(input: &mut Input<'_>) -> Result<Vec<Pfm>, ReadError> {
    let mut found = Vec::new();
    for_each(input, |pfm, _| {
        found.push(pfm);
        Ok(())
    })?;
    Ok(found)
}

pub(super) fn read(input: &mut Input<'_>, motifs: &mut Motifs) -> Result<(), ReadError> {
    for_each(input, |pfm, input| motifs.push_counts(&pfm, input))
}

fn for_each(
    input: &mut Input<'_>,
    mut keep: impl FnMut(Pfm, &Input<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let (mut text, mut rows) = (String::new(), BaseRows::default());
    // The motif whose header was read and whose rows are still to come; a file may have no header.
    let mut open = Some(input.stem());
    let mut has_header = false;
    while input.next_line(&mut text)?.is_some() {
        let line = text.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(header) = line.strip_prefix('>') {
            if rows.count() > 0 || has_header && open.is_some() {
                return Err(rows.unfinished(input));
            }
            let header = header.trim();
            open = Some(if header.is_empty() { "unnamed" } else { header }.to_owned());
            has_header = true;
            continue;
        }
        let Some((letter, numbers)) = row(line) else {
            let expected = "a row of counts such as A [ 0 3 ], or a header that starts with >";
            return Err(input.problem(Some(input.line()), expected, quoted(line), NEXT));
        };
        if open.is_none() {
            let expected = "a header that starts with > before the next motif";
            return Err(input.problem(Some(input.line()), expected, quoted(line), NEXT));
        }
        rows.add(letter, numbers, input)?;
        if rows.count() == 4 {
            let name = open.take().unwrap_or_default();
            let counts = std::mem::take(&mut rows).by_position();
            keep(Pfm { name, counts }, input)?;
        }
    }
    if rows.count() > 0 || has_header && open.is_some() {
        return Err(rows.unfinished(input));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::motifs::motifs_from_bytes;

    #[test]
    fn both_forms_give_the_same() {
        let brackets = ">MA1 AGL3\nA [ 0 1.5 ]\nG [ 0 0.5 ]\nC [ 4 0 ]\nT [ 0 2 ]\n\n>MA2\nA [1]\nC [1]\nG [1]\nT [1]";
        let bare = ">MA1\tAGL3\r\n0 1.5\r\n4 0\r\n0 0.5\r\n0 2\r\n>MA2\n1\n1\n1\n1\n";
        for text in [brackets, bare] {
            let (library, report) = motifs_from_bytes("x.jaspar", text.as_bytes()).expect(text);
            assert_eq!((library.len(), report.records), (2, 2));
            let first = &library.motifs[0];
            assert_eq!(
                (first.name.as_str(), first.alternative.as_str()),
                ("MA1", "AGL3")
            );
            assert_eq!(
                first.probabilities,
                [[0.0, 1.0, 0.0, 0.0], [0.375, 0.0, 0.125, 0.5]]
            );
            assert_eq!(first.sites, Some(4.0));
        }
        let (one, _) = motifs_from_bytes("crp.pfm", b"1 0\n0 1\n0 0\n0 0\n").expect("no header");
        assert_eq!(one.motifs[0].name, "crp");
        assert_eq!(one.motifs[0].counts(1.0).consensus(), "AC");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let rows = "A [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\n";
        for (text, says) in [
            (format!(">a\n{rows}"), "line 4: expected four rows"),
            (format!(">a\n{rows}>b\n"), "line 5: expected four rows"),
            (format!(">a\n{rows}T [ 1 ]\n"), "line 5: expected 2 numbers"),
            (format!(">a\n{rows}G [ 1 2 ]\n"), "found one more"),
            (format!(">a\n{rows}T [ 1 nan ]\n"), "numbers from 0 on"),
            (format!(">a\n{rows}T [ 1 -1 ]\n"), "found “-1”"),
            (format!(">a\n{rows}T [ 1 x ]\n"), "found “x”"),
            (format!(">a\n{rows}T [ 1 2 ]\n1 2\n"), "before the next"),
            (format!(">a\n{rows}ACGT\n"), "found “ACGT”"),
            (format!(">a\n{rows}T [ 1 2 ]\n>b\n"), "found 0"),
        ] {
            let error = motifs_from_bytes("m", text.as_bytes()).expect_err(&text);
            assert!(error.to_string().contains(says), "{error}");
        }
        let endless = format!(">a\n{}\n", "1 ".repeat(20_000));
        let error = motifs_from_bytes("m", endless.as_bytes()).expect_err("endless");
        assert!(error.to_string().contains("10,000"), "{error}");
    }
}
