//! The motif that a head shows: windows around its strongest keys, aligned, counted, trimmed.

use super::align::{AlignedWindow, Aligner, Counts, known};
use super::profile::Glance;
use super::windows::{Collapse, Surroundings};
use crate::sites::information::Correction;
use crate::sites::motif::{Background, Pfm, UNIFORM};
use std::ops::Range;

/// How motifs are made; the same for a head and for everything that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MotifRule {
    /// Bases on either side of a key: windows are twice that and one long.
    ///
    /// Wide enough for a box and for most binding sites; a much wider window also shows what lies at
    /// a fixed distance from the key without being looked at.
    pub half_width: usize,
    /// How far a window may be moved either way to fit the others.
    pub max_shift: i8,
    /// The most rounds of refinement.
    pub rounds: usize,
    /// Counts added to each position, shared out by the background, before windows are scored.
    pub pseudocount: f64,
    /// What information content is measured against.
    pub background: Background,
    /// Whether information content is corrected for small samples.
    pub correction: Correction,
    /// Flanks with less information than this, in bits, are trimmed…
    pub min_bits: f64,
    /// …but never below this many positions.
    pub min_length: usize,
}

impl Default for MotifRule {
    fn default() -> Self {
        Self {
            half_width: 10,
            max_shift: 2,
            rounds: 5,
            pseudocount: 1.0,
            background: UNIFORM,
            correction: Correction::SmallSample,
            min_bits: 0.15,
            min_length: 6,
        }
    }
}

impl MotifRule {
    /// Bases in a window.
    #[must_use]
    pub fn length(&self) -> usize {
        2 * self.half_width + 1
    }

    /// How far a window reaches from its key, shifts included: the flank that [`Surroundings`] need.
    #[must_use]
    pub fn flank(&self) -> usize {
        self.half_width + usize::from(self.max_shift.unsigned_abs())
    }

    pub(super) fn aligner<'a>(&self, surroundings: &'a Surroundings) -> Aligner<'a> {
        Aligner::new(
            surroundings,
            self.length(),
            self.max_shift,
            self.background,
            self.pseudocount,
        )
    }

    pub(super) fn core(&self, counts: &[[f64; 4]]) -> Range<usize> {
        motif_of("", counts).core(
            &self.background,
            self.correction,
            self.min_bits,
            self.min_length,
        )
    }
}

/// The motif of one head.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadMotif {
    /// Counts over the whole width of the windows, as aligned.
    pub windows_pfm: Pfm,
    /// The positions of `windows_pfm` that are left after trimming.
    pub core: Range<usize>,
    /// The trimmed motif: drawn, exported and compared.
    pub pfm: Pfm,
    /// Anchors with a window.
    pub n: usize,
    /// The different windows, as aligned; identical ones count once.
    pub windows: Vec<AlignedWindow>,
    /// Information content of the trimmed motif in bits.
    pub information_bits: f64,
    /// Consensus of the trimmed motif.
    pub consensus: String,
    /// Pearson correlation of the motifs of the two halves of the genome, each refined by itself;
    /// `None` where a half has too few windows.
    pub stability: Option<f64>,
}

/// A half with fewer different windows than this says nothing.
pub const MIN_WINDOWS: usize = 20;

/// Makes the motif of a head from where it looks at each anchor.
///
/// `glances` and `held_out` (see [`super::halves::held_out`]) have one entry a row of `surroundings`.
#[must_use]
pub fn head_motif(
    name: &str,
    surroundings: &Surroundings,
    glances: &[Option<Glance>],
    held_out: &[bool],
    rule: &MotifRule,
) -> HeadMotif {
    let mut collapse = Collapse::new(glances.len());
    let mut windows = Vec::new();
    let mut n = 0;
    collapse.clear();
    for (row, glance) in glances.iter().enumerate() {
        let shift = usize::from(rule.max_shift.unsigned_abs());
        let window = glance.and_then(|glance| {
            surroundings.window(row, usize::from(glance.distance), rule.half_width, shift)
        });
        if let Some(window) = window {
            n += 1;
            if collapse.is_new(surroundings, window, rule.length()) {
                windows.push(AlignedWindow { window, shift: 0 });
            }
        }
    }
    let half = |held: bool| {
        let part: Vec<AlignedWindow> = windows
            .iter()
            .copied()
            .filter(|aligned| held_out[surroundings.row(aligned.window)] == held)
            .collect();
        part
    };
    let stability = stability(surroundings, half(false), half(true), rule);
    let counts = rule.aligner(surroundings).refine(&mut windows, rule.rounds);
    let windows_pfm = motif_of(name, &known(&counts));
    let core = rule.core(&windows_pfm.counts);
    let pfm = windows_pfm.part(core.clone());
    HeadMotif {
        information_bits: pfm.total_information(&rule.background, rule.correction),
        consensus: pfm.consensus(),
        windows_pfm,
        core,
        pfm,
        n,
        windows,
        stability,
    }
}

pub(super) fn motif_of(name: &str, counts: &[[f64; 4]]) -> Pfm {
    Pfm {
        name: name.to_owned(),
        counts: counts.to_vec(),
    }
}

/// Refines each half by itself and correlates what they show, at the best of the offsets that two
/// refinements can drift apart.
fn stability(
    surroundings: &Surroundings,
    mut first: Vec<AlignedWindow>,
    mut second: Vec<AlignedWindow>,
    rule: &MotifRule,
) -> Option<f64> {
    if first.len().min(second.len()) < MIN_WINDOWS {
        return None;
    }
    let mut aligner = rule.aligner(surroundings);
    let first = frequencies(&aligner.refine(&mut first, rule.rounds), &rule.background);
    let second = frequencies(&aligner.refine(&mut second, rule.rounds), &rule.background);
    let length = rule.length().cast_signed();
    let drift = 2 * isize::from(rule.max_shift);
    (-drift..=drift)
        .filter_map(|offset| {
            let overlap = offset.max(0)..(length + offset).min(length);
            let pairs: Vec<(f64, f64)> = overlap
                .flat_map(|place| {
                    let (a, b) = (
                        first[place.cast_unsigned()],
                        second[(place - offset).cast_unsigned()],
                    );
                    a.into_iter().zip(b)
                })
                .collect();
            correlation(&pairs)
        })
        .max_by(f64::total_cmp)
}

/// Frequencies less the background.
fn frequencies(counts: &Counts, background: &Background) -> Vec<[f64; 4]> {
    known(counts)
        .into_iter()
        .map(|row| {
            let total: f64 = row.iter().sum::<f64>().max(1.0);
            std::array::from_fn(|base| row[base] / total - background[base])
        })
        .collect()
}

/// Pearson correlation; `None` where a side does not vary.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mean = |side: fn(&(f64, f64)) -> f64| pairs.iter().map(side).sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::planted::{Planted, glances};
    use super::*;

    #[test]
    fn a_followed_motif_is_found_and_stable() {
        let planted = Planted::new(200, b"TTGACA", 20..46, 11);
        let rule = MotifRule::default();
        let cut = planted.surroundings(64, &rule);
        let held_out = super::super::halves::held_out(planted.anchors(), 100);
        let motif = head_motif(
            "L1H1",
            &cut,
            &glances(planted.distances()),
            &held_out,
            &rule,
        );
        assert!(motif.consensus.contains("TTGACA"), "{}", motif.consensus);
        assert_eq!(motif.pfm.name, "L1H1");
        assert_eq!((motif.n, motif.windows.len()), (200, 200));
        assert!(motif.information_bits > 10.0, "{}", motif.information_bits);
        assert!(motif.stability.is_some_and(|r| r > 0.9));
        assert_eq!(motif.pfm, motif.windows_pfm.part(motif.core.clone()));
    }

    #[test]
    fn copies_count_once_and_missing_glances_not_at_all() {
        let planted = Planted::new(40, b"TTGACA", 20..46, 5);
        let rule = MotifRule::default();
        let mut anchors = planted.anchors().to_vec();
        anchors.extend_from_slice(planted.anchors());
        let cut = Surroundings::new(planted.genome(), &anchors, 0, 64, rule.flank());
        let mut seen = glances(planted.distances());
        seen.extend(glances(planted.distances()));
        seen[3] = None;
        let motif = head_motif("x", &cut, &seen, &[false; 80], &rule);
        assert_eq!((motif.n, motif.windows.len()), (79, 40));
        assert_eq!(motif.stability, None);
    }

    #[test]
    fn nothing_in_nothing_out() {
        let planted = Planted::new(5, b"TTGACA", 20..46, 5);
        let rule = MotifRule::default();
        let cut = planted.surroundings(64, &rule);
        let motif = head_motif("x", &cut, &[None; 5], &[false; 5], &rule);
        assert_eq!((motif.n, motif.windows.len()), (0, 0));
        assert_eq!(motif.consensus, "nnnnnn");
        assert!(motif.information_bits.abs() < 1e-12);
    }
}
