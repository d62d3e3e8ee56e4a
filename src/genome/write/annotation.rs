//! Writers of annotation: BED and GFF3, which the readers of annotation read back.

use super::anchors::{gff_seqid, gff_value};
use super::cell;
use crate::genome::contig::Genome;
use crate::genome::feature::{Feature, FeatureKind, FeatureSet};
use crate::genome::locus::Strand;
use std::io::{self, Write};

/// Writes BED with six columns: every feature with its name, the score 0 and its strand.
///
/// # Errors
/// What `out` gives.
pub fn write_annotation_bed(
    features: &FeatureSet,
    genome: &Genome,
    out: &mut impl Write,
) -> io::Result<()> {
    for feature in features.all() {
        let name = match cell(feature.name()) {
            name if name.trim().is_empty() => ".".to_owned(),
            name => name,
        };
        writeln!(
            out,
            "{}\t{}\t{}\t{name}\t0\t{}",
            contig_name(feature, genome),
            feature.interval.start,
            feature.interval.end,
            sign(feature),
        )?;
    }
    out.flush()
}

/// Writes GFF3: genes, CDSs, TSSs, operons, and everything else as `sequence_feature`, with
/// `Name`, `locus_tag`, `gene_synonym` and `product`.
///
/// # Errors
/// What `out` gives.
pub fn write_annotation_gff(
    features: &FeatureSet,
    genome: &Genome,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "##gff-version 3")?;
    for contig in &genome.contigs {
        let name = gff_seqid(&contig.name);
        writeln!(out, "##sequence-region {name} 1 {}", contig.len())?;
    }
    for feature in features.all() {
        let synonyms: Vec<String> = feature.synonyms().map(gff_value).collect();
        let attributes = [
            ("Name", gff_value(feature.name())),
            (
                "gene",
                match feature.kind {
                    FeatureKind::Cds => gff_value(feature.name()),
                    _ => String::new(),
                },
            ),
            ("locus_tag", gff_value(feature.locus_tag())),
            ("gene_synonym", synonyms.join(",")),
            ("product", gff_value(feature.product())),
        ];
        let attributes: Vec<String> = attributes
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        writeln!(
            out,
            "{}\tHeadlight\t{}\t{}\t{}\t.\t{}\t.\t{}",
            gff_seqid(contig_name(feature, genome)),
            type_of(feature.kind),
            feature.interval.start + 1,
            feature.interval.end,
            sign(feature),
            if attributes.is_empty() {
                ".".to_owned()
            } else {
                attributes.join(";")
            },
        )?;
    }
    out.flush()
}

fn contig_name<'g>(feature: &Feature, genome: &'g Genome) -> &'g str {
    let contig = genome.contigs.get(feature.contig());
    contig.map_or("", |contig| contig.name.as_str())
}

fn sign(feature: &Feature) -> char {
    feature.strand.map_or('.', Strand::sign)
}

fn type_of(kind: FeatureKind) -> &'static str {
    match kind {
        FeatureKind::Gene => "gene",
        FeatureKind::Cds => "CDS",
        FeatureKind::Tss => "TSS",
        FeatureKind::Operon => "operon",
        FeatureKind::Other => "sequence_feature",
    }
}
