//! Locations of GenBank features: `complement(join(<1..20,30..>45))` and the like.

use crate::genome::locus::{Interval, Strand};

/// Where a feature lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its parts on this sequence in the order of the file, 0-based half-open; never empty.
    pub parts: Vec<Interval>,
    /// Its strand; `None` where its parts lie on both.
    pub strand: Option<Strand>,
}

/// Why a location has no bases here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLocation {
    /// `12^13`: between two bases.
    Between,
    /// Only on other sequences: `J00194.1:100..202`.
    Elsewhere,
    /// Not a location.
    Wrong,
}

/// Reads a location without recursion, so that nesting costs no stack.
///
/// # Errors
/// [`NoLocation`].
pub fn parse(text: &str) -> Result<Location, NoLocation> {
    let mut parts = Vec::new();
    let mut strands = Vec::new();
    let (mut between, mut elsewhere) = (false, false);
    // Whether each open bracket complements.
    let mut open: Vec<bool> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix(')') {
            open.pop().ok_or(NoLocation::Wrong)?;
            rest = after;
            continue;
        }
        let end = rest.find(['(', ')', ',']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() && after.is_empty() {
            break;
        }
        if let Some(inside) = after.strip_prefix('(') {
            open.push(match word.trim() {
                "complement" => true,
                "join" | "order" | "bond" | "one-of" | "gap" => false,
                _ => return Err(NoLocation::Wrong),
            });
            rest = inside;
            continue;
        }
        rest = after;
        if word.contains(':') {
            elsewhere = true;
        } else if word.contains('^') {
            between = true;
        } else {
            parts.push(span(word.trim()).ok_or(NoLocation::Wrong)?);
            let reverse = open.iter().filter(|complement| **complement).count() % 2 == 1;
            strands.push(if reverse {
                Strand::Reverse
            } else {
                Strand::Forward
            });
        }
    }
    if !open.is_empty() {
        return Err(NoLocation::Wrong);
    }
    let Some(&strand) = strands.first() else {
        return Err(match (between, elsewhere) {
            (true, _) => NoLocation::Between,
            (_, true) => NoLocation::Elsewhere,
            _ => NoLocation::Wrong,
        });
    };
    let strand = strands.iter().all(|s| *s == strand).then_some(strand);
    Ok(Location { parts, strand })
}

/// `12`, `12..20`, `<12..>20`, `12.20`.
fn span(word: &str) -> Option<Interval> {
    let number = |text: &str| text.trim_matches(['<', '>']).parse::<usize>().ok();
    let (first, last) = match word.split_once("..").or_else(|| word.split_once('.')) {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(word)?, number(word)?),
    };
    Interval::from_closed(first, last)
}

impl Location {
    /// The stretches that it spans on a sequence of `length_bp`: one, or two where it crosses the
    /// origin of a circle.
    #[must_use]
    pub fn hulls(&self, length_bp: usize, circular: bool) -> Vec<Interval> {
        let mut parts = self.parts.clone();
        parts.sort_unstable();
        let hull = |parts: &[Interval]| {
            let start = parts.iter().map(|part| part.start).min().unwrap_or(0);
            let end = parts.iter().map(|part| part.end).max().unwrap_or(0);
            Interval::new(start, end)
        };
        let whole = hull(&parts);
        let at_both_ends = parts.len() > 1 && whole.start == 0 && whole.end == length_bp;
        if !(circular && at_both_ends) {
            return vec![whole];
        }
        let gap = (1..parts.len()).max_by_key(|&i| {
            let before = hull(&parts[..i]).end;
            parts[i].start.saturating_sub(before)
        });
        match gap {
            Some(gap) if parts[gap].start > hull(&parts[..gap]).end => {
                vec![hull(&parts[gap..]), hull(&parts[..gap])]
            }
            _ => vec![whole],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_read() {
        let read = |text: &str| parse(text).map(|l| (l.parts, l.strand));
        let at = |start, end| Interval::new(start, end);
        let (forward, reverse) = (Some(Strand::Forward), Some(Strand::Reverse));
        assert_eq!(read("467"), Ok((vec![at(466, 467)], forward)));
        assert_eq!(read("<345..>500"), Ok((vec![at(344, 500)], forward)));
        assert_eq!(
            read("complement(join(1..3,7..9))"),
            Ok((vec![at(0, 3), at(6, 9)], reverse))
        );
        assert_eq!(
            read("join(complement(4918..5163),J00194.1:1..9, complement(2691..4571))"),
            Ok((vec![at(4917, 5163), at(2690, 4571)], reverse))
        );
        assert_eq!(
            read("join(1..3,complement(5..6))"),
            Ok((vec![at(0, 3), at(4, 6)], None))
        );
        assert_eq!(read("123^124"), Err(NoLocation::Between));
        assert_eq!(read("J00194.1:100..202"), Err(NoLocation::Elsewhere));
        for wrong in [
            "",
            "x",
            "5..2",
            "0..2",
            "join(1..2",
            "1..2)",
            "fold(1..2)",
            "1..2..3",
        ] {
            assert_eq!(read(wrong), Err(NoLocation::Wrong), "{wrong}");
        }
        let deep = format!(
            "{}1..2{}",
            "complement(".repeat(100_000),
            ")".repeat(100_000)
        );
        assert_eq!(read(&deep), Ok((vec![at(0, 2)], forward)));
    }

    #[test]
    fn a_circle_is_crossed_in_two_stretches() {
        let location = parse("join(90..100,1..10)").expect("fine");
        assert_eq!(
            location.hulls(100, true),
            [Interval::new(89, 100), Interval::new(0, 10)]
        );
        assert_eq!(location.hulls(100, false), [Interval::new(0, 100)]);
        assert_eq!(location.hulls(200, true), [Interval::new(0, 100)]);
    }
}
