//! Sites as GFF3.

use crate::genome::write::anchors::{gff_seqid, gff_value};
use crate::genome::{Genome, Strand};
use crate::sites::site::{Evidence, SiteSet};
use std::io::{self, Write};

/// Writes GFF3 features of type `TF_binding_site` (SO:0000235).
///
/// Attributes: `tf`, and where they are known `effect`, `evidence`, `target_gene` (several
/// separated by commas) and `sequence`. They are read back.
///
/// # Errors
/// What `out` gives.
pub fn write_site_gff(sites: &SiteSet, genome: &Genome, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "##gff-version 3")?;
    for site in &sites.sites {
        let contig = genome.contigs.get(site.contig);
        write!(
            out,
            "{}\tHeadlight\tTF_binding_site\t{}\t{}\t.\t{}\t.\tName={tf};tf={tf}",
            contig.map(|c| gff_seqid(&c.name)).unwrap_or_default(),
            site.interval.start + 1,
            site.interval.end,
            site.strand.map_or('.', Strand::sign),
            tf = gff_value(&site.tf),
        )?;
        let evidence = match site.evidence {
            Evidence::Unknown => "",
            Evidence::Weak => "weak",
            Evidence::Strong => "strong",
            Evidence::Confirmed => "confirmed",
        };
        let targets: Vec<String> = site.targets.iter().map(|t| gff_value(t)).collect();
        for (name, value) in [
            ("effect", gff_value(&site.effect)),
            ("evidence", evidence.to_owned()),
            ("target_gene", targets.join(",")),
            ("sequence", gff_value(&site.sequence)),
        ] {
            if !value.is_empty() {
                write!(out, ";{name}={value}")?;
            }
        }
        writeln!(out)?;
    }
    out.flush()
}
