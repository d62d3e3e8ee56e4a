//! What a motif shows, in the words of promoters: −10, extended −10, −35, initiator, or other.
//!
//! The rule. An element is laid without gaps over the motif of the aligned windows, wherever its first base
//! falls, in the middle window, within a few bases of where promoters of σ70 have it. The motif shows it if
//! at the best such place (1) the letters of the element have a mean frequency of at least 0.5 and (2) all
//! of them, or all but one of six, are the most frequent bases of their positions. Of several elements the
//! one whose positions hold most information gives the motif its name. This says what the windows show; the
//! positional control says whether the head looks for it.

use super::consensus::{HeadMotif, MotifRule};
use super::windows::Surroundings;
use crate::genome::{Base, TssOffset};
use crate::sites::information::position_information;
use std::fmt;

/// A part of a promoter that σ70 or the start of transcription prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Element {
    /// TATAAT at −12…−7, with TG at −15, −14 before it.
    ExtendedMinus10,
    /// TATAAT at −12…−7.
    Minus10,
    /// TTGACA at −35…−30.
    Minus35,
    /// CA at −1, +1.
    Initiator,
}

impl Element {
    /// Every element.
    pub const ALL: [Self; 4] = [
        Self::ExtendedMinus10,
        Self::Minus10,
        Self::Minus35,
        Self::Initiator,
    ];

    /// Letters with their place after the element's first base.
    fn letters(self) -> &'static [(usize, Base)] {
        use Base::{A, C, G, T};
        match self {
            Self::ExtendedMinus10 => &[
                (0, T),
                (1, G),
                (3, T),
                (4, A),
                (5, T),
                (6, A),
                (7, A),
                (8, T),
            ],
            Self::Minus10 => &[(0, T), (1, A), (2, T), (3, A), (4, A), (5, T)],
            Self::Minus35 => &[(0, T), (1, T), (2, G), (3, A), (4, C), (5, A)],
            Self::Initiator => &[(0, C), (1, A)],
        }
    }

    /// Where its first base lies, and how far from there it is still looked for.
    fn place(self) -> (TssOffset, isize) {
        match self {
            Self::ExtendedMinus10 => (TssOffset(-15), 2),
            Self::Minus10 => (TssOffset(-12), 2),
            Self::Minus35 => (TssOffset(-35), 3),
            Self::Initiator => (TssOffset(-1), 1),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExtendedMinus10 => "extended −10",
            Self::Minus10 => "−10",
            Self::Minus35 => "−35",
            Self::Initiator => "initiator",
        })
    }
}

/// An element found in a motif.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ElementMatch {
    /// Which.
    pub element: Element,
    /// Position of its first base in the untrimmed motif.
    pub start: usize,
    /// Where that base lies relative to the TSS in the middle window.
    pub position: TssOffset,
    /// Mean frequency of its letters.
    pub mean_frequency: f64,
    /// Information content of its letters' positions in bits.
    pub information_bits: f64,
}

/// The elements that `motif` shows, the one with most information first.
#[must_use]
pub fn elements(
    motif: &HeadMotif,
    surroundings: &Surroundings,
    rule: &MotifRule,
) -> Vec<ElementMatch> {
    let Some(first) = median_position(motif, surroundings) else {
        return Vec::new();
    };
    let mut found: Vec<ElementMatch> = Element::ALL
        .into_iter()
        .filter_map(|element| find(element, motif, first, rule))
        .collect();
    if found
        .iter()
        .any(|found| found.element == Element::ExtendedMinus10)
    {
        found.retain(|found| found.element != Element::Minus10);
    }
    found.sort_by(|a, b| b.information_bits.total_cmp(&a.information_bits));
    found
}

/// Where the first base of the windows lies, in the middle one of them.
#[must_use]
pub fn median_position(motif: &HeadMotif, surroundings: &Surroundings) -> Option<TssOffset> {
    let mut places: Vec<TssOffset> = motif
        .windows
        .iter()
        .map(|aligned| surroundings.tss_offset(aligned.window, aligned.shift))
        .collect();
    places.sort_unstable();
    places.get(places.len() / 2).copied()
}

fn find(
    element: Element,
    motif: &HeadMotif,
    first: TssOffset,
    rule: &MotifRule,
) -> Option<ElementMatch> {
    let letters = element.letters();
    let (place, tolerance) = element.place();
    let rows = &motif.windows_pfm.counts;
    let mut best: Option<ElementMatch> = None;
    // The stated place first, then ever farther from it, so that of equals the nearest wins.
    for step in 0..=2 * tolerance {
        let aside = (step + 1) / 2 * if step % 2 == 0 { 1 } else { -1 };
        let position = TssOffset(place.0 + aside);
        let Ok(start) = usize::try_from(position.0 - first.0) else {
            continue;
        };
        let Some(under) = letters
            .iter()
            .map(|&(offset, base)| Some((rows.get(start + offset)?, base.index()?)))
            .collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        let frequency = |&(row, base): &(&[f64; 4], usize)| {
            row[base] / row.iter().sum::<f64>().max(f64::MIN_POSITIVE)
        };
        let leads = |&(row, base): &(&[f64; 4], usize)| row.iter().all(|other| row[base] >= *other);
        let mean = under.iter().map(frequency).sum::<f64>() / under.len() as f64;
        let leading = under.iter().filter(|letter| leads(letter)).count();
        let enough = leading + usize::from(under.len() >= 6) >= under.len();
        if mean >= 0.5 && enough && best.is_none_or(|best| mean > best.mean_frequency) {
            best = Some(ElementMatch {
                element,
                start,
                position,
                mean_frequency: mean,
                information_bits: under
                    .iter()
                    .map(|(row, _)| position_information(row, &rule.background, rule.correction))
                    .sum(),
            });
        }
    }
    // TG must be there by itself, not carried by a strong TATAAT.
    best.filter(|found| {
        element != Element::ExtendedMinus10
            || letters[..2].iter().all(|&(offset, base)| {
                let row = &rows[found.start + offset];
                base.index()
                    .is_some_and(|base| row[base] >= 0.4 * row.iter().sum::<f64>())
            })
    })
}

/// The name of the first element, or `other`.
#[must_use]
pub fn shows(elements: &[ElementMatch]) -> String {
    elements
        .first()
        .map_or_else(|| "other".to_owned(), |found| found.element.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::consensus::head_motif;
    use super::super::halves;
    use super::super::planted::{Planted, glances};
    use super::*;

    /// A head that looks at a motif whose middle lies at each of `middle` before the TSS.
    fn shown(letters: &[u8], middle: std::ops::Range<usize>) -> String {
        let planted = Planted::new(150, letters, middle, 4);
        let rule = MotifRule::default();
        let cut = planted.surroundings(64, &rule);
        let held_out = halves::held_out(planted.anchors(), 100);
        let motif = head_motif("x", &cut, &glances(planted.distances()), &held_out, &rule);
        shows(&elements(&motif, &cut, &rule))
    }

    #[test]
    fn elements_are_told_by_letters_and_place() {
        // The middle of a motif of 6 is its base 3: TATAAT from -12 on has it at -9.
        assert_eq!(shown(b"TATAAT", 9..10), "−10");
        assert_eq!(shown(b"TATAAT", 7..12), "−10");
        assert_eq!(shown(b"TGCTATAAT", 11..12), "extended −10");
        assert_eq!(shown(b"TTGACA", 32..33), "−35");
        assert_eq!(shown(b"CA", 0..1), "initiator");
        // The right letters elsewhere, and other letters at the right place.
        assert_eq!(shown(b"TATAAT", 24..25), "other");
        assert_eq!(shown(b"TTGACA", 9..10), "other");
        assert_eq!(shown(b"GGCGCC", 9..10), "other");
    }

    #[test]
    fn no_windows_show_nothing() {
        let planted = Planted::new(3, b"TATAAT", 9..10, 4);
        let rule = MotifRule::default();
        let cut = planted.surroundings(64, &rule);
        let motif = head_motif("x", &cut, &[None; 3], &[false; 3], &rule);
        assert_eq!(shows(&elements(&motif, &cut, &rule)), "other");
    }
}
