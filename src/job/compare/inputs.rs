//! Checksums of what is compared: a file that was changed under its name is another one.

use super::known_start_sites;
use crate::genome::FeatureSet;
use crate::job::figure_page::sites_checksum;
use crate::job::open::AnchorFile;
use crate::sites::SiteSet;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The entries of a comparison's provenance that say what was compared, beside the names.
pub const CHECKSUMS: [&str; 3] = ["sites sha256", "evidence sha256", "start sites sha256"];

/// SHA-256 of the places of sites, of what is said of them, and of the start sites with the words that say where they
/// come from; start sites that the model itself predicts follow from genome and model. In the order of [`CHECKSUMS`].
#[must_use]
pub fn checksums(
    sites: &SiteSet,
    anchors: Option<&AnchorFile>,
    features: &FeatureSet,
) -> [String; 3] {
    let mut said = Sha256::new();
    for site in &sites.sites {
        let (strand, evidence, effect) = (site.strand_word(), site.evidence, site.effect);
        said.update(format!("{strand}\t{evidence:?}\t{effect:?}"));
        for target in site.targets() {
            said.update(format!("\t{target}"));
        }
        said.update("\n");
    }
    let starts = known_start_sites(anchors, features).map(|(anchors, words)| {
        let mut sum = Sha256::new();
        sum.update(words);
        for anchor in anchors {
            sum.update(format!(
                "\n{}\t{}\t{}",
                anchor.contig,
                anchor.position,
                anchor.strand.sign()
            ));
        }
        hex(sum)
    });
    [
        sites_checksum(sites),
        hex(said),
        starts.unwrap_or_else(|| "predicted".to_owned()),
    ]
}

fn hex(sum: Sha256) -> String {
    sum.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Anchor, Interval, Strand};
    use crate::sites::{Evidence, Site};

    #[test]
    fn what_was_changed_under_its_name_is_another() {
        let set = |start, evidence| {
            let mut site = Site::new("CRP", 0, Interval::new(start, 120), None);
            site.evidence = evidence;
            SiteSet::new("sites".to_owned(), vec![site])
        };
        let starts = |position| {
            let anchor = Anchor {
                contig: 0,
                position,
                strand: Strand::Forward,
            };
            AnchorFile::new("starts".to_owned(), vec![anchor])
        };
        let none = FeatureSet::default();
        let sums = |sites, starts: Option<AnchorFile>| checksums(&sites, starts.as_ref(), &none);
        let own = sums(set(100, Evidence::Weak), Some(starts(160)));
        assert_eq!(own, sums(set(100, Evidence::Weak), Some(starts(160))));
        let differ = |other: [String; 3]| [0, 1, 2].map(|index| own[index] != other[index]);
        let moved = sums(set(101, Evidence::Weak), Some(starts(160)));
        assert_eq!(differ(moved), [true, false, false]);
        let supported = sums(set(100, Evidence::Strong), Some(starts(160)));
        assert_eq!(differ(supported), [false, true, false]);
        let shifted = sums(set(100, Evidence::Weak), Some(starts(161)));
        assert_eq!(differ(shifted), [false, false, true]);
        let predicted = sums(set(100, Evidence::Weak), None);
        assert_eq!(differ(predicted), [false, false, true]);
    }
}
