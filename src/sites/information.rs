//! How much a motif says: information content in bits, letter heights, trimming, consensus.

use super::motif::{Background, Pfm};
use std::ops::Range;

/// Whether information content is corrected for the bias of small samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Correction {
    /// As counted.
    None,
    /// Minus e(n) = (s − 1) / (2 ln 2 · n) bits a position, s = 4 letters, n bases counted there
    /// (Schneider et al. 1986).
    #[default]
    SmallSample,
}

impl Correction {
    /// What is taken off a position at which `sites` bases were counted, in bits.
    #[must_use]
    pub fn bits(self, sites: f64) -> f64 {
        match self {
            Self::None => 0.0,
            Self::SmallSample => 3.0 / (2.0 * std::f64::consts::LN_2 * sites),
        }
    }
}

/// Information content of one position in bits: Σ f log2(f / background), less the correction.
///
/// Nothing is clamped: with the correction on, a position that says nothing comes out around 0,
/// often slightly below. A position without counts holds 0.
#[must_use]
pub fn position_information(
    counts: &[f64; 4],
    background: &Background,
    correction: Correction,
) -> f64 {
    let total: f64 = counts.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let relative_entropy: f64 = counts
        .iter()
        .zip(background)
        .filter(|(count, _)| **count > 0.0)
        .map(|(count, expected)| {
            let frequency = count / total;
            frequency * (frequency / expected).log2()
        })
        .sum();
    relative_entropy - correction.bits(total)
}

impl Pfm {
    /// Information content of each position in bits, see [`position_information`].
    #[must_use]
    pub fn information(&self, background: &Background, correction: Correction) -> Vec<f64> {
        self.counts
            .iter()
            .map(|counts| position_information(counts, background, correction))
            .collect()
    }

    /// Information content of the whole motif in bits: the sum over its positions, none clamped.
    #[must_use]
    pub fn total_information(&self, background: &Background, correction: Correction) -> f64 {
        self.information(background, correction).iter().sum()
    }

    /// Heights of the letters of a logo in bits: relative frequency times the position's
    /// information content, which counts as 0 where the correction makes it negative.
    #[must_use]
    pub fn letter_heights(&self, background: &Background, correction: Correction) -> Vec<[f64; 4]> {
        self.counts
            .iter()
            .map(|counts| {
                let total: f64 = counts.iter().sum();
                if total <= 0.0 {
                    return [0.0; 4];
                }
                let bits = position_information(counts, background, correction).max(0.0);
                counts.map(|count| count / total * bits)
            })
            .collect()
    }

    /// The positions that are left when both flanks are cut back to the first position that
    /// holds at least `min_bits`; never fewer than `min_length` (or all, if the motif is shorter).
    ///
    /// Where too few positions are left, the stretch of `min_length` with the most information
    /// that holds them is taken; the leftmost one of equals.
    #[must_use]
    pub fn core(
        &self,
        background: &Background,
        correction: Correction,
        min_bits: f64,
        min_length: usize,
    ) -> Range<usize> {
        core(
            &self.information(background, correction),
            min_bits,
            min_length,
        )
    }

    /// Consensus in IUPAC codes: by the rules of Cavener (1987) in capitals, and below them one step in
    /// lower case.
    ///
    /// One base where it makes up more than half and more than twice the next one; else a code for
    /// two bases where they make up more than three quarters; else a code for three where the fourth
    /// never occurs; else, in lower case, the most frequent base where it makes up at least two fifths;
    /// else `n`.
    #[must_use]
    pub fn consensus(&self) -> String {
        self.counts.iter().map(consensus_letter).collect()
    }
}

/// [`Pfm::core`] for information that is at hand already.
#[must_use]
pub fn core(information: &[f64], min_bits: f64, min_length: usize) -> Range<usize> {
    let length = information.len();
    let min_length = min_length.min(length);
    let informative = |bits: &f64| *bits >= min_bits;
    let (first, last) = match (
        information.iter().position(informative),
        information.iter().rposition(informative),
    ) {
        (Some(first), Some(last)) if last + 1 - first >= min_length => return first..last + 1,
        (Some(first), Some(last)) => (first, last),
        _ => (length, 0),
    };
    // Stretches of the least length that hold the informative positions, if there are any.
    let leftmost = if first < length {
        (last + 1).saturating_sub(min_length)
    } else {
        0
    };
    let rightmost = first.min(length - min_length);
    let mut best = leftmost..leftmost + min_length;
    let mut best_bits = f64::NEG_INFINITY;
    for start in leftmost..=rightmost {
        let bits: f64 = information[start..start + min_length].iter().sum();
        if bits > best_bits {
            best_bits = bits;
            best = start..start + min_length;
        }
    }
    best
}

fn consensus_letter(counts: &[f64; 4]) -> char {
    /// Codes by the set of bases: bit 0 A, bit 1 C, bit 2 G, bit 3 T.
    const CODES: [char; 16] = [
        'n', 'A', 'C', 'M', 'G', 'R', 'S', 'V', 'T', 'W', 'Y', 'H', 'K', 'D', 'B', 'n',
    ];
    let total: f64 = counts.iter().sum();
    let mut order = [0, 1, 2, 3];
    // Stable: equal counts stay in the order A, C, G, T.
    order.sort_by(|&a, &b| counts[b].total_cmp(&counts[a]));
    let [first, second, third, fourth] = order.map(|base: usize| counts[base]);
    let chosen = if first > 0.5 * total && first > 2.0 * second {
        1
    } else if first + second > 0.75 * total {
        2
    } else if third > 0.0 && fourth <= 0.0 {
        3
    } else {
        4
    };
    if chosen == 4 {
        let leads = first > 0.0 && first >= 0.4 * total && first > second;
        return if leads {
            CODES[1 << order[0]].to_ascii_lowercase()
        } else {
            'n'
        };
    }
    let code = order[..chosen].iter().fold(0, |set, &base| set | 1 << base);
    CODES[code]
}

#[cfg(test)]
mod tests {
    use super::super::motif::UNIFORM;
    use super::*;
    use proptest::prelude::*;

    fn pfm(counts: &[[f64; 4]]) -> Pfm {
        Pfm {
            name: "m".to_owned(),
            counts: counts.to_vec(),
        }
    }

    #[test]
    fn information_agrees_with_values_worked_out_by_hand() {
        let motif = pfm(&[
            [8.0, 0.0, 0.0, 0.0], // 2 bits
            [4.0, 4.0, 0.0, 0.0], // 1 bit
            [2.0, 2.0, 2.0, 2.0], // 0 bits
            [4.0, 2.0, 1.0, 1.0], // 2 - (0.5 + 0.5 + 0.375 + 0.375) = 0.25 bits
            [0.0, 0.0, 0.0, 0.0],
        ]);
        let bits = motif.information(&UNIFORM, Correction::None);
        for (found, right) in bits.iter().zip([2.0, 1.0, 0.0, 0.25, 0.0]) {
            assert!((found - right).abs() < 1e-12, "{found} {right}");
        }
        assert!((motif.total_information(&UNIFORM, Correction::None) - 3.25).abs() < 1e-12);
        // e(8) = 3 / (16 ln 2) = 0.270505…; a position without counts stays at 0.
        let corrected = motif.information(&UNIFORM, Correction::SmallSample);
        assert!((corrected[0] - (2.0 - 0.270_505_320_166_680_9)).abs() < 1e-12);
        assert!((corrected[2] + 0.270_505_320_166_680_9).abs() < 1e-12);
        assert!(corrected[4].abs() < 1e-12);
        // Against 0.4, 0.1, 0.1, 0.4: all A gives log2(1 / 0.4) = 1.3219…; the background gives 0.
        let skewed = [0.4, 0.1, 0.1, 0.4];
        let motif = pfm(&[[5.0, 0.0, 0.0, 0.0], [4.0, 1.0, 1.0, 4.0]]);
        let bits = motif.information(&skewed, Correction::None);
        assert!((bits[0] - 1.321_928_094_887_362_3).abs() < 1e-12);
        assert!(bits[1].abs() < 1e-12);
    }

    #[test]
    fn letters_share_the_height_by_frequency() {
        let heights = pfm(&[[6.0, 2.0, 0.0, 0.0], [2.0, 2.0, 2.0, 2.0]])
            .letter_heights(&UNIFORM, Correction::None);
        // 2 - H(3/4, 1/4) = 2 - 0.811278… = 1.188722…
        let bits = 2.0 - 0.811_278_124_459_132_8;
        assert!((heights[0][0] - 0.75 * bits).abs() < 1e-12);
        assert!((heights[0][1] - 0.25 * bits).abs() < 1e-12);
        assert!(heights[1].iter().all(|height| height.abs() < 1e-12));
        let small = pfm(&[[1.0, 1.0, 1.0, 1.0]]).letter_heights(&UNIFORM, Correction::SmallSample);
        assert!(small[0].iter().all(|height| height.abs() < 1e-12));
    }

    #[test]
    fn flanks_are_cut_but_not_below_the_least_length() {
        let bits = [0.0, 0.05, 1.0, 0.0, 0.5, 0.04, 0.03];
        assert_eq!(core(&bits, 0.1, 2), 2..5);
        assert_eq!(core(&bits, 0.1, 5), 1..6);
        assert_eq!(core(&bits, 3.0, 4), 1..5);
        assert_eq!(core(&bits, 0.1, 99), 0..7);
        assert_eq!(core(&[], 0.1, 6), 0..0);
        assert_eq!(core(&[1.0, 0.0, 0.0], 0.1, 2), 0..2);
        assert_eq!(core(&[0.0, 0.0, 1.0], 0.1, 2), 1..3);
    }

    #[test]
    fn consensus_follows_the_stated_rule() {
        let motif = pfm(&[
            [9.0, 1.0, 0.0, 0.0],
            [5.0, 4.0, 1.0, 0.0],
            [4.0, 3.0, 3.0, 0.0],
            [3.0, 3.0, 2.0, 2.0],
            [0.0, 0.0, 0.0, 0.0],
            [0.0, 5.0, 0.0, 5.0],
            [2.0, 2.0, 2.0, 4.0],
        ]);
        assert_eq!(motif.consensus(), "AMVnnYt");
    }

    proptest! {
        #[test]
        fn information_is_bounded_and_the_same_on_the_other_strand(
            counts in proptest::collection::vec(proptest::array::uniform4(0_u32..40), 1..20),
        ) {
            let motif = pfm(&counts.iter().map(|row| row.map(f64::from)).collect::<Vec<_>>());
            let bits = motif.information(&UNIFORM, Correction::None);
            prop_assert!(bits.iter().all(|bits| (-1e-9..=2.0 + 1e-9).contains(bits)));
            let turned = motif.reverse_complement();
            let total = motif.total_information(&UNIFORM, Correction::None);
            prop_assert!((turned.total_information(&UNIFORM, Correction::None) - total).abs() < 1e-9);
            let core = motif.core(&UNIFORM, Correction::SmallSample, 0.2, 6);
            prop_assert!(core.len() >= 6.min(motif.len()) && core.end <= motif.len());
        }
    }
}
