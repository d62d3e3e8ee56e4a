//! Writers of sites. The same sites give the same bytes.

use crate::genome::write::cell;
use crate::genome::{Genome, Strand};
use crate::sites::site::{Evidence, Site, SiteSet};
use std::io::{self, Write};

/// Writes a tab-separated table that [`crate::sites::read`] reads back, sorted by place.
///
/// Columns: contig, left and right (1-based, inclusive), strand (`.` where none, `both` where both),
/// tf, effect, evidence, targets (separated by `|`), sequence, references.
///
/// # Errors
/// What `out` gives.
pub fn write_site_table(sites: &SiteSet, genome: &Genome, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "contig\tleft\tright\tstrand\ttf\teffect\tevidence\ttargets\tsequence\treferences"
    )?;
    for site in &sites.sites {
        let targets: Vec<String> = site.targets().map(|t| cell(t).replace('|', " ")).collect();
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            contig_name(site, genome),
            site.interval.start + 1,
            site.interval.end,
            site.strand_word(),
            cell(site.tf()),
            site.effect.sign(),
            evidence_word(site.evidence),
            targets.join("|"),
            site.sequence(),
            cell(&site.references()),
        )?;
    }
    out.flush()
}

/// Writes BED with six columns: the name is the transcription factor, the score 0. A site on both
/// strands is two lines.
///
/// # Errors
/// What `out` gives.
pub fn write_site_bed(sites: &SiteSet, genome: &Genome, out: &mut impl Write) -> io::Result<()> {
    for site in &sites.sites {
        for sign in strand_signs(site) {
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t0\t{sign}",
                contig_name(site, genome),
                site.interval.start,
                site.interval.end,
                cell(site.tf()),
            )?;
        }
    }
    out.flush()
}

fn contig_name(site: &Site, genome: &Genome) -> String {
    genome
        .contigs
        .get(site.contig())
        .map(|contig| cell(&contig.name))
        .unwrap_or_default()
}

/// The strands of a site as track formats write them, which know no “both”.
pub(super) fn strand_signs(site: &Site) -> Vec<char> {
    match site.strand {
        _ if site.on_both_strands => Strand::BOTH.map(Strand::sign).to_vec(),
        Some(strand) => vec![strand.sign()],
        None => vec!['.'],
    }
}

pub(super) fn evidence_word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Unknown => "",
        Evidence::Weak => "weak",
        Evidence::Strong => "strong",
        Evidence::Confirmed => "confirmed",
    }
}
