//! From what people type to a place: `366,305`, `NC_000913.3:366,305-366,400`, `lacZ`, `lacZ-lacI`.

pub use super::complete::{Suggestion, complete};

use super::contig::Genome;
use super::feature::{Feature, FeatureSet};
use super::locus::{Interval, Locus, Strand, grouped};

/// Why a text names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// Nothing was typed.
    #[error("type a position (366,305), a range (366,305-366,400) or a gene (lacZ)")]
    Empty,
    /// No contig, gene or position reads like this.
    #[error("nothing here is called “{text}”{}", hint(near))]
    NotFound {
        /// What was typed.
        text: String,
        /// Names that look similar, best first.
        near: Vec<String>,
    },
    /// No contig has this name.
    #[error("the genome has no sequence “{text}”{}", hint(near))]
    NoContig {
        /// What was typed before the colon.
        text: String,
        /// Names that look similar, or the first ones.
        near: Vec<String>,
    },
    /// A position beyond the end, or zero.
    #[error("{contig} has positions 1 to {}; {} lies outside", grouped(*length_bp), grouped(*position))]
    Outside {
        /// The contig.
        contig: String,
        /// Its number of bases.
        length_bp: usize,
        /// The 1-based position that was typed.
        position: usize,
    },
    /// A bare position in a genome of several contigs.
    #[error("the genome has {contigs} sequences: write {example}:{position} to say which one")]
    WhichContig {
        /// How many there are.
        contigs: usize,
        /// The name of one.
        example: String,
        /// What was typed.
        position: String,
    },
    /// The two ends of a range lie on different contigs.
    #[error("{first} and {last} lie on different sequences")]
    DifferentContigs {
        /// The first end.
        first: String,
        /// The last end.
        last: String,
    },
}

fn hint(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(", "))
    }
}

/// Longer texts are no names.
pub(super) const LONGEST_TEXT_BYTES: usize = 300;

/// Similar names in an error, at most.
const NAMES_OFFERED: usize = 4;

/// The place that `text` names.
///
/// Positions are 1-based, ranges inclusive, with `-`, `–`, `..` or `:` between; separators inside
/// numbers do not matter. Names are those of contigs, genes (also synonyms and locus tags, any
/// case) and other features; `lacZ-lacI` is all from the one to the other. A position alone is one
/// base; a contig alone is all of it; a trailing `(+)` or `(-)` sets the strand.
///
/// # Errors
/// [`FindError`] in plain words, with similar names.
pub fn find(text: &str, genome: &Genome, features: &FeatureSet) -> Result<Locus, FindError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FindError::Empty);
    }
    if text.len() > LONGEST_TEXT_BYTES {
        return Err(FindError::NotFound {
            text: text.chars().take(30).chain(['…']).collect(),
            near: Vec::new(),
        });
    }
    let (text, strand) = without_strand(text);
    let mut locus = place(text, genome, features)?;
    locus.strand = strand.or(locus.strand);
    Ok(locus)
}

fn without_strand(text: &str) -> (&str, Option<Strand>) {
    let strand = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('))
        .and_then(|(rest, sign)| Strand::from_sign(sign.trim()).map(|strand| (rest, strand)));
    match strand {
        Some((rest, strand)) => (rest.trim_end(), Some(strand)),
        None => (text, None),
    }
}

fn place(text: &str, genome: &Genome, features: &FeatureSet) -> Result<Locus, FindError> {
    if let Some((first, last)) = numbers(text) {
        let contig = only_contig(text, genome)?;
        return range(contig, first, last, genome);
    }
    if let Some(locus) = named(text, genome, features) {
        return Ok(locus);
    }
    let mut unknown = None;
    for (at, _) in text.match_indices(':') {
        let (name, rest) = (text[..at].trim(), &text[at + 1..]);
        let Some((first, last)) = numbers(rest) else {
            continue;
        };
        match contig_called(name, genome) {
            Some(contig) => return range(contig, first, last, genome),
            None => unknown = Some(no_contig(name, genome)),
        }
    }
    if let Some(error) = unknown {
        return Err(error);
    }
    if let Some(locus) = span(text, genome, features)? {
        return Ok(locus);
    }
    Err(FindError::NotFound {
        text: text.to_owned(),
        near: similar(text, genome, features),
    })
}

/// One number or a range of two, 1-based; a reversed range is turned round.
fn numbers(text: &str) -> Option<(usize, usize)> {
    if let Some(position) = number(text) {
        return Some((position, position));
    }
    ["..", "-", "–", "−", ":"].iter().find_map(|between| {
        let (first, last) = text.split_once(between)?;
        let (first, last) = (number(first)?, number(last)?);
        Some((first.min(last), first.max(last)))
    })
}

/// Digits with separators: `366,305`, `366 305`, `366_305`, with or without `bp` behind.
fn number(text: &str) -> Option<usize> {
    let text = text.trim();
    let text = text.strip_suffix("bp").unwrap_or(text).trim_end();
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.ends_with([',', '_', '\'']) {
        return None;
    }
    let separator = |c: char| matches!(c, ',' | '_' | '\'') || c.is_whitespace();
    let digits: String = text.chars().filter(|&c| !separator(c)).collect();
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().unwrap_or(usize::MAX))
}

fn only_contig(text: &str, genome: &Genome) -> Result<usize, FindError> {
    let contigs = &genome.contigs;
    match contigs.len() {
        1 => Ok(0),
        several => Err(FindError::WhichContig {
            contigs: several,
            example: contigs.first().map(|c| c.name.clone()).unwrap_or_default(),
            position: text.to_owned(),
        }),
    }
}

fn range(contig: usize, first: usize, last: usize, genome: &Genome) -> Result<Locus, FindError> {
    let length_bp = genome.contigs[contig].len();
    let outside = |position| FindError::Outside {
        contig: genome.contigs[contig].name.clone(),
        length_bp,
        position,
    };
    match Interval::from_closed(first, last) {
        Some(interval) if last <= length_bp => Ok(Locus {
            contig,
            interval,
            strand: None,
        }),
        Some(_) => Err(outside(last)),
        None => Err(outside(first)),
    }
}

fn contig_called(name: &str, genome: &Genome) -> Option<usize> {
    genome.contig_index(name).or_else(|| {
        genome.contigs.iter().position(|contig| {
            contig.name.eq_ignore_ascii_case(name)
                || contig
                    .aliases()
                    .any(|alias| alias.eq_ignore_ascii_case(name))
        })
    })
}

fn no_contig(text: &str, genome: &Genome) -> FindError {
    let names = genome.contigs.iter().map(|contig| contig.name.as_str());
    let mut near = nearest(text, names.clone());
    if near.is_empty() {
        near = names.take(NAMES_OFFERED).map(str::to_owned).collect();
    }
    FindError::NoContig {
        text: text.to_owned(),
        near,
    }
}

/// A feature or a contig with exactly this name.
fn named(text: &str, genome: &Genome, features: &FeatureSet) -> Option<Locus> {
    if let Some(feature) = features.called(text).first() {
        return Some(locus(feature));
    }
    let contig = contig_called(text, genome)?;
    Some(Locus {
        contig,
        interval: Interval::new(0, genome.contigs[contig].len()),
        strand: None,
    })
}

fn locus(feature: &Feature) -> Locus {
    Locus {
        contig: feature.contig(),
        interval: feature.interval,
        strand: feature.strand,
    }
}

/// All from one name to another; `None` where no way to part the text gives two names.
fn span(text: &str, genome: &Genome, features: &FeatureSet) -> Result<Option<Locus>, FindError> {
    for between in ["..", "–", "-"] {
        for (at, _) in text.match_indices(between) {
            let (first, last) = (text[..at].trim(), text[at + between.len()..].trim());
            let ends = named(first, genome, features).zip(named(last, genome, features));
            let Some((a, b)) = ends else { continue };
            if a.contig != b.contig {
                return Err(FindError::DifferentContigs {
                    first: first.to_owned(),
                    last: last.to_owned(),
                });
            }
            return Ok(Some(Locus {
                contig: a.contig,
                interval: Interval::new(
                    a.interval.start.min(b.interval.start),
                    a.interval.end.max(b.interval.end),
                ),
                strand: a.strand.filter(|_| a.strand == b.strand),
            }));
        }
    }
    Ok(None)
}

fn similar(text: &str, genome: &Genome, features: &FeatureSet) -> Vec<String> {
    let contigs = genome.contigs.iter().map(|contig| contig.name.as_str());
    let names = features
        .all()
        .iter()
        .flat_map(|f| [f.name(), f.locus_tag()].into_iter().chain(f.synonyms()));
    nearest(text, names.chain(contigs))
}

/// The names closest to `text`: same beginning first, then fewest typing errors.
fn nearest<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let wanted = text.to_lowercase();
    let allowed = (wanted.chars().count() / 3).clamp(1, 2);
    let mut found: Vec<(usize, &str)> = names
        .filter(|name| !name.is_empty())
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let errors = typing_errors(&wanted, &lower, allowed);
            match errors {
                Some(errors) => Some((errors, name)),
                None if lower.starts_with(&wanted) => Some((allowed + 1, name)),
                None => None,
            }
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1.len(), a.1).cmp(&(b.0, b.1.len(), b.1)));
    found.dedup();
    found
        .into_iter()
        .map(|(_, name)| name.to_owned())
        .take(NAMES_OFFERED)
        .collect()
}

/// Letters to insert, delete, replace or swap to get from one text to the other; `None` beyond `allowed`.
fn typing_errors(from: &str, to: &str, allowed: usize) -> Option<usize> {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    if from.len().abs_diff(to.len()) > allowed {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, &a) in from.iter().enumerate() {
        let mut row = vec![i + 1; to.len() + 1];
        for (j, &b) in to.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == to[j - 1] && from[i - 1] == b {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|&errors| errors <= allowed)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::genome::{Base, Contig, FeatureKind, FeatureNames};

    fn gene(name: &str, tag: &str, first: usize, last: usize, strand: Strand) -> Feature {
        let interval = Interval::from_closed(first, last).expect("ordered");
        Feature::new(FeatureKind::Gene, 0, interval, Some(strand)).with_names(FeatureNames {
            name,
            synonyms: &[format!("{name}_old")],
            locus_tag: tag,
            product: &format!("product of {name}"),
        })
    }

    pub(in crate::genome) fn example() -> (Genome, FeatureSet) {
        let contig = Contig {
            name: "NC_1.1".to_owned(),
            sequence: std::iter::repeat_n(Base::A, 500_000).collect(),
            ..Contig::default()
        };
        let features = FeatureSet::new(vec![
            gene("lacZ", "b0344", 363_231, 366_305, Strand::Reverse),
            gene("lacI", "b0345", 366_428, 367_510, Strand::Reverse),
            gene("rrn-16S", "x", 10, 20, Strand::Forward),
        ]);
        (Genome::new("test", vec![contig]), features)
    }

    fn found(text: &str) -> Result<(usize, usize, Option<Strand>), FindError> {
        let (genome, features) = example();
        find(text, &genome, &features).map(|l| (l.interval.start + 1, l.interval.end, l.strand))
    }

    #[test]
    fn positions_and_ranges_in_every_spelling() {
        for text in [
            "NC_1.1:366,305-366,400",
            "366305..366400",
            "366,305-366,400",
            "chr:366305-366400",
            " 366 305 – 366 400 ",
            "366400-366305",
            "NC_1:366_305..366_400",
            "CHROMOSOME:366305:366400",
            "366,305-366,400 bp",
        ] {
            assert_eq!(found(text), Ok((366_305, 366_400, None)), "{text}");
        }
        assert_eq!(found("366305"), Ok((366_305, 366_305, None)));
        assert_eq!(
            found("366305(-)"),
            Ok((366_305, 366_305, Some(Strand::Reverse)))
        );
        assert_eq!(found("NC_1.1"), Ok((1, 500_000, None)));
    }

    #[test]
    fn names_and_spans() {
        let reverse = Some(Strand::Reverse);
        for text in ["lacZ", "LACZ", "b0344", "lacZ_old"] {
            assert_eq!(found(text), Ok((363_231, 366_305, reverse)), "{text}");
        }
        assert_eq!(found("lacZ-lacI"), Ok((363_231, 367_510, reverse)));
        assert_eq!(found("lacI - b0344"), Ok((363_231, 367_510, reverse)));
        assert_eq!(found("rrn-16S"), Ok((10, 20, Some(Strand::Forward))));
        assert_eq!(found("rrn-16S-lacZ"), Ok((10, 366_305, None)));
    }

    #[test]
    fn errors_say_what_to_type() {
        let told = |text: &str| found(text).expect_err(text).to_string();
        assert_eq!(
            told("lacY"),
            "nothing here is called “lacY”; did you mean lacI, lacZ?"
        );
        assert_eq!(told("lca"), "nothing here is called “lca”");
        assert!(told("lacx").contains("lacI, lacZ"));
        assert!(told("la").contains("lacI"));
        assert_eq!(
            told("500001"),
            "NC_1.1 has positions 1 to 500,000; 500,001 lies outside"
        );
        assert_eq!(
            told("0"),
            "NC_1.1 has positions 1 to 500,000; 0 lies outside"
        );
        assert_eq!(
            told("NC_2.1:5"),
            "the genome has no sequence “NC_2.1”; did you mean NC_1.1?"
        );
        assert!(told("  ").starts_with("type a position"));
        assert!(told("999999999999999999999999").contains("lies outside"));
        let (mut genome, features) = example();
        genome.contigs.push(Contig::default());
        let error = find("12", &genome, &features)
            .expect_err("two contigs")
            .to_string();
        assert_eq!(
            error,
            "the genome has 2 sequences: write NC_1.1:12 to say which one"
        );
    }
}
