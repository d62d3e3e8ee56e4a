//! Two halves of the anchors that share no sequence: one to cut a motif, the other to test it.

use crate::genome::Anchor;
use std::collections::BTreeMap;

/// How many blocks of the genome the halves are made of.
const BLOCKS: usize = 20;

/// For each anchor whether it belongs to the held-out half.
///
/// Anchors are ordered by place and cut into 20 blocks of about equal size, which go to the two halves in
/// turn; so both halves hold all parts of the genome. A cut waits for a gap of `apart_bp` bases, so that
/// no two anchors on either side of it see the same base. Where no such gap exists the whole is cut in
/// the middle once.
#[must_use]
pub fn held_out(anchors: &[Anchor], apart_bp: usize) -> Vec<bool> {
    let mut order: Vec<usize> = (0..anchors.len()).collect();
    order.sort_by_key(|&index| super::anchors::order(&anchors[index]));
    let per_block = anchors.len().div_ceil(BLOCKS).max(1);
    let mut halves = vec![false; anchors.len()];
    let (mut half, mut in_block, mut cuts) = (false, 0, 0);
    for (rank, &index) in order.iter().enumerate() {
        let apart = rank > 0 && {
            let (before, here) = (anchors[order[rank - 1]], anchors[index]);
            before.contig != here.contig || here.position - before.position >= apart_bp
        };
        if in_block >= per_block && apart {
            half = !half;
            in_block = 0;
            cuts += 1;
        }
        halves[index] = half;
        in_block += 1;
    }
    if cuts == 0 {
        for &index in &order[anchors.len() / 2..] {
            halves[index] = true;
        }
    }
    halves
}

/// Numbers anchors by 20 kb block of the genome: what is resampled together in a bootstrap.
#[must_use]
pub fn blocks(anchors: &[Anchor]) -> Vec<usize> {
    const BLOCK_BP: usize = 20_000;
    let mut numbers: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    anchors
        .iter()
        .map(|anchor| {
            let next = numbers.len();
            *numbers
                .entry((anchor.contig, anchor.position / BLOCK_BP))
                .or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Strand;

    fn at(position: usize) -> Anchor {
        Anchor {
            contig: 0,
            position,
            strand: Strand::Forward,
        }
    }

    #[test]
    fn halves_are_even_and_apart() {
        let anchors: Vec<Anchor> = (0..1000).rev().map(|i| at(i * i * 7 % 400_000)).collect();
        let halves = held_out(&anchors, 150);
        let held = halves.iter().filter(|held| **held).count();
        assert!((400..=600).contains(&held), "{held}");
        for (a, half_a) in anchors.iter().zip(&halves) {
            for (b, half_b) in anchors.iter().zip(&halves) {
                assert!(half_a == half_b || a.position.abs_diff(b.position) >= 150);
            }
        }
    }

    #[test]
    fn without_gaps_the_middle_is_cut() {
        let anchors: Vec<Anchor> = (0..10).map(at).collect();
        let halves = held_out(&anchors, 100);
        assert_eq!(halves.iter().filter(|held| **held).count(), 5);
        assert!(!halves[0] && halves[9]);
        assert!(held_out(&[], 100).is_empty());
    }

    #[test]
    fn blocks_are_numbered_by_place() {
        assert_eq!(
            blocks(&[at(0), at(19_999), at(20_000), at(5)]),
            [0, 0, 1, 0]
        );
    }
}
