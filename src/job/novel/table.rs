//! Novel sites as tables and tracks.

use super::NovelRule;
use crate::analysis::peaks::SUPPRESSION_BP;
use crate::genome::write::anchors::{gff_seqid, gff_value};
use crate::genome::write::cell;
use std::io::{self, Write};

/// A peak of attention where nothing is known. Positions are 1-based and inclusive.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NovelSite {
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// The head as `L1H1`.
    pub name: String,
    /// Name of the contig.
    pub contig: String,
    /// First base.
    pub left: usize,
    /// Last base; the peak lies in the middle.
    pub right: usize,
    /// The strand that was read.
    pub strand: char,
    /// The statistic at the peak.
    pub score: f32,
    /// Estimated false discovery rate at this score, for this head.
    pub fdr: f64,
    /// The nearest gene.
    pub gene: Option<String>,
    /// Bases to it; 0 inside.
    pub gene_distance: Option<usize>,
    /// The nearest start site that it may act on, or else the nearest.
    pub tss: Option<usize>,
    /// Its strand.
    pub tss_strand: Option<char>,
    /// Where the peak lies relative to it; +1 is the start site, there is no 0.
    pub tss_position: Option<isize>,
    /// Whether it is annotated; else the model predicts it.
    pub tss_is_known: Option<bool>,
}

/// How the peaks of one head fall.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadCounts {
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// The head as `L1H1`.
    pub name: String,
    /// Peaks in −10 and −35 boxes of known or predicted promoters, which are left out.
    pub in_sigma_boxes: usize,
    /// Peaks at known sites and in no such box, which are left out.
    pub at_known_sites: usize,
    /// All other peaks.
    pub targets: usize,
    /// The same in shuffled genomes, for as many free bases.
    pub decoys: f64,
    /// The lowest score that passes.
    pub threshold: Option<f32>,
    /// Targets that pass.
    pub passing: usize,
    /// Peaks at known sites that reach the same score.
    pub known_passing: usize,
}

impl HeadCounts {
    /// How many times as often peaks that pass lie at known sites as peaks of any height do.
    ///
    /// `None` where none passes, or none lies at a known site.
    #[must_use]
    pub fn known_enrichment(&self) -> Option<f64> {
        let share = |known: usize, others: usize| known as f64 / (known + others) as f64;
        (self.passing + self.known_passing > 0 && self.at_known_sites > 0).then(|| {
            share(self.known_passing, self.passing) / share(self.at_known_sites, self.targets)
        })
    }
}

/// What was found, and how.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Novel {
    /// The sites, best first.
    pub sites: Vec<NovelSite>,
    /// One row a head.
    pub heads: Vec<HeadCounts>,
    /// How it was done.
    pub rule: NovelRule,
    /// Why these heads, in words.
    pub chosen: String,
    /// Bases between genes that are free of what is known; both strands are read.
    pub searched_bp: usize,
    /// Regions between genes that were searched.
    pub regions: usize,
    /// Known sites.
    pub known_sites: usize,
    /// Known start sites.
    pub known_promoters: usize,
    /// Start sites that the model predicts beside the regions.
    pub predicted_promoters: usize,
    /// Different places among the sites: those nearer than the suppression distance are one,
    /// whatever head and strand.
    pub places: usize,
}

impl Novel {
    /// Ranks the sites and counts places.
    pub(super) fn finish(&mut self) {
        self.sites.sort_by(|a, b| {
            let place = |site: &NovelSite| (site.contig.clone(), site.left, site.layer, site.head);
            (a.fdr.total_cmp(&b.fdr))
                .then(b.score.total_cmp(&a.score))
                .then_with(|| place(a).cmp(&place(b)))
        });
        let mut lefts: Vec<(&str, usize)> = self
            .sites
            .iter()
            .map(|site| (site.contig.as_str(), site.left))
            .collect();
        lefts.sort_unstable();
        let starts_new = |pair: &&[(&str, usize)]| {
            pair[0].0 != pair[1].0 || pair[1].1 - pair[0].1 > SUPPRESSION_BP
        };
        self.places = usize::from(!lefts.is_empty()) + lefts.windows(2).filter(starts_new).count();
    }

    /// Writes the sites, tab-separated with a header; `NA` where there is no value.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_tsv(&self, out: &mut impl Write) -> io::Result<()> {
        fn optional<T: ToString>(value: Option<T>) -> String {
            value.map_or_else(|| "NA".to_owned(), |value| value.to_string())
        }
        writeln!(
            out,
            "layer\thead\tname\tcontig\tleft\tright\tstrand\tscore\tfdr\tgene\tgene_distance\ttss\ttss_strand\ttss_position\ttss_is_known"
        )?;
        for site in &self.sites {
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                site.layer,
                site.head,
                site.name,
                cell(&site.contig),
                site.left,
                site.right,
                site.strand,
                site.score,
                site.fdr as f32,
                optional(site.gene.as_deref().map(cell)),
                optional(site.gene_distance),
                optional(site.tss),
                optional(site.tss_strand),
                optional(site.tss_position),
                optional(site.tss_is_known),
            )?;
        }
        out.flush()
    }

    /// Writes BED with six columns: the name is the head, the score 1,000 times (1 − false discovery
    /// rate).
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_bed(&self, out: &mut impl Write) -> io::Result<()> {
        for site in &self.sites {
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{:.0}\t{}",
                cell(&site.contig),
                site.left - 1,
                site.right,
                site.name,
                1_000.0 * (1.0 - site.fdr).clamp(0.0, 1.0),
                site.strand,
            )?;
        }
        out.flush()
    }

    /// Writes GFF3 features of type `binding_site` (SO:0000409) with the statistic as score, and
    /// head, rate, gene and start site as attributes.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_gff(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "##gff-version 3")?;
        for site in &self.sites {
            write!(
                out,
                "{}\tHeadlight\tbinding_site\t{}\t{}\t{}\t{}\t.\tName={name};head={name};fdr={}",
                gff_seqid(&site.contig),
                site.left,
                site.right,
                site.score,
                site.strand,
                site.fdr as f32,
                name = site.name,
            )?;
            if let Some(gene) = &site.gene {
                write!(out, ";nearest_gene={}", gff_value(gene))?;
            }
            if let (Some(tss), Some(strand), Some(position)) =
                (site.tss, site.tss_strand, site.tss_position)
            {
                write!(out, ";tss={tss}{strand};tss_position={position}")?;
            }
            writeln!(out)?;
        }
        out.flush()
    }

    /// What was searched, found and left out, for people.
    #[must_use]
    pub fn caption(&self) -> String {
        use crate::genome::locus::grouped;
        let NovelRule { decoys, .. } = self.rule;
        let fdr = self.rule.fdr as f32;
        format!(
            "{} peaks of {} heads at {} places pass at a false discovery rate of {fdr}, head by head, against {decoys} shuffled \
             genome{}. Searched: {} free bases in {} regions between genes, both strands, heads {}. Left out: {} known sites and \
             the −10 and −35 boxes of {} known and {} predicted promoters. A peak that passes is more than \
             dinucleotides explain; that a protein binds there is not shown.",
            grouped(self.sites.len()),
            self.heads.iter().filter(|head| head.passing > 0).count(),
            grouped(self.places),
            if decoys == 1 { "" } else { "s" },
            grouped(self.searched_bp),
            grouped(self.regions),
            self.chosen,
            grouped(self.known_sites),
            grouped(self.known_promoters),
            grouped(self.predicted_promoters),
        )
    }
}
