//! Writers of anchors and of peaks, which are anchors with a probability: BED, GFF3 and a table.
//! The readers of anchors read all three back.

use super::cell;
use crate::genome::anchor::Anchor;
use crate::genome::contig::Genome;
use std::io::{self, Write};

/// An anchor to be written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnchorRow {
    /// Where.
    pub anchor: Anchor,
    /// How likely it is, where it was predicted.
    pub probability: Option<f32>,
}

impl From<Anchor> for AnchorRow {
    fn from(anchor: Anchor) -> Self {
        Self {
            anchor,
            probability: None,
        }
    }
}

fn contig_name(row: &AnchorRow, genome: &Genome) -> String {
    let contig = genome.contigs.get(row.anchor.contig);
    contig.map(|contig| cell(&contig.name)).unwrap_or_default()
}

/// Writes BED with six columns: intervals of one base, called `TSS`, with a score of a thousand
/// times the probability (0 where there is none).
///
/// # Errors
/// What `out` gives.
pub fn write_anchor_bed(
    rows: &[AnchorRow],
    genome: &Genome,
    out: &mut impl Write,
) -> io::Result<()> {
    for row in rows {
        let score = (1_000.0 * row.probability.unwrap_or(0.0)).round();
        let (name, start) = (contig_name(row, genome), row.anchor.position);
        let (end, sign) = (start + 1, row.anchor.strand.sign());
        writeln!(out, "{name}\t{start}\t{end}\tTSS\t{score:.0}\t{sign}")?;
    }
    out.flush()
}

/// Writes GFF3 features of type `TSS` (SO:0000315), with the probability as score.
///
/// # Errors
/// What `out` gives.
pub fn write_anchor_gff(
    rows: &[AnchorRow],
    genome: &Genome,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "##gff-version 3")?;
    for row in rows {
        let score = row.probability.map_or(".".to_owned(), |p| p.to_string());
        let (name, position) = (contig_name(row, genome), row.anchor.position + 1);
        let sign = row.anchor.strand.sign();
        writeln!(
            out,
            "{}\tHeadlight\tTSS\t{position}\t{position}\t{score}\t{sign}\t.\tName=TSS",
            gff_seqid(&name)
        )?;
    }
    out.flush()
}

/// Writes a table with the columns contig, position (1-based), strand and, where one has it,
/// probability.
///
/// # Errors
/// What `out` gives.
pub fn write_anchor_table(
    rows: &[AnchorRow],
    genome: &Genome,
    out: &mut impl Write,
) -> io::Result<()> {
    let stated = |row: &AnchorRow| row.probability.is_some();
    let with_probability = rows.is_empty() || rows.iter().any(stated);
    let more = if with_probability {
        "\tprobability"
    } else {
        ""
    };
    writeln!(out, "contig\tposition\tstrand{more}")?;
    for row in rows {
        let (name, position) = (contig_name(row, genome), row.anchor.position + 1);
        write!(out, "{name}\t{position}\t{}", row.anchor.strand.sign())?;
        match row.probability {
            Some(probability) => writeln!(out, "\t{probability}")?,
            None if with_probability => writeln!(out, "\t")?,
            None => writeln!(out)?,
        }
    }
    out.flush()
}

/// A sequence's name as GFF3 writes it: what it does not allow becomes %XX.
#[must_use]
pub fn gff_seqid(name: &str) -> String {
    escaped(name, |c| {
        c.is_ascii_alphanumeric() || ".:^*$@!+_?-|".contains(c) || !c.is_ascii()
    })
}

/// The value of a GFF3 attribute: tabs, line ends and `%;=&,` become %XX.
#[must_use]
pub fn gff_value(text: &str) -> String {
    escaped(text, |c| !c.is_control() && !"%;=&,".contains(c))
}

fn escaped(text: &str, is_plain: impl Fn(char) -> bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                // Writing into a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
