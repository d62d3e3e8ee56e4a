//! Predictions as peaks: is there one where a start site is, and none elsewhere?

/// Peaks nearer than this to a higher one are no peaks of their own, in bases.
pub const SUPPRESSION_BP: usize = 10;

/// A position of one strand of one piece of sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Which piece.
    pub piece: usize,
    /// Where in it.
    pub position: usize,
    /// Its score.
    pub score: f32,
}

/// How well peaks and labels go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PeakScore {
    /// How far a peak may lie from its label, in bases.
    pub tolerance_bp: usize,
    /// Mean precision over the recalls of all labels; labels without a peak count 0.
    pub average_precision: f64,
    /// The largest harmonic mean of precision and recall.
    pub f1: f64,
    /// Recall there.
    pub recall: f64,
    /// Precision there.
    pub precision: f64,
}

/// The peaks of one piece: greedy, highest first, none within [`SUPPRESSION_BP`] of a higher one.
/// Scores that are NaN are no peaks.
#[must_use]
pub fn peaks(piece: usize, scores: &[f32]) -> Vec<Peak> {
    let mut order: Vec<u32> = (0..scores.len() as u32)
        .filter(|&index| !scores[index as usize].is_nan())
        .collect();
    order.sort_unstable_by(|&a, &b| {
        scores[b as usize]
            .total_cmp(&scores[a as usize])
            .then(a.cmp(&b))
    });
    let mut taken = vec![false; scores.len()];
    let mut peaks = Vec::new();
    for index in order {
        let position = index as usize;
        if taken[position] {
            continue;
        }
        let from = position.saturating_sub(SUPPRESSION_BP);
        let to = (position + SUPPRESSION_BP + 1).min(scores.len());
        taken[from..to].fill(true);
        peaks.push(Peak {
            piece,
            position,
            score: scores[position],
        });
    }
    peaks
}

/// Matches `peaks` of all pieces, highest first and each to the nearest label that is free, with
/// `labels`, the positions of each piece in order.
#[must_use]
pub fn match_peaks(peaks: &[Peak], labels: &[Vec<usize>], tolerance_bp: usize) -> PeakScore {
    let mut order: Vec<&Peak> = peaks.iter().collect();
    order.sort_by(|a, b| b.score.total_cmp(&a.score));
    let total: usize = labels.iter().map(Vec::len).sum();
    let mut free: Vec<Vec<bool>> = labels
        .iter()
        .map(|labels| vec![true; labels.len()])
        .collect();
    let mut score = PeakScore {
        tolerance_bp,
        ..PeakScore::default()
    };
    let mut hits = 0_usize;
    for (rank, peak) in order.into_iter().enumerate() {
        let of_piece = &labels[peak.piece];
        let from = of_piece.partition_point(|label| label + tolerance_bp < peak.position);
        let candidates = of_piece[from..].iter().enumerate();
        let nearest = candidates
            .take_while(|(_, label)| **label <= peak.position + tolerance_bp)
            .filter(|(index, _)| free[peak.piece][from + index])
            .min_by_key(|(_, label)| label.abs_diff(peak.position));
        let Some((index, _)) = nearest else { continue };
        free[peak.piece][from + index] = false;
        hits += 1;
        let precision = hits as f64 / (rank + 1) as f64;
        let recall = hits as f64 / total as f64;
        score.average_precision += precision / total as f64;
        let f1 = 2.0 * precision * recall / (precision + recall);
        if f1 > score.f1 {
            (score.f1, score.recall, score.precision) = (f1, recall, precision);
        }
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_matched_once() {
        let mut scores = vec![0.0; 60];
        (scores[10], scores[14], scores[40]) = (3.0, 2.0, 1.0);
        let found = peaks(0, &scores);
        let top: Vec<usize> = found.iter().take(2).map(|peak| peak.position).collect();
        assert_eq!(top, [10, 40]);
        // The first peak takes the nearer of two labels, the second finds its own 3 away.
        let score = match_peaks(&found[..2], &[vec![8, 11, 43]], 3);
        assert!((score.average_precision - 2.0 / 3.0).abs() < 1e-12);
        assert!((score.recall - 2.0 / 3.0).abs() < 1e-12 && (score.precision - 1.0).abs() < 1e-12);
        let exact = match_peaks(&found[..2], &[vec![8, 11, 43]], 0);
        assert!(exact.f1 < 1e-12);
    }
}
