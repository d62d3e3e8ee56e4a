//! Patterns of bases in IUPAC codes, found on both strands.

use super::contig::Contig;
use super::locus::{Interval, Strand};
use bio::alphabets::dna;

/// Bases that a pattern may have at most.
pub const LONGEST_PATTERN_BP: usize = 128;

/// Why a text is no pattern of bases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing was typed.
    #[error("type the bases to look for, such as TTGACA or TGTGANNNNNNTCACA")]
    Empty,
    /// A letter that is no IUPAC code.
    #[error(
        "“{letter}” (letter {place}) is no base: a pattern has the letters ACGTU and RYSWKMBDHVN"
    )]
    Letter {
        /// The letter.
        letter: char,
        /// Its 1-based place.
        place: usize,
    },
    /// Longer than [`LONGEST_PATTERN_BP`].
    #[error("the pattern has {length} bases; look for {LONGEST_PATTERN_BP} at most")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// Only N: it would be found everywhere.
    #[error("a pattern of N alone is found everywhere: name at least one base")]
    Everywhere,
}

/// A pattern of bases; each place allows some of A, C, G and T.
///
/// An unknown base of the genome fits N alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    length: usize,
    forward: Masks,
    reverse: Masks,
}

/// For each base, in the order of [`super::Base`], the places that allow it.
type Masks = [u128; 5];

/// One place where a pattern fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct PatternHit {
    /// The first base on the forward strand, 0-based. On a circle the hit may reach across the origin.
    pub start: usize,
    /// The strand on which the pattern reads; `None` where it reads the same on both.
    pub strand: Option<Strand>,
}

impl PatternHit {
    /// The bases up to the end of the contig.
    #[must_use]
    pub fn interval(&self, pattern: &Pattern, contig_bp: usize) -> Interval {
        Interval::new(self.start, (self.start + pattern.length).min(contig_bp))
    }
}

impl Pattern {
    /// Reads a pattern in either case, spaces left out. A number repeats the letter before it: `N17`.
    ///
    /// # Errors
    /// [`PatternError`] in plain words.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let letters = text.chars().filter(|c| !c.is_whitespace());
        let text: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let (text, length) = written_out(&text)?;
        if length == 0 {
            return Err(PatternError::Empty);
        }
        if length > LONGEST_PATTERN_BP {
            return Err(PatternError::TooLong { length });
        }
        let allowed: Vec<u8> = text.chars().filter_map(bases_of).collect();
        if allowed.iter().all(|set| *set == ANY) {
            return Err(PatternError::Everywhere);
        }
        let reversed: Vec<u8> = dna::revcomp(text.replace('U', "T").as_bytes())
            .into_iter()
            .map(dna::iupac_mask)
            .collect();
        Ok(Self {
            text,
            length,
            forward: masks(&allowed),
            reverse: masks(&reversed),
        })
    }

    /// The pattern in capitals, with every letter written out.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of bases, at least 1.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a pattern is never empty")]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it reads the same on both strands.
    #[must_use]
    pub fn is_palindrome(&self) -> bool {
        self.forward == self.reverse
    }

    /// The hits that begin (on the forward strand) within `starts`, from left to right.
    ///
    /// On a circular contig hits may reach across the origin.
    #[must_use]
    pub fn hits(&self, contig: &Contig, starts: Interval) -> Vec<PatternHit> {
        let length_bp = contig.len();
        let starts = starts.intersection(Interval::new(0, length_bp));
        if starts.is_empty() || (contig.circular && self.length > length_bp) {
            return Vec::new();
        }
        let end = starts.end + self.length - 1;
        let mut bases = contig
            .sequence
            .bases(Interval::new(starts.start, end.min(length_bp)));
        if contig.circular && end > length_bp {
            bases.extend(contig.sequence.bases(Interval::new(0, end - length_bp)));
        }
        let last = 1_u128 << (self.length - 1);
        let (mut forward, mut reverse) = (0_u128, 0_u128);
        let palindrome = self.is_palindrome();
        let mut hits = Vec::new();
        for (index, base) in bases.iter().enumerate() {
            let base = *base as usize;
            forward = (forward << 1 | 1) & self.forward[base];
            reverse = (reverse << 1 | 1) & self.reverse[base];
            let found = [
                (forward, (!palindrome).then_some(Strand::Forward)),
                (if palindrome { 0 } else { reverse }, Some(Strand::Reverse)),
            ];
            for (state, strand) in found {
                if state & last != 0 {
                    let start = starts.start + index + 1 - self.length;
                    hits.push(PatternHit { start, strand });
                }
            }
        }
        hits
    }
}

/// All four bases.
const ANY: u8 = 0b1111;

/// The bases of an IUPAC code: bit 0 is A, 1 is C, 2 is G, 3 is T.
fn bases_of(letter: char) -> Option<u8> {
    let code = u8::try_from(letter).ok()?;
    let set = dna::iupac_mask(if letter == 'U' { b'T' } else { code });
    (set != 0).then_some(set)
}

/// The letters, each as often as the number behind it says, and how many those are. No more than the longest
/// pattern are written out.
fn written_out(text: &str) -> Result<(String, usize), PatternError> {
    let (mut out, mut length) = (String::new(), 0_usize);
    let mut letters = text.chars().enumerate().peekable();
    while let Some((index, letter)) = letters.next() {
        let place = index + 1;
        bases_of(letter).ok_or(PatternError::Letter { letter, place })?;
        let mut count = 0_usize;
        while let Some((_, digit)) =
            letters.next_if(|(_, next)| next.is_ascii_digit() && (count > 0 || *next != '0'))
        {
            let digit = digit.to_digit(10).unwrap_or(0) as usize;
            count = count.saturating_mul(10).saturating_add(digit);
        }
        let count = count.max(1);
        let room = LONGEST_PATTERN_BP.saturating_sub(length);
        out.extend(std::iter::repeat_n(letter, count.min(room)));
        length = length.saturating_add(count);
    }
    Ok((out, length))
}

fn masks(allowed: &[u8]) -> Masks {
    let mut masks = [0; 5];
    for (place, set) in allowed.iter().enumerate() {
        for (base, mask) in masks.iter_mut().enumerate() {
            let fits = if base == 4 {
                *set == ANY
            } else {
                set >> base & 1 == 1
            };
            *mask |= u128::from(fits) << place;
        }
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Base, base};
    use proptest::prelude::*;

    fn contig(text: &str, circular: bool) -> Contig {
        let bases = text.bytes().filter_map(Base::from_ascii);
        Contig {
            sequence: bases.collect(),
            circular,
            ..Contig::default()
        }
    }

    fn all(pattern: &str, text: &str, circular: bool) -> Vec<(usize, Option<Strand>)> {
        let contig = contig(text, circular);
        let pattern = Pattern::parse(pattern).expect("a pattern");
        pattern
            .hits(&contig, Interval::new(0, contig.len()))
            .iter()
            .map(|hit| (hit.start, hit.strand))
            .collect()
    }

    const PLUS: Option<Strand> = Some(Strand::Forward);
    const MINUS: Option<Strand> = Some(Strand::Reverse);

    #[test]
    fn both_strands_and_ambiguity_codes() {
        assert_eq!(all("ttgaca", "CCTTGACACC", false), [(2, PLUS)]);
        assert_eq!(all("TTGACA", "CCTGTCAACC", false), [(2, MINUS)]);
        assert_eq!(all("GAATTC", "GGAATTCC", false), [(1, None)]);
        assert_eq!(all("TAnnnT", "TACCCT", false), [(0, PLUS)]);
        assert_eq!(all("RY", "AC", false), [(0, None)]);
        assert_eq!(all("AK", "AGCT", false), [(0, PLUS), (2, MINUS)]);
    }

    #[test]
    fn an_unknown_base_fits_n_alone() {
        assert_eq!(all("ANA", "ANA", false), [(0, PLUS)]);
        assert_eq!(all("AVA", "ANA", false), []);
        assert_eq!(all("AHA", "ATA", false), [(0, PLUS)]);
    }

    #[test]
    fn hits_reach_across_the_origin_of_a_circle() {
        assert_eq!(all("TTGACA", "ACACCCCTTG", true), [(7, PLUS)]);
        assert_eq!(all("TTGACA", "ACACCCCTTG", false), []);
        assert_eq!(all("AAA", "AA", true), []);
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        assert_eq!(Pattern::parse(" "), Err(PatternError::Empty));
        assert_eq!(Pattern::parse("NNN"), Err(PatternError::Everywhere));
        let told = Pattern::parse("ACE").expect_err("no base").to_string();
        assert!(told.contains("“E” (letter 3)"), "{told}");
        let told = Pattern::parse("C17").map(|pattern| pattern.text().to_owned());
        assert_eq!(told, Ok("C".repeat(17)));
        let told = Pattern::parse("ttgaca N17 tataat").map(|pattern| pattern.len());
        assert_eq!(told, Ok(29));
        for (text, letter, place) in [("17A", '1', 1), ("A0", '0', 2), ("A2C03", '0', 4)] {
            let told = Pattern::parse(text);
            assert_eq!(told, Err(PatternError::Letter { letter, place }), "{text}");
        }
        let told = Pattern::parse("A99999999999999999999999C");
        assert!(matches!(told, Err(PatternError::TooLong { .. })));
        let told = Pattern::parse(&"A".repeat(129)).expect_err("long");
        assert_eq!(told, PatternError::TooLong { length: 129 });
    }

    proptest! {
        #[test]
        fn hits_are_those_of_a_plain_search(
            text in "[ACGTN]{1,60}", pattern in "[ACGTRYSWKMBDHVN]{1,6}", circular: bool, cut in 0_usize..60
        ) {
            prop_assume!(pattern.chars().any(|c| c != 'N'));
            let contig = contig(&text, circular);
            let parsed = Pattern::parse(&pattern).expect("a pattern");
            let fits = |letter: char, base: Base| match base.index() {
                None => letter == 'N',
                Some(index) => bases_of(letter).expect("a code") >> index & 1 == 1,
            };
            let n = contig.len();
            let bases = contig.sequence.bases(Interval::new(0, n));
            let mut expected = Vec::new();
            for start in 0..n {
                let window: Vec<Base> = (start..start + pattern.len())
                    .filter(|at| circular || *at < n)
                    .map(|at| bases[at % n])
                    .collect();
                if window.len() < pattern.len() || pattern.len() > n {
                    continue;
                }
                let reads = |window: &[Base]| pattern.chars().zip(window).all(|(c, b)| fits(c, *b));
                if reads(&window) {
                    expected.push((start, (!parsed.is_palindrome()).then_some(Strand::Forward)));
                }
                if !parsed.is_palindrome() && reads(&base::reverse_complement(&window)) {
                    expected.push((start, MINUS));
                }
            }
            // In two pieces as in one.
            let cut = cut.min(n);
            let mut found = parsed.hits(&contig, Interval::new(0, cut));
            found.extend(parsed.hits(&contig, Interval::new(cut, n)));
            let found: Vec<_> = found.iter().map(|hit| (hit.start, hit.strand)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
