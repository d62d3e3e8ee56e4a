//! GenBank features as features of a genome.

use super::location::NoLocation;
use super::raw_feature::RawFeature;
use crate::genome::feature::{Feature, FeatureKind, FeatureNames};
use crate::genome::locus::Interval;
use crate::genome::read::collected::{Collected, Entry, once_each};
use crate::genome::read::gff::{five_prime_base, is_tss};
use crate::genome::read::report::ReadReport;

/// Keys that only repeat what others say, or span a whole sequence.
const NOT_SHOWN: [&str; 5] = ["source", "exon", "intron", "mRNA", "assembly_gap"];

/// The sequence that features lie on.
#[derive(Clone, Copy)]
pub struct On {
    /// Index of its contig.
    pub contig: usize,
    /// Its length; `usize::MAX` while that is not known.
    pub length_bp: usize,
    /// Whether its last base is followed by the first.
    pub circular: bool,
}

/// Features while they are read.
#[derive(Default)]
pub struct Placed {
    collected: Collected,
    /// The furthest end on the present contig, and its line.
    pub furthest: Option<(usize, usize)>,
}

impl Placed {
    /// Takes a feature of the present record.
    pub fn add(&mut self, raw: &RawFeature, line: usize, on: On, report: &mut ReadReport) {
        if NOT_SHOWN.contains(&raw.key.as_str()) {
            let reason = format!("type {}, not shown by itself", raw.key);
            report.skip(reason, line);
            return;
        }
        match raw.no_place {
            Some(NoLocation::Elsewhere) => report.skip("on another sequence", line),
            Some(_) => report.skip("a point between two bases", line),
            None => {
                report.records += 1;
                for interval in raw.location.hulls(on.length_bp, on.circular) {
                    self.furthest = self.furthest.max(Some((interval.end, line)));
                    self.collected.add(Entry {
                        feature: feature(raw, on.contig, interval),
                        id: String::new(),
                        parent: String::new(),
                    });
                }
            }
        }
    }

    /// All features, with the products of genes.
    pub fn finish(self, report: &mut ReadReport) -> Vec<Feature> {
        self.collected.finish(report)
    }
}

fn feature(raw: &RawFeature, contig: usize, interval: Interval) -> Feature {
    let kind = match raw.key.as_str() {
        "gene" => FeatureKind::Gene,
        "CDS" => FeatureKind::Cds,
        "operon" => FeatureKind::Operon,
        key if is_tss(key) => FeatureKind::Tss,
        _ => FeatureKind::Other,
    };
    let order: &[&str] = match kind {
        FeatureKind::Operon => &["operon", "standard_name", "note"],
        FeatureKind::Gene | FeatureKind::Cds => &[
            "gene",
            "standard_name",
            "locus_tag",
            "label",
            "protein_id",
            "product",
        ],
        _ => &[
            "gene",
            "standard_name",
            "label",
            "operon",
            "bound_moiety",
            "mobile_element_type",
            "note",
            "product",
            "rpt_family",
            "locus_tag",
        ],
    };
    let mut names = order.iter().map(|name| raw.first(name));
    let name = names.find(|name| !name.is_empty());
    // Synonyms share one qualifier, separated by semicolons.
    let synonyms = raw.all("gene_synonym").flat_map(|names| names.split(';'));
    let other = raw.all("old_locus_tag").chain(raw.all("protein_id"));
    let interval = match kind {
        FeatureKind::Tss => five_prime_base(interval, raw.location.strand),
        _ => interval,
    };
    Feature::new(kind, contig, interval, raw.location.strand).with_names(FeatureNames {
        name: name.unwrap_or(&raw.key),
        synonyms: &once_each(synonyms.chain(other).map(|name| name.trim().to_owned())),
        locus_tag: raw.first("locus_tag"),
        product: raw.first("product"),
    })
}
