//! Writers of motif files: MEME (minimal, version 4) and JASPAR.

use crate::sites::motif::{Background, Pfm, Ppm};
use std::io::{self, Write};

/// Writes `motifs` as a minimal MEME file.
///
/// `background` is the one that the motifs were judged against. Spaces in names become underscores.
/// Numbers have six decimals, or as many as it takes to read the same number back.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_meme(out: &mut impl Write, motifs: &[Ppm], background: &Background) -> io::Result<()> {
    let [a, c, g, t] = background.map(|share| number(share, 5));
    writeln!(out, "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n")?;
    writeln!(out, "Background letter frequencies")?;
    writeln!(out, "A {a} C {c} G {g} T {t}")?;
    for motif in motifs {
        write!(out, "\nMOTIF {}", word(&motif.name))?;
        if !motif.alternative.is_empty() {
            write!(out, " {}", word(&motif.alternative))?;
        }
        write!(
            out,
            "\nletter-probability matrix: alength= 4 w= {}",
            motif.len()
        )?;
        if let Some(sites) = motif.sites {
            write!(out, " nsites= {sites}")?;
        }
        writeln!(out, " E= 0")?;
        for row in &motif.probabilities {
            let [a, c, g, t] = row.map(|probability| number(probability, 6));
            writeln!(out, " {a}  {c}  {g}  {t}")?;
        }
    }
    Ok(())
}

/// Writes `motifs` in JASPAR's format: four rows of counts a motif, each count in full.
///
/// The header is the name with its line breaks as spaces.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_jaspar(out: &mut impl Write, motifs: &[Pfm]) -> io::Result<()> {
    for motif in motifs {
        writeln!(out, ">{}", header(&motif.name))?;
        for (index, letter) in ["A", "C", "G", "T"].iter().enumerate() {
            write!(out, "{letter}  [")?;
            for counts in &motif.counts {
                write!(out, " {:>6}", counts[index])?;
            }
            writeln!(out, " ]")?;
        }
    }
    Ok(())
}

/// `share` with `decimals` decimals where they say it exactly, else with all that it takes.
fn number(share: f64, decimals: usize) -> String {
    let short = format!("{share:.decimals$}");
    if short.parse() == Ok(share) {
        short
    } else {
        share.to_string()
    }
}

/// `name` on one line; it is never empty.
fn header(name: &str) -> String {
    let name = name.replace(char::is_control, " ");
    match name.trim() {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

/// `name` without anything that would end a word of the file; a name is never empty.
fn word(name: &str) -> String {
    if name.trim().is_empty() {
        return "unnamed".to_owned();
    }
    name.trim()
        .chars()
        .map(|c| if c.is_whitespace() { '_' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites::motif::UNIFORM;

    fn motif() -> Pfm {
        Pfm {
            name: "L2H1 box".to_owned(),
            counts: vec![[3.0, 1.0, 0.0, 0.0], [0.0, 0.5, 0.0, 3.5]],
        }
    }

    #[test]
    fn meme_is_what_readers_expect() -> io::Result<()> {
        let mut out = Vec::new();
        write_meme(&mut out, &[motif().probabilities(0.0, &UNIFORM)], &UNIFORM)?;
        let text = String::from_utf8_lossy(&out);
        assert_eq!(
            text,
            "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n\
             Background letter frequencies\nA 0.25000 C 0.25000 G 0.25000 T 0.25000\n\
             \nMOTIF L2H1_box\nletter-probability matrix: alength= 4 w= 2 nsites= 4 E= 0\n \
             0.750000  0.250000  0.000000  0.000000\n 0.000000  0.125000  0.000000  0.875000\n"
        );
        Ok(())
    }

    #[test]
    fn jaspar_has_one_row_a_base() -> io::Result<()> {
        let mut out = Vec::new();
        write_jaspar(&mut out, &[motif()])?;
        assert_eq!(
            String::from_utf8_lossy(&out),
            ">L2H1 box\nA  [      3      0 ]\nC  [      1    0.5 ]\nG  [      0      0 ]\nT  [      0    3.5 ]\n"
        );
        Ok(())
    }
}
