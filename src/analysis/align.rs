//! Windows aligned to their own motif by small shifts, counted fast enough for a thousand permutations.

use super::windows::{QUADS, Surroundings, WindowAt};
use crate::sites::motif::Background;

/// Counts by position of the window: A, C, G, T, unknown, and three that stay 0.
pub(super) type Counts = Vec<[u32; 8]>;

/// A window and how far it was moved downstream to fit the motif.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AlignedWindow {
    /// Where it was cut.
    pub window: WindowAt,
    /// Bases that it was moved downstream.
    pub shift: i8,
}

/// Scores windows four bases at a time against a matrix of log-odds.
pub(super) struct Aligner<'a> {
    surroundings: &'a Surroundings,
    length: usize,
    max_shift: i8,
    background: Background,
    pseudocount: f64,
    /// For each four positions of the window the log-odds in bits of all 625 codes.
    tables: Vec<[f32; QUADS]>,
}

impl<'a> Aligner<'a> {
    pub(super) fn new(
        surroundings: &'a Surroundings,
        length: usize,
        max_shift: i8,
        background: Background,
        pseudocount: f64,
    ) -> Self {
        Self {
            surroundings,
            length,
            max_shift,
            background,
            pseudocount,
            tables: vec![[0.0; QUADS]; length.div_ceil(4)],
        }
    }

    /// Counts of the windows as they are aligned.
    pub(super) fn count(&self, windows: &[AlignedWindow]) -> Counts {
        let mut counts = vec![[0; 8]; self.length];
        for window in windows {
            self.add(&mut counts, *window, 1);
        }
        counts
    }

    /// Adds `times` (1 or, to take away, −1) the window to the counts.
    fn add(&self, counts: &mut Counts, window: AlignedWindow, times: i32) {
        let codes = self
            .surroundings
            .codes(window.window, window.shift, self.length);
        for (row, &code) in counts.iter_mut().zip(codes) {
            let count = &mut row[usize::from(code & 7)];
            *count = count.wrapping_add_signed(times);
        }
    }

    /// Makes the log-odds of `counts` the matrix to score with.
    pub(super) fn learn(&mut self, counts: &Counts) {
        let log_odds: Vec<[f32; 5]> = counts
            .iter()
            .map(|row| {
                let total: u32 = row[..4].iter().sum();
                let total = f64::from(total) + self.pseudocount;
                let mut bits = [0.0_f32; 5];
                for base in 0..4 {
                    let expected = self.background[base];
                    let count = f64::from(row[base]) + self.pseudocount * expected;
                    bits[base] = (count / (total * expected)).log2() as f32;
                }
                bits
            })
            .collect();
        for (table, rows) in self.tables.iter_mut().zip(log_odds.chunks(4)) {
            let row = |index: usize| rows.get(index).copied().unwrap_or([0.0; 5]);
            let (first, second, third, fourth) = (row(0), row(1), row(2), row(3));
            let mut low = [0.0_f32; 25];
            for (code, slot) in low.iter_mut().enumerate() {
                *slot = third[code / 5] + fourth[code % 5];
            }
            for (high, part) in table.chunks_exact_mut(25).enumerate() {
                let bits = first[high / 5] + second[high % 5];
                for (slot, low) in part.iter_mut().zip(low) {
                    *slot = bits + low;
                }
            }
        }
    }

    /// Log-odds in bits of the window that starts at `start`.
    fn score(&self, start: usize) -> f32 {
        let quads = &self.surroundings.quads()[start..];
        self.tables
            .iter()
            .zip(quads.iter().step_by(4))
            .map(|(table, &quad)| table[usize::from(quad)])
            .sum()
    }

    /// The shift with the best score, and that score; of equals the smallest shift, upstream first.
    pub(super) fn best_shift(&self, window: WindowAt) -> (i8, f32) {
        let mut best = (0, self.score(window.moved(0)));
        for size in 1..=self.max_shift {
            for shift in [-size, size] {
                let score = self.score(window.moved(shift));
                if score > best.1 {
                    best = (shift, score);
                }
            }
        }
        best
    }

    /// Moves each window to where it fits the motif of all best, and again, up to `rounds` times.
    ///
    /// Leaves the matrix of the final counts learnt and returns those counts. This is
    /// expectation-maximisation with each window at its likeliest shift.
    pub(super) fn refine(&mut self, windows: &mut [AlignedWindow], rounds: usize) -> Counts {
        let mut counts = self.count(windows);
        self.learn(&counts);
        for _ in 0..rounds {
            let mut moved = false;
            for aligned in windows.iter_mut() {
                let (shift, _) = self.best_shift(aligned.window);
                if shift != aligned.shift {
                    self.add(&mut counts, *aligned, -1);
                    aligned.shift = shift;
                    self.add(&mut counts, *aligned, 1);
                    moved = true;
                }
            }
            if !moved {
                break;
            }
            self.learn(&counts);
        }
        counts
    }

    /// Moves each window to where it fits the matrix at hand; counts and the mean score in bits.
    pub(super) fn fit(&self, windows: &mut [AlignedWindow]) -> (Counts, f64) {
        let mut total = 0.0;
        for aligned in windows.iter_mut() {
            let (shift, score) = self.best_shift(aligned.window);
            aligned.shift = shift;
            total += f64::from(score);
        }
        (self.count(windows), total / windows.len().max(1) as f64)
    }
}

/// Counts of the four known bases.
pub(super) fn known(counts: &Counts) -> Vec<[f64; 4]> {
    counts
        .iter()
        .map(|row| std::array::from_fn(|base| f64::from(row[base])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;
    use crate::genome::{Anchor, Base, Contig, Genome, Strand, base::ACGT};
    use crate::sites::motif::{Pfm, UNIFORM};

    /// 60 random contigs of 80 bases, TTGACA at 30 ± 2 in each.
    fn planted() -> Genome {
        let mut random = Random::new(3, 0);
        let contigs = (0..60).map(|_| {
            let mut bases: Vec<Base> = (0..80).map(|_| ACGT[random.below(4)]).collect();
            let start = 28 + random.below(5);
            for (place, letter) in b"TTGACA".iter().enumerate() {
                bases[start + place] = Base::from_ascii(*letter).expect("a base");
            }
            Contig {
                sequence: bases.into_iter().collect(),
                ..Contig::default()
            }
        });
        Genome {
            contigs: contigs.collect(),
            ..Genome::default()
        }
    }

    fn windows(genome: &Genome) -> (Surroundings, Vec<AlignedWindow>) {
        let anchors: Vec<Anchor> = (0..genome.contigs.len())
            .map(|contig| Anchor {
                contig,
                position: 33,
                strand: Strand::Forward,
            })
            .collect();
        let cut = Surroundings::new(genome, &anchors, 0, 1, 12);
        let windows = (0..anchors.len())
            .map(|row| AlignedWindow {
                window: cut.window(row, 0, 10, 2).expect("inside"),
                shift: 0,
            })
            .collect();
        (cut, windows)
    }

    #[test]
    fn shifts_bring_a_scattered_motif_together() {
        let genome = planted();
        let (cut, mut windows) = windows(&genome);
        let mut aligner = Aligner::new(&cut, 21, 2, UNIFORM, 1.0);
        let before = known(&aligner.count(&windows));
        let counts = aligner.refine(&mut windows, 10);
        assert_eq!(counts, aligner.count(&windows));
        let motif = |counts| Pfm {
            name: String::new(),
            counts,
        };
        let found = motif(known(&counts)).consensus();
        assert!(found.contains("TTGACA"), "{found}");
        assert!(!motif(before).consensus().contains("TTGACA"));
    }

    #[test]
    fn four_bases_at_a_time_score_as_one_by_one() {
        let genome = planted();
        let (cut, mut windows) = windows(&genome);
        for length in [5, 8, 19, 21] {
            let mut aligner = Aligner::new(&cut, length, 2, [0.3, 0.2, 0.2, 0.3], 1.0);
            let counts = aligner.count(&windows);
            aligner.learn(&counts);
            let pwm = Pfm {
                name: String::new(),
                counts: known(&counts),
            }
            .probabilities(1.0, &[0.3, 0.2, 0.2, 0.3])
            .log_odds(&[0.3, 0.2, 0.2, 0.3]);
            for aligned in &windows {
                let (shift, score) = aligner.best_shift(aligned.window);
                let direct = pwm.score(&cut.bases(aligned.window, shift, length));
                assert!((f64::from(score) - direct).abs() < 1e-4);
                let zero = pwm.score(&cut.bases(aligned.window, 0, length));
                assert!(f64::from(score) >= zero - 1e-4);
            }
        }
        let aligner = Aligner::new(&cut, 21, 2, UNIFORM, 1.0);
        let (counts, mean) = aligner.fit(&mut windows);
        assert!(mean.abs() < 1e-9 && counts == aligner.count(&windows));
        assert!(windows.iter().all(|aligned| aligned.shift == 0));
    }
}
