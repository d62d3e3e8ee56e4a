//! Sites as GFF3.

use super::sites::{evidence_word, strand_signs};
use crate::genome::Genome;
use crate::genome::write::anchors::{gff_seqid, gff_value};
use crate::sites::site::{Site, SiteSet};
use std::io::{self, Write};

/// Writes GFF3 features of type `TF_binding_site` (SO:0000235).
///
/// Attributes: `tf`, and where they are known `effect`, `evidence`, `target_gene` (several
/// separated by commas), `sequence` and `references`. They are read back. A site on both strands is
/// two lines.
///
/// # Errors
/// What `out` gives.
pub fn write_site_gff(sites: &SiteSet, genome: &Genome, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "##gff-version 3")?;
    for site in &sites.sites {
        for sign in strand_signs(site) {
            write_line(site, sign, genome, out)?;
        }
    }
    out.flush()
}

fn write_line(site: &Site, sign: char, genome: &Genome, out: &mut impl Write) -> io::Result<()> {
    let contig = genome.contigs.get(site.contig());
    write!(
        out,
        "{}\tHeadlight\tTF_binding_site\t{}\t{}\t.\t{sign}\t.\tName={tf};tf={tf}",
        contig.map(|c| gff_seqid(&c.name)).unwrap_or_default(),
        site.interval.start + 1,
        site.interval.end,
        tf = gff_value(site.tf()),
    )?;
    let targets: Vec<String> = site.targets().map(gff_value).collect();
    for (name, value) in [
        ("effect", site.effect.sign().to_owned()),
        ("evidence", evidence_word(site.evidence).to_owned()),
        ("target_gene", targets.join(",")),
        ("sequence", gff_value(site.sequence())),
        (
            "references",
            gff_value(&site.references()).replace("%3B", ","),
        ),
    ] {
        if !value.is_empty() {
            write!(out, ";{name}={value}")?;
        }
    }
    writeln!(out)
}
