//! Annotated features and where they lie.

use super::locus::{Interval, Strand};
use super::words::Words;

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

/// One annotated feature: 40 bytes, and its names in one allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// What it is.
    pub kind: FeatureKind,
    /// Its bases on the forward strand, 0-based half-open.
    pub interval: Interval,
    /// Its strand, where it has one.
    pub strand: Option<Strand>,
    contig: u32,
    /// Name, locus tag, product, then the synonyms.
    words: Words,
}

/// The names of a feature; all of them may be empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeatureNames<'t> {
    /// The short name that people type: `lacZ`.
    pub name: &'t str,
    /// Other names for it.
    pub synonyms: &'t [String],
    /// The systematic name: `b0344`.
    pub locus_tag: &'t str,
    /// What it makes or does.
    pub product: &'t str,
}

impl Feature {
    /// A feature without names. `contig` is the index of the contig in its genome.
    #[must_use]
    pub fn new(
        kind: FeatureKind,
        contig: usize,
        interval: Interval,
        strand: Option<Strand>,
    ) -> Self {
        Self {
            kind,
            interval,
            strand,
            contig: u32::try_from(contig).unwrap_or(u32::MAX),
            words: Words::default(),
        }
    }

    /// The same feature with other names.
    #[must_use]
    pub fn with_names(mut self, names: FeatureNames<'_>) -> Self {
        let FeatureNames {
            name,
            synonyms,
            locus_tag,
            product,
        } = names;
        let first = [name, locus_tag, product].into_iter();
        self.words = Words::new(first.chain(synonyms.iter().map(String::as_str)));
        self
    }

    /// Says what it makes or does.
    pub fn set_product(&mut self, product: &str) {
        let first = [self.name(), self.locus_tag(), product].into_iter();
        self.words = Words::new(first.chain(self.synonyms()));
    }

    /// Index of the contig in its genome.
    #[must_use]
    pub fn contig(&self) -> usize {
        self.contig as usize
    }

    /// The short name that people type, such as `lacZ`; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        self.words.at(0)
    }

    /// The systematic name, such as `b0344`; may be empty.
    #[must_use]
    pub fn locus_tag(&self) -> &str {
        self.words.at(1)
    }

    /// What it makes or does; may be empty.
    #[must_use]
    pub fn product(&self) -> &str {
        self.words.at(2)
    }

    /// Other names for it, none of them empty.
    pub fn synonyms(&self) -> impl Iterator<Item = &str> + Clone {
        self.words.from(3)
    }

    /// Its name, or its locus tag where it has none; may be empty.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        match self.name() {
            "" => self.locus_tag(),
            name => name,
        }
    }
}

/// Features whose furthest end is kept together.
const BLOCK: usize = 64;

/// Features of one genome, found by place or by name.
#[derive(Clone, Debug, Default)]
pub struct FeatureSet {
    /// Sorted by contig and position.
    features: Vec<Feature>,
    /// The furthest end (0-based, exclusive) of every [`BLOCK`] features, on whatever contig.
    furthest_ends: Vec<usize>,
}

impl FeatureSet {
    /// Sorts `features` by contig and position and indexes them.
    #[must_use]
    pub fn new(mut features: Vec<Feature>) -> Self {
        features.shrink_to_fit();
        features.sort_unstable_by(|a, b| {
            let place = |f: &Feature| (f.contig, f.interval, f.kind);
            place(a).cmp(&place(b)).then_with(|| a.words.cmp(&b.words))
        });
        let ends = |block: &[Feature]| block.iter().map(|f| f.interval.end).max();
        let furthest_ends = features.chunks(BLOCK).filter_map(ends).collect();
        Self {
            features,
            furthest_ends,
        }
    }

    /// All features, sorted by contig and position.
    #[must_use]
    pub fn all(&self) -> &[Feature] {
        &self.features
    }

    /// Features of `contig` that share a base with `interval`, sorted by position.
    #[must_use]
    pub fn overlapping(&self, contig: usize, interval: Interval) -> Vec<&Feature> {
        if interval.is_empty() {
            return Vec::new();
        }
        let before = |place: (usize, usize)| {
            let place_of = |f: &Feature| (f.contig(), f.interval.start);
            self.features.partition_point(|f| place_of(f) < place)
        };
        // All that begin left of its end; of those, whole blocks end left of its start.
        let (first, last) = (before((contig, 0)), before((contig, interval.end)));
        let mut found = Vec::new();
        for block in first / BLOCK..last.div_ceil(BLOCK) {
            if self.furthest_ends[block] <= interval.start {
                continue;
            }
            let within = first.max(block * BLOCK)..last.min((block + 1) * BLOCK);
            let all = self.features[within].iter();
            found.extend(all.filter(|f| f.interval.overlaps(interval)));
        }
        found
    }

    /// Features called `name` (name, synonym or locus tag, any case), best first: genes before the rest.
    #[must_use]
    pub fn called(&self, name: &str) -> Vec<&Feature> {
        let matches = |text: &str| text.eq_ignore_ascii_case(name);
        let mut found: Vec<&Feature> = self
            .features
            .iter()
            .filter(|f| matches(f.name()) || matches(f.locus_tag()) || f.synonyms().any(matches))
            .collect();
        found.sort_by_key(|f| (!matches(f.name()), f.kind, f.contig, f.interval));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_feature_is_small() {
        assert!(std::mem::size_of::<Feature>() <= 40);
    }

    proptest! {
        #[test]
        fn overlaps_are_those_of_a_search_through_all(
            places in proptest::collection::vec((0_usize..3, 0_usize..900, 1_usize..400), 0..300),
            long in 0_usize..3,
            (contig, start, length) in (0_usize..4, 0_usize..1_000, 0_usize..100),
        ) {
            let at = |(contig, start, length): (usize, usize, usize)| {
                // Most are short, so that blocks are passed over.
                let length = if length < 360 { 1 + length / 40 } else { length };
                Feature::new(FeatureKind::Other, contig, Interval::new(start, start + length), None)
            };
            let long = Feature::new(FeatureKind::Gene, long, Interval::new(0, 2_000), None);
            let set = FeatureSet::new(places.into_iter().map(at).chain([long]).collect());
            let interval = Interval::new(start, start + length);
            let expected: Vec<&Feature> = set
                .all()
                .iter()
                .filter(|f| f.contig() == contig && f.interval.overlaps(interval) && !interval.is_empty())
                .collect();
            prop_assert_eq!(set.overlapping(contig, interval), expected);
        }
    }
}
