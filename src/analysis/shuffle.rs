//! Shuffles that keep every dinucleotide: the null 4 of the association, and the decoys of novel sites.
//!
//! A sequence is a walk over its bases, each pair of neighbours an edge. Every walk that uses the
//! same edges from the same first base is a shuffle with the same dinucleotides (Altschul and
//! Erickson 1985): the last edges out of the bases form a tree that leads to the final base, and
//! all other edges may come in any order. There are at most three bases beside the final one, so
//! that all trees (27 at most) are listed and one is drawn exactly, without trial and error.

use super::random::Random;
use crate::genome::chunked::Chunked;
use crate::genome::{Base, Contig, FeatureKind, FeatureSet, Genome, Interval};

/// Shuffles `bases`, keeping how often each base follows each other, the first and the last base.
///
/// All shuffles are equally likely. What is not A, C, G or T stays where it is, and each stretch
/// between is shuffled on its own.
pub fn dinucleotide_shuffle(bases: &mut [Base], random: &mut Random) {
    for known in bases.split_mut(|base| *base == Base::N) {
        shuffle_known(known, random);
    }
}

/// The same for a sequence of A, C, G and T alone.
fn shuffle_known(bases: &mut [Base], random: &mut Random) {
    let Some((first, last)) = bases.first().copied().zip(bases.last().copied()) else {
        return;
    };
    if bases.len() < 4 {
        return;
    }
    // What follows each base, in any order.
    let mut after: [Vec<Base>; 4] = Default::default();
    for pair in bases.windows(2) {
        after[pair[0] as usize].push(pair[1]);
    }
    let tree = draw_tree(&after, last, random);
    for (from, following) in after.iter_mut().enumerate() {
        // The tree's edge out of a base is used last. Which of equal edges it is makes no difference.
        let final_edge = tree[from].and_then(|to| following.iter().rposition(|&base| base == to));
        let free = match final_edge {
            Some(index) => {
                let end = following.len() - 1;
                following.swap(index, end);
                end
            }
            None => following.len(),
        };
        random.shuffle(&mut following[..free]);
    }
    let mut used = [0; 4];
    let mut here = first;
    for base in &mut bases[1..] {
        let from = here as usize;
        here = after[from].get(used[from]).copied().unwrap_or(here);
        used[from] += 1;
        *base = here;
    }
}

/// The last edge out of every base: a tree that leads to `root`, each as likely as the number of
/// ways to choose its edges.
fn draw_tree(after: &[Vec<Base>; 4], root: Base, random: &mut Random) -> [Option<Base>; 4] {
    let mut trees = vec![([None; 4], 1.0_f64)];
    for (from, following) in after.iter().enumerate() {
        if from == root as usize || following.is_empty() {
            continue;
        }
        let mut grown = Vec::new();
        for (tree, ways) in &trees {
            for to in crate::genome::base::ACGT {
                let edges = following.iter().filter(|&&base| base == to).count();
                if to as usize != from && edges > 0 {
                    let mut tree = *tree;
                    tree[from] = Some(to);
                    grown.push((tree, ways * edges as f64));
                }
            }
        }
        trees = grown;
    }
    trees.retain(|(tree, _)| {
        (0..4).all(|from| after[from].is_empty() || leads_to(*tree, from, root as usize))
    });
    let ways: f64 = trees.iter().map(|(_, ways)| ways).sum();
    let mut left = (random.bits() >> 11) as f64 / (1_u64 << 53) as f64 * ways;
    for (tree, ways) in &trees {
        left -= ways;
        if left < 0.0 {
            return *tree;
        }
    }
    trees.last().map_or([None; 4], |(tree, _)| *tree)
}

/// Whether the edges of `tree` lead from one base to another.
fn leads_to(tree: [Option<Base>; 4], from: usize, root: usize) -> bool {
    let mut here = from;
    for _ in 0..4 {
        if here == root {
            return true;
        }
        match tree[here] {
            Some(next) => here = next as usize,
            None => return false,
        }
    }
    false
}

/// The stretches of a contig that no gene covers, in order.
///
/// Where a circular contig has genes and none lies over its origin, the stretch there is one: it
/// comes last and ends past the contig's end. A contig without genes is one stretch.
#[must_use]
pub fn intergenic_regions(genome: &Genome, contig: usize, features: &FeatureSet) -> Vec<Interval> {
    let Some(sequence) = genome.contigs.get(contig) else {
        return Vec::new();
    };
    let length = sequence.len();
    let mut regions = Vec::new();
    let mut covered = 0;
    // Features are sorted by contig and start.
    for feature in features.all() {
        let gene = matches!(feature.kind, FeatureKind::Gene | FeatureKind::Cds);
        if feature.contig() != contig || !gene || feature.interval.is_empty() {
            continue;
        }
        if feature.interval.start > covered {
            regions.push(Interval::new(covered, feature.interval.start));
        }
        covered = covered.max(feature.interval.end);
    }
    if covered < length {
        regions.push(Interval::new(covered, length));
    }
    let over_origin = sequence.circular
        && regions.len() > 1
        && regions[0].start == 0
        && regions.last().is_some_and(|last| last.end == length);
    if over_origin {
        let first = regions.remove(0);
        if let Some(last) = regions.last_mut() {
            last.end += first.end;
        }
    }
    regions
}

/// The genome with every intergenic region shuffled on its own by [`dinucleotide_shuffle`].
///
/// Genes (features of the kinds gene and coding sequence) stay as they are, and so do coordinates.
/// The same genome, annotation and seed give the same bases; seeds differ independently.
#[must_use]
pub fn shuffled_intergenic(genome: &Genome, features: &FeatureSet, seed: u64) -> Genome {
    let contigs = genome.contigs.iter().enumerate().map(|(index, contig)| {
        let length = contig.len();
        let mut bases = contig.sequence.bases(Interval::new(0, length));
        for region in intergenic_regions(genome, index, features) {
            let mut random = Random::new(seed, ((index as u64) << 40) ^ region.start as u64);
            // Brings a region over the origin into one piece, and the bases back afterwards.
            let turned = region.end.saturating_sub(length);
            bases.rotate_left(turned);
            let here = region.start - turned..region.end - turned;
            dinucleotide_shuffle(&mut bases[here], &mut random);
            bases.rotate_right(turned);
        }
        Contig {
            sequence: bases.into_iter().collect(),
            ..contig.clone()
        }
    });
    let mut shuffled = Genome::new(&genome.name, contigs.collect::<Chunked<_>>());
    shuffled.name = format!(
        "{}, intergenic regions shuffled with seed {seed}",
        genome.name
    );
    shuffled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::base::text;
    use crate::genome::{Feature, Strand};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn bases(letters: &str) -> Vec<Base> {
        letters.bytes().filter_map(Base::from_ascii).collect()
    }

    fn pairs(bases: &[Base]) -> BTreeMap<(Base, Base), usize> {
        let mut counts = BTreeMap::new();
        for pair in bases.windows(2) {
            *counts.entry((pair[0], pair[1])).or_default() += 1;
        }
        counts
    }

    proptest! {
        #[test]
        fn every_dinucleotide_both_ends_and_every_n_stay(letters in "[ACGTN]{0,120}|[AC]{0,60}|[ACG]{0,200}", seed in 0_u64..1_000) {
            let before = bases(&letters);
            let mut after = before.clone();
            dinucleotide_shuffle(&mut after, &mut Random::new(seed, 0));
            prop_assert_eq!(pairs(&before), pairs(&after));
            prop_assert_eq!((before.first(), before.last()), (after.first(), after.last()));
            for (a, b) in before.iter().zip(&after) {
                prop_assert_eq!(*a == Base::N, *b == Base::N);
            }
        }
    }

    /// Every sequence with the dinucleotides and the first base of `start`, by trying all orders.
    fn all_shuffles(start: &[Base]) -> Vec<String> {
        fn extend(
            path: &mut Vec<Base>,
            left: &mut BTreeMap<(Base, Base), usize>,
            most: usize,
            found: &mut Vec<String>,
        ) {
            if path.len() == most {
                found.push(text(path));
                return;
            }
            let here = path[path.len() - 1];
            for next in crate::genome::base::ACGT {
                if left.get(&(here, next)).is_some_and(|&n| n > 0) {
                    *left.entry((here, next)).or_default() -= 1;
                    path.push(next);
                    extend(path, left, most, found);
                    path.pop();
                    *left.entry((here, next)).or_default() += 1;
                }
            }
        }
        let mut found = Vec::new();
        extend(
            &mut vec![start[0]],
            &mut pairs(start),
            start.len(),
            &mut found,
        );
        found
    }

    #[test]
    fn all_shuffles_of_a_short_sequence_are_equally_likely() {
        for letters in ["ACAGATACA", "ACGTACGGTCA", "AACCAACAGG", "GATTACATTAG"] {
            let start = bases(letters);
            let possible = all_shuffles(&start);
            assert!(possible.len() >= 4, "{letters}: {}", possible.len());
            let draws = 400 * possible.len();
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            let mut random = Random::new(3, 9);
            for _ in 0..draws {
                let mut shuffled = start.clone();
                dinucleotide_shuffle(&mut shuffled, &mut random);
                *seen.entry(text(&shuffled)).or_default() += 1;
            }
            let chi_square: f64 = possible
                .iter()
                .map(|shuffle| {
                    let count = seen.get(shuffle).copied().unwrap_or(0) as f64;
                    (count - 400.0).powi(2) / 400.0
                })
                .sum();
            assert_eq!(
                seen.values().sum::<usize>(),
                draws,
                "nothing else comes out"
            );
            assert!(seen.len() <= possible.len());
            // Mean df, variance 2 df: within four standard deviations.
            let freedom = (possible.len() - 1) as f64;
            assert!(
                (chi_square - freedom).abs() < 4.0 * (2.0 * freedom).sqrt(),
                "{letters}: chi-square {chi_square} with {freedom} degrees of freedom"
            );
        }
    }

    #[test]
    fn a_long_run_with_one_way_out_is_no_trap() {
        let mut letters = "A".repeat(300_000);
        letters.push_str("CACACACACG");
        let before = bases(&letters);
        let mut after = before.clone();
        dinucleotide_shuffle(&mut after, &mut Random::new(1, 1));
        assert_eq!(pairs(&before), pairs(&after));
        assert_ne!(before, after);
    }

    fn gene(start: usize, end: usize) -> Feature {
        let strand = Some(Strand::Forward);
        Feature::new(FeatureKind::Gene, 0, Interval::new(start, end), strand)
    }

    fn random_genome(length: usize, circular: bool) -> Genome {
        let mut random = Random::new(5, 5);
        let contig = Contig {
            name: "c".to_owned(),
            circular,
            sequence: (0..length)
                .map(|i| {
                    if (500..520).contains(&i) {
                        Base::N
                    } else {
                        crate::genome::base::ACGT[random.below(4)]
                    }
                })
                .collect(),
            ..Contig::default()
        };
        Genome::new("made", vec![contig])
    }

    #[test]
    fn genes_stay_and_each_region_keeps_its_own_dinucleotides() {
        let genes = vec![
            gene(100, 300),
            gene(250, 400),
            gene(400, 450),
            gene(700, 900),
        ];
        let features = FeatureSet::new(genes);
        for circular in [true, false] {
            let genome = random_genome(1_000, circular);
            let regions = intergenic_regions(&genome, 0, &features);
            if circular {
                assert_eq!(
                    regions,
                    [Interval::new(450, 700), Interval::new(900, 1_100)]
                );
            } else {
                let linear = [(0, 100), (450, 700), (900, 1_000)];
                assert_eq!(regions, linear.map(|(a, b)| Interval::new(a, b)));
            }
            let shuffled = shuffled_intergenic(&genome, &features, 7);
            let whole = Interval::new(0, 1_000);
            let (before, after) = (
                genome.contigs[0].sequence.bases(whole),
                shuffled.contigs[0].sequence.bases(whole),
            );
            for place in (100..450).chain(700..900).chain(500..520) {
                assert_eq!(before[place], after[place], "{place}");
            }
            for region in regions {
                let cut = |bases: &[Base]| -> Vec<Base> {
                    region.range().map(|place| bases[place % 1_000]).collect()
                };
                assert_eq!(pairs(&cut(&before)), pairs(&cut(&after)), "{region}");
                assert_ne!(cut(&before), cut(&after), "{region}");
            }
            assert_ne!(genome.checksum, shuffled.checksum);
            assert_eq!(shuffled.contigs[0].circular, circular);
            let again = shuffled_intergenic(&genome, &features, 7);
            assert_eq!(again.checksum, shuffled.checksum);
            let other = shuffled_intergenic(&genome, &features, 8);
            assert_ne!(other.checksum, shuffled.checksum);
        }
    }

    #[test]
    fn a_contig_without_genes_is_one_region() {
        let genome = random_genome(1_000, true);
        let regions = intergenic_regions(&genome, 0, &FeatureSet::default());
        assert_eq!(regions, [Interval::new(0, 1_000)]);
        assert!(intergenic_regions(&genome, 3, &FeatureSet::default()).is_empty());
    }
}
