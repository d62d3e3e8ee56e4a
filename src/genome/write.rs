//! Writers of genomes and annotation. The same input gives the same bytes.

pub mod anchors;
pub mod annotation;

use super::contig::Genome;
use super::feature::{FeatureKind, FeatureSet};
use super::locus::{Interval, Strand};
use super::read::genes;
use super::read::twobit::MAGIC;
use std::io::{self, Write};

/// Our codes A, C, G, T as theirs: T, C, A, G.
const THEIRS_FROM_OURS: [u8; 4] = [2, 1, 3, 0];

/// Writes UCSC 2bit, version 0, little-endian, without masked runs.
///
/// Names and bases are kept; aliases, descriptions and shapes are not.
///
/// # Errors
/// What `out` gives; a name beyond 255 bytes, or more than 4 GB.
pub fn write_twobit(genome: &Genome, out: &mut impl Write) -> io::Result<()> {
    let too_large = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let word = |number: usize| {
        u32::try_from(number)
            .map(u32::to_le_bytes)
            .map_err(|_| too_large("a genome beyond 4 GB does not fit in 2bit"))
    };
    out.write_all(&MAGIC.to_le_bytes())?;
    out.write_all(&word(0)?)?;
    out.write_all(&word(genome.contigs.len())?)?;
    out.write_all(&word(0)?)?;
    let index_bytes: usize = genome.contigs.iter().map(|c| 1 + c.name.len() + 4).sum();
    let mut offset = 16 + index_bytes;
    for contig in &genome.contigs {
        let name_bytes = u8::try_from(contig.name.len())
            .map_err(|_| too_large("2bit has names of at most 255 bytes"))?;
        out.write_all(&[name_bytes])?;
        out.write_all(contig.name.as_bytes())?;
        out.write_all(&word(offset)?)?;
        offset += 16 + 8 * contig.sequence.unknown_runs().len() + contig.len().div_ceil(4);
    }
    for contig in &genome.contigs {
        let unknown = contig.sequence.unknown_runs();
        out.write_all(&word(contig.len())?)?;
        out.write_all(&word(unknown.len())?)?;
        for run in unknown {
            out.write_all(&word(run.start)?)?;
        }
        for run in unknown {
            out.write_all(&word(run.len())?)?;
        }
        out.write_all(&word(0)?)?;
        out.write_all(&word(0)?)?;
        let theirs: Vec<u8> = contig
            .sequence
            .packed()
            .iter()
            .map(|&b| their_byte(b))
            .collect();
        out.write_all(&theirs)?;
    }
    out.flush()
}

fn their_byte(ours: u8) -> u8 {
    (0..4).fold(0, |byte, base| {
        let code = usize::from(ours >> (2 * base) & 3);
        byte << 2 | THEIRS_FROM_OURS[code]
    })
}

/// Writes FASTA in lines of 70 upper-case letters.
///
/// # Errors
/// What `out` gives.
pub fn write_fasta(genome: &Genome, out: &mut impl Write) -> io::Result<()> {
    const LINE_BP: usize = 70;
    let mut letters = Vec::with_capacity(LINE_BP);
    for contig in &genome.contigs {
        let (name, description) = (&contig.name, contig.description());
        let space = if description.is_empty() { "" } else { " " };
        writeln!(out, ">{name}{space}{description}")?;
        for start in (0..contig.len()).step_by(LINE_BP) {
            letters.clear();
            contig
                .sequence
                .push_ascii(Interval::new(start, start + LINE_BP), &mut letters);
            out.write_all(&letters)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()
}

/// Writes the genes of `features` as a compact table (gzip, see [`genes`]), sorted by place.
///
/// # Errors
/// What `out` gives.
pub fn write_gene_table(
    features: &FeatureSet,
    genome: &Genome,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut table = flate2::GzBuilder::new()
        .mtime(0)
        .write(out, flate2::Compression::best());
    writeln!(table, "{}", genes::FIRST_LINE)?;
    writeln!(table, "{}", genes::COLUMNS.join("\t"))?;
    for gene in features
        .all()
        .iter()
        .filter(|f| f.kind == FeatureKind::Gene)
    {
        let Some(contig) = genome.contigs.get(gene.contig()) else {
            continue;
        };
        let synonyms: Vec<String> = gene.synonyms().map(|s| cell(s).replace('|', " ")).collect();
        writeln!(
            table,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            cell(&contig.name),
            gene.interval.start + 1,
            gene.interval.end,
            gene.strand.map_or('.', Strand::sign),
            cell(gene.name()),
            cell(gene.locus_tag()),
            synonyms.join("|"),
            cell(gene.product()),
        )?;
    }
    table.finish()?.flush()
}

/// Text for one cell of a table: without tabs and line breaks.
#[must_use]
pub fn cell(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}
