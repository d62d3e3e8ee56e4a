//! Tells the formats of motif files apart.

use super::kind::FileKind;

/// Lines that are not empty within which a format must show itself.
const LINES_LOOKED_AT: usize = 200;

/// The motif format whose first lines these are; MEME is told by its first line, elsewhere.
pub(super) fn kind_of<'a>(lines: impl Iterator<Item = &'a str>) -> Option<FileKind> {
    let lines: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(LINES_LOOKED_AT)
        .collect();
    let any = |test: fn(&str) -> bool| lines.iter().any(|line| test(line));
    let first = *lines.first()?;
    if any(|line| line.starts_with("PSSM size:")) {
        Some(FileKind::RegulonDbPssm)
    } else if tag(first).is_some() && any(|line| transfac_columns(line).is_some()) {
        Some(FileKind::Transfac)
    } else if lines
        .windows(2)
        .any(|pair| pair[0].starts_with("A:") && pair[1].starts_with("C:") && is_row(pair[0]))
    {
        Some(FileKind::Uniprobe)
    } else if first.starts_with('>') && lines.get(1).is_some_and(|line| is_row(line))
        || lines.len() == 4 && lines.iter().all(|line| is_bare_row(line))
    {
        Some(FileKind::Jaspar)
    } else {
        None
    }
}

/// The two letters that a line of TRANSFAC starts with.
#[must_use]
pub fn tag(line: &str) -> Option<&str> {
    let tag = line.split_whitespace().next()?;
    let is_tag = tag.len() == 2
        && tag
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'/');
    is_tag.then_some(tag)
}

/// The letters that head the counts of a TRANSFAC motif: what follows `P0` or `PO`. More columns,
/// such as `cons` and `inf`, may follow.
#[must_use]
pub fn transfac_columns(line: &str) -> Option<Vec<&str>> {
    let mut words = line.split_whitespace();
    let starts = matches!(words.next(), Some("P0" | "PO"));
    let letters: Vec<&str> = words.take(4).collect();
    let is_letter = |word: &&str| matches!(*word, "A" | "C" | "G" | "T" | "U");
    (starts && letters.len() == 4 && letters.iter().all(is_letter)).then_some(letters)
}

/// Splits a line such as `A [ 1 2 ]`, `A: 0.1 0.2`, `A | 1 2` or `1 2` into the place of its
/// letter in A, C, G, T and the text of its numbers. `None` where the first word after the letter
/// is no number.
#[must_use]
pub fn row(line: &str) -> Option<(Option<usize>, &str)> {
    let line = line.trim();
    let letter = line.bytes().next().and_then(|letter| match letter {
        b'A' | b'a' => Some(0),
        b'C' | b'c' => Some(1),
        b'G' | b'g' => Some(2),
        b'T' | b't' | b'U' | b'u' => Some(3),
        _ => None,
    });
    let rest = match letter {
        Some(_) => {
            let rest = &line[1..];
            let separated = rest.starts_with([' ', '\t', '[', ':', '|']);
            separated.then(|| {
                rest.trim_start()
                    .trim_start_matches([':', '|'])
                    .trim_start()
            })?
        }
        None => line,
    };
    let numbers = match rest.strip_prefix('[') {
        Some(inside) => inside.strip_suffix(']')?,
        None => rest,
    };
    let numbers = numbers.trim();
    let first = numbers.split_whitespace().next()?;
    first.parse::<f64>().ok()?;
    Some((letter, numbers))
}

fn is_row(line: &str) -> bool {
    row(line).is_some()
}

/// Numbers alone, and no interval on a contig that is called by a number.
fn is_bare_row(line: &str) -> bool {
    // A BED record of more columns has a strand in the sixth.
    const MOST_NUMBERS: usize = 5;
    let words = line.split_whitespace();
    let all_numbers = words.clone().all(|word| word.parse::<f64>().is_ok());
    all_numbers && (words.count() > MOST_NUMBERS || !super::bed::looks_like_record(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_all_formats_are_split() {
        assert_eq!(row("A  [ 1 2.5 ]"), Some((Some(0), "1 2.5")));
        assert_eq!(row("g [1]"), Some((Some(2), "1")));
        assert_eq!(row("T:\t0.1\t0.2"), Some((Some(3), "0.1\t0.2")));
        assert_eq!(row("C | 3 4"), Some((Some(1), "3 4")));
        assert_eq!(row(" 3 4 "), Some((None, "3 4")));
        for line in [
            "ACGT", "A C G T", "A", "", "A [ 1 2", "A []", "é 1", "chr 1",
        ] {
            assert_eq!(row(line), None, "{line}");
        }
    }

    #[test]
    fn motifs_are_told_from_what_looks_like_them() {
        let kind = |text: &str| FileKind::of(text.as_bytes());
        let rows = "1 0\n0 1\n0 0\n0 0\n";
        for text in [
            format!(">MA0001.3 AGL3\n{rows}"),
            ">x\n\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]\n".to_owned(),
            rows.to_owned(),
        ] {
            assert_eq!(kind(&text), FileKind::Jaspar, "{text}");
        }
        assert_eq!(
            kind("Gata3\nA:\t1\nC:\t0\nG:\t0\nT:\t0\n"),
            FileKind::Uniprobe
        );
        assert_eq!(
            kind("AC  x\nXX\nPO\tA\tC\tG\tT\n01\t1\t0\t0\t0\n//\n"),
            FileKind::Transfac
        );
        assert_eq!(
            kind("# x\n\nTranscription Factor ID: E\nPSSM size: 3\n"),
            FileKind::RegulonDbPssm
        );
        assert_eq!(kind(">chr\nACGT\n"), FileKind::Fasta);
        assert_eq!(kind(">chr\nA C G T\n"), FileKind::Fasta);
        assert_eq!(kind("chr\t1\t2\nchr\t3\t4\n"), FileKind::Bed);
        assert_eq!(kind(&"1\t5\t9\n".repeat(4)), FileKind::Bed);
        assert_eq!(kind("ID   x; SV 1\nXX\nSQ   Sequence\n"), FileKind::Unknown);
    }
}
