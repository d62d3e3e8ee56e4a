//! ROC AUC and average precision of scores against labels, and how sure they are.
//!
//! Ties count half in the ROC AUC; in the average precision equal scores enter together, as the
//! mean of precision over recall's steps (no interpolation).

/// How well scores tell positives from negatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Curves {
    /// Probability that a positive scores higher than a negative; NaN without either.
    pub roc_auc: f64,
    /// Mean precision over the recalls; NaN without positives.
    pub average_precision: f64,
    /// Number of positives.
    pub positives: usize,
    /// Number of positions.
    pub positions: usize,
}

/// Positions with one score, counted.
#[derive(Clone, Copy, Debug)]
struct Tie {
    score: f32,
    positives: f64,
    negatives: f64,
}

/// Both areas over ties, highest score first.
fn areas(ties: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (mut positives, mut negatives) = (0.0, 0.0);
    let (mut pairs, mut precision) = (0.0, 0.0);
    for (hits, misses) in ties {
        // Negatives of this tie lie below all positives so far, and level with its own.
        pairs += misses * (positives + hits / 2.0);
        positives += hits;
        negatives += misses;
        if hits > 0.0 {
            precision += hits * positives / (positives + negatives);
        }
    }
    (pairs / (positives * negatives), precision / positives)
}

/// Groups positions by score, highest first. Scores that are NaN must have been left out.
fn ties(scores: &[f32], labels: &[u8]) -> Vec<Tie> {
    let mut order: Vec<(f32, u8)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut ties: Vec<Tie> = Vec::new();
    for (score, label) in order {
        let (hit, miss) = if label == 0 { (0.0, 1.0) } else { (1.0, 0.0) };
        match ties.last_mut() {
            Some(tie) if tie.score == score => {
                tie.positives += hit;
                tie.negatives += miss;
            }
            _ => ties.push(Tie {
                score,
                positives: hit,
                negatives: miss,
            }),
        }
    }
    ties
}

/// Both areas for `scores` whose `labels` are 0 or 1. Scores must not be NaN.
#[must_use]
pub fn curves(scores: &[f32], labels: &[u8]) -> Curves {
    let ties = ties(scores, labels);
    let (roc_auc, average_precision) = areas(ties.iter().map(|tie| (tie.positives, tie.negatives)));
    Curves {
        roc_auc,
        average_precision,
        positives: labels.iter().filter(|label| **label != 0).count(),
        positions: scores.len().min(labels.len()),
    }
}
