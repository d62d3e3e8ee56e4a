//! Annotated features and where they lie.

use super::locus::{Interval, Strand};
use bio::data_structures::interval_tree::ArrayBackedIntervalTree;

/// What a feature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FeatureKind {
    /// A gene of any product.
    Gene,
    /// A coding sequence.
    Cds,
    /// A transcription start site: one base, the +1.
    Tss,
    /// Genes that are transcribed together.
    Operon,
    /// Anything else (tRNA, repeat…).
    Other,
}

/// One annotated feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// What it is.
    pub kind: FeatureKind,
    /// The short name that people type: `lacZ`.
    pub name: String,
    /// Other names for it.
    pub synonyms: Vec<String>,
    /// The systematic name: `b0344`.
    pub locus_tag: String,
    /// What it makes or does; may be empty.
    pub product: String,
    /// Index of the contig in its genome.
    pub contig: usize,
    /// Its bases on the forward strand, 0-based half-open.
    pub interval: Interval,
    /// Its strand, where it has one.
    pub strand: Option<Strand>,
}

/// Features of one genome, found by place or by name.
#[derive(Clone, Debug, Default)]
pub struct FeatureSet {
    features: Vec<Feature>,
    trees: Vec<ArrayBackedIntervalTree<usize, usize>>,
}

impl FeatureSet {
    /// Sorts `features` by contig and position and indexes them.
    #[must_use]
    pub fn new(mut features: Vec<Feature>) -> Self {
        features.shrink_to_fit();
        features.sort_unstable_by(|a, b| {
            (a.contig, a.interval, a.kind, &a.name, &a.locus_tag).cmp(&(
                b.contig,
                b.interval,
                b.kind,
                &b.name,
                &b.locus_tag,
            ))
        });
        let contigs = features.iter().map(|f| f.contig + 1).max().unwrap_or(0);
        let mut trees: Vec<ArrayBackedIntervalTree<usize, usize>> = (0..contigs)
            .map(|_| ArrayBackedIntervalTree::new())
            .collect();
        for (index, feature) in features.iter().enumerate() {
            trees[feature.contig].insert(feature.interval.range(), index);
        }
        trees.iter_mut().for_each(ArrayBackedIntervalTree::index);
        Self { features, trees }
    }

    /// All features, sorted by contig and position.
    #[must_use]
    pub fn all(&self) -> &[Feature] {
        &self.features
    }

    /// Features of `contig` that share a base with `interval`, sorted by position.
    #[must_use]
    pub fn overlapping(&self, contig: usize, interval: Interval) -> Vec<&Feature> {
        let Some(tree) = self.trees.get(contig).filter(|_| !interval.is_empty()) else {
            return Vec::new();
        };
        let mut found: Vec<usize> = tree
            .find(interval.range())
            .iter()
            .map(|entry| *entry.data())
            .collect();
        found.sort_unstable();
        found
            .into_iter()
            .map(|index| &self.features[index])
            .collect()
    }

    /// Features called `name` (name, synonym or locus tag, any case), best first: genes before the rest.
    #[must_use]
    pub fn called(&self, name: &str) -> Vec<&Feature> {
        let matches = |text: &str| text.eq_ignore_ascii_case(name);
        let mut found: Vec<&Feature> = self
            .features
            .iter()
            .filter(|f| {
                matches(&f.name) || matches(&f.locus_tag) || f.synonyms.iter().any(|s| matches(s))
            })
            .collect();
        found.sort_by_key(|f| (!matches(&f.name), f.kind, f.contig, f.interval));
        found
    }
}
