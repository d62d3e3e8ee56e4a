//! Motifs as three types, so that counts cannot be scanned by mistake: counts ([`Pfm`]),
//! probabilities ([`Ppm`]) and log-odds ([`Pwm`]).
//!
//! Rows are positions, columns are bases in the order A, C, G, T. Information content, trimming
//! and consensus are in [`super::information`].

use crate::genome::{Base, Genome};

/// Base probabilities without regard to position, in the order A, C, G, T; they sum to 1.
pub type Background = [f64; 4];

/// All four bases equally likely.
pub const UNIFORM: Background = [0.25; 4];

/// The share of each base in `genome`, over both strands (so A equals T and C equals G).
///
/// N does not count; a genome without a single known base gives [`UNIFORM`].
#[must_use]
pub fn genome_background(genome: &Genome) -> Background {
    const CHUNK_BP: usize = 1 << 16;
    let mut counts = [0_u64; 4];
    for contig in &genome.contigs {
        for start in (0..contig.len()).step_by(CHUNK_BP) {
            let chunk = crate::genome::Interval::new(start, (start + CHUNK_BP).min(contig.len()));
            for index in contig
                .sequence
                .bases(chunk)
                .into_iter()
                .filter_map(Base::index)
            {
                counts[index] += 1;
            }
        }
    }
    let [a, c, g, t] = counts;
    let total = (a + c + g + t) as f64;
    if total == 0.0 {
        return UNIFORM;
    }
    let (at, cg) = (
        (a + t) as f64 / (2.0 * total),
        (c + g) as f64 / (2.0 * total),
    );
    [at, cg, cg, at]
}

/// Position frequency matrix: how often each base was counted at each position.
///
/// Counts may be fractional.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Pfm {
    /// Name of the motif.
    pub name: String,
    /// `counts[position][base]`, bases in the order A, C, G, T.
    pub counts: Vec<[f64; 4]>,
}

impl Pfm {
    /// Counts the bases of equally long windows; N counts nowhere, longer windows are cut to `length`.
    #[must_use]
    pub fn from_windows<'a>(
        name: &str,
        length: usize,
        windows: impl IntoIterator<Item = &'a [Base]>,
    ) -> Self {
        let mut counts = vec![[0.0; 4]; length];
        for window in windows {
            for (row, base) in counts.iter_mut().zip(window) {
                if let Some(column) = base.index() {
                    row[column] += 1.0;
                }
            }
        }
        Self {
            name: name.to_owned(),
            counts,
        }
    }

    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether it has no position.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many bases were counted at `position`, N left out.
    #[must_use]
    pub fn total(&self, position: usize) -> f64 {
        self.counts[position].iter().sum()
    }

    /// The largest total over the positions: how many windows are behind it.
    #[must_use]
    pub fn sites(&self) -> f64 {
        (0..self.len())
            .map(|position| self.total(position))
            .fold(0.0, f64::max)
    }

    /// The motif as read on the other strand.
    #[must_use]
    pub fn reverse_complement(&self) -> Self {
        Self {
            name: self.name.clone(),
            counts: reversed(&self.counts),
        }
    }

    /// The positions `range`, which is cut to the motif.
    #[must_use]
    pub fn part(&self, range: std::ops::Range<usize>) -> Self {
        let end = range.end.min(self.len());
        Self {
            name: self.name.clone(),
            counts: self.counts[range.start.min(end)..end].to_vec(),
        }
    }

    /// Probabilities, after `pseudocount` counts in all were added to each position, shared out
    /// by `background`. A position without a count becomes the background.
    #[must_use]
    pub fn probabilities(&self, pseudocount: f64, background: &Background) -> Ppm {
        let row = |counts: &[f64; 4]| {
            let total: f64 = counts.iter().sum::<f64>() + pseudocount;
            if total <= 0.0 {
                return *background;
            }
            std::array::from_fn(|base| (counts[base] + pseudocount * background[base]) / total)
        };
        Ppm {
            name: self.name.clone(),
            alternative: String::new(),
            probabilities: self.counts.iter().map(row).collect(),
            sites: Some(self.sites()),
        }
    }
}

/// Position probability matrix: how likely each base is at each position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ppm {
    /// Name of the motif, without spaces where it came from a MEME file.
    pub name: String,
    /// A second name, as MEME files may give; may be empty.
    pub alternative: String,
    /// `probabilities[position][base]`; each position sums to 1.
    pub probabilities: Vec<[f64; 4]>,
    /// How many sites are behind it, where that is known.
    pub sites: Option<f64>,
}

impl Ppm {
    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.probabilities.len()
    }

    /// Whether it has no position.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.probabilities.is_empty()
    }

    /// Both names for people: `AcrR (ECK120015994)`, or the one that there is.
    #[must_use]
    pub fn label(&self) -> String {
        if self.alternative.is_empty() {
            self.name.clone()
        } else {
            format!("{} ({})", self.alternative, self.name)
        }
    }

    /// The motif as read on the other strand.
    #[must_use]
    pub fn reverse_complement(&self) -> Self {
        Self {
            probabilities: reversed(&self.probabilities),
            ..self.clone()
        }
    }

    /// The counts that `sites` sites with these probabilities have.
    #[must_use]
    pub fn counts(&self, sites: f64) -> Pfm {
        Pfm {
            name: self.name.clone(),
            counts: self
                .probabilities
                .iter()
                .map(|row| row.map(|probability| probability * sites))
                .collect(),
        }
    }

    /// The counts behind it, as far as files keep them: where sites are known, a count that only
    /// rounding to six decimals keeps from being whole is whole. Probabilities where they are not.
    #[must_use]
    pub fn whole_counts(&self) -> Pfm {
        let sites = self.sites.unwrap_or(1.0);
        let mut pfm = self.counts(sites);
        let rounding = (1e-6 * sites).min(0.01);
        for count in pfm.counts.iter_mut().flatten() {
            let whole = count.round();
            if self.sites.is_some() && (*count - whole).abs() <= rounding {
                *count = whole;
            }
        }
        if !self.alternative.is_empty() {
            pfm.name = format!("{} {}", self.name, self.alternative);
        }
        pfm
    }

    /// Log-odds in bits against `background`; a probability of 0 becomes −∞, so add a pseudocount before.
    #[must_use]
    pub fn log_odds(&self, background: &Background) -> Pwm {
        Pwm {
            name: self.name.clone(),
            log_odds: self
                .probabilities
                .iter()
                .map(|row| std::array::from_fn(|base| (row[base] / background[base]).log2()))
                .collect(),
        }
    }
}

/// Position weight matrix: log-odds in bits, the form that scans a sequence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pwm {
    /// Name of the motif.
    pub name: String,
    /// `log_odds[position][base]` in bits.
    pub log_odds: Vec<[f64; 4]>,
}

impl Pwm {
    /// Log-odds of `window` in bits; N counts 0, as if it followed the background.
    ///
    /// Where the lengths differ, the shorter one decides.
    #[must_use]
    pub fn score(&self, window: &[Base]) -> f64 {
        self.log_odds
            .iter()
            .zip(window)
            .filter_map(|(row, base)| base.index().map(|index| row[index]))
            .sum()
    }

    /// The highest score that a window can reach, in bits.
    #[must_use]
    pub fn best_score(&self) -> f64 {
        self.log_odds
            .iter()
            .map(|row| row.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            .sum()
    }
}

/// The other strand: rows backwards, A with T and C with G exchanged.
fn reversed(rows: &[[f64; 4]]) -> Vec<[f64; 4]> {
    rows.iter()
        .rev()
        .map(|&[a, c, g, t]| [t, g, c, a])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Contig;

    fn bases(text: &str) -> Vec<Base> {
        text.bytes().filter_map(Base::from_ascii).collect()
    }

    #[test]
    fn windows_are_counted_and_n_is_not() {
        let windows = [bases("ACG"), bases("ACT"), bases("NNT")];
        let pfm = Pfm::from_windows("m", 3, windows.iter().map(Vec::as_slice));
        assert_eq!(
            pfm.counts,
            [
                [2.0, 0.0, 0.0, 0.0],
                [0.0, 2.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 2.0]
            ]
        );
        assert!((pfm.sites() - 3.0).abs() < 1e-12);
        assert_eq!(pfm.part(1..9).len(), 2);
    }

    #[test]
    fn pseudocounts_are_shared_out_by_the_background() {
        let pfm = Pfm {
            name: String::new(),
            counts: vec![[3.0, 0.0, 0.0, 0.0], [0.0; 4]],
        };
        let background = [0.3, 0.2, 0.2, 0.3];
        let ppm = pfm.probabilities(1.0, &background);
        // (3 + 0.3) / 4, 0.2 / 4, 0.2 / 4, 0.3 / 4; an empty position is the background.
        let expected = [[0.825, 0.05, 0.05, 0.075], background];
        for (row, right) in ppm.probabilities.iter().zip(expected) {
            for (found, right) in row.iter().zip(right) {
                assert!((found - right).abs() < 1e-12);
            }
        }
        let pwm = ppm.log_odds(&background);
        assert!((pwm.log_odds[0][0] - 2.75_f64.log2()).abs() < 1e-12);
        assert!((pwm.score(&bases("AN")) - 2.75_f64.log2()).abs() < 1e-12);
        assert!((pwm.best_score() - 2.75_f64.log2()).abs() < 1e-12);
    }

    #[test]
    fn the_other_strand_twice_is_the_same() {
        let windows = [bases("ACGTT"), bases("AAGTT")];
        let pfm = Pfm::from_windows("m", 5, windows.iter().map(Vec::as_slice));
        let turned: Vec<Vec<Base>> = windows
            .iter()
            .map(|window| crate::genome::base::reverse_complement(window))
            .collect();
        let other = Pfm::from_windows("m", 5, turned.iter().map(Vec::as_slice));
        assert_eq!(pfm.reverse_complement(), other);
        assert_eq!(pfm.reverse_complement().reverse_complement(), pfm);
        let ppm = pfm.probabilities(0.5, &UNIFORM);
        assert_eq!(ppm.reverse_complement().reverse_complement(), ppm);
    }

    #[test]
    fn the_background_of_a_genome_is_the_same_on_both_strands() {
        let contig = Contig {
            sequence: bases("AAATCNN").into_iter().collect(),
            ..Contig::default()
        };
        let genome = Genome {
            contigs: vec![contig].into(),
            ..Genome::default()
        };
        let [a, c, g, t] = genome_background(&genome);
        assert!((a - 0.4).abs() < 1e-12 && (t - 0.4).abs() < 1e-12);
        assert!((c - 0.1).abs() < 1e-12 && (g - 0.1).abs() < 1e-12);
        let nothing = genome_background(&Genome::default());
        assert!(nothing.iter().all(|share| (share - 0.25).abs() < 1e-12));
    }
}
