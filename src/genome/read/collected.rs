//! Features while a file is read, with what ties them to one another.
//!
//! Parts with the same ID become one feature; a gene takes its product from the CDS or RNA under it.

use super::report::ReadReport;
use crate::genome::chunked::Chunked;
use crate::genome::feature::{Feature, FeatureKind};
use crate::genome::locus::{Interval, grouped};
use std::collections::{HashMap, HashSet};

/// A feature with the names that tie it to others; those may be empty.
pub(super) struct Entry {
    /// The feature itself.
    pub feature: Feature,
    /// What parts of one feature share.
    pub id: String,
    /// The ID of what it belongs to.
    pub parent: String,
}

/// Features in the order of the file.
#[derive(Default)]
pub(super) struct Collected {
    features: Chunked<Feature>,
    by_id: HashMap<String, First>,
    gene_by_locus_tag: HashMap<String, usize>,
    /// Transcripts lie between a gene and its CDS.
    parent_by_id: HashMap<String, String>,
    /// Products wait until all genes are known.
    products: Vec<Product>,
    joined: usize,
}

/// The first part of a feature.
struct First {
    index: usize,
    parent: String,
}

struct Product {
    /// The feature that has it.
    index: usize,
    parent: String,
}

impl Collected {
    /// Remembers whose child a feature is that is not shown by itself.
    pub fn adopt(&mut self, id: &str, parent: &str) {
        if !id.is_empty() && !parent.is_empty() {
            self.parent_by_id.insert(id.to_owned(), parent.to_owned());
        }
    }

    /// Adds a feature, or joins it to its first part.
    pub fn add(&mut self, entry: Entry) {
        let Entry {
            feature,
            id,
            parent,
        } = entry;
        let index = self.features.len();
        if !id.is_empty() {
            if self.join(&feature, &id, &parent) {
                self.joined += 1;
                return;
            }
            if feature.kind != FeatureKind::Gene {
                self.adopt(&id, &parent);
            }
            let parent = parent.clone();
            self.by_id.insert(id, First { index, parent });
        }
        if feature.kind == FeatureKind::Gene {
            if !feature.locus_tag().is_empty() {
                self.gene_by_locus_tag
                    .insert(feature.locus_tag().to_owned(), index);
            }
        } else if !feature.product().is_empty() {
            self.products.push(Product { index, parent });
        }
        self.features.push(feature);
    }

    /// Whether `feature` is a further part of one that is there, which then spans both.
    fn join(&mut self, feature: &Feature, id: &str, parent: &str) -> bool {
        let Some(first) = self.by_id.get(id).filter(|first| first.parent == parent) else {
            return false;
        };
        let earlier = &mut self.features[first.index];
        let same = |f: &Feature| (f.kind, f.contig(), f.strand);
        let wraps = feature.interval.start == 0 && earlier.interval.start > feature.interval.end;
        if same(earlier) != same(feature) || wraps {
            return false;
        }
        let (a, b) = (earlier.interval, feature.interval);
        earlier.interval = Interval::new(a.start.min(b.start), a.end.max(b.end));
        true
    }

    /// All features; genes have their products.
    pub fn finish(mut self, report: &mut ReadReport) -> Vec<Feature> {
        let products = std::mem::take(&mut self.products);
        // A CDS says what a gene makes; an RNA speaks only where there is none.
        for of_cds in [true, false] {
            for product in &products {
                if (self.features[product.index].kind == FeatureKind::Cds) != of_cds {
                    continue;
                }
                if let Some(gene) = self.gene_of(product)
                    && self.features[gene].product().is_empty()
                {
                    let text = self.features[product.index].product().to_owned();
                    self.features[gene].set_product(&text);
                }
            }
        }
        if self.joined > 0 {
            let joined = grouped(self.joined);
            report.notes.push(format!(
                "{joined} further parts of features were joined to their first part."
            ));
        }
        self.features.into_vec()
    }

    fn gene_of(&self, product: &Product) -> Option<usize> {
        const DEEPEST: usize = 4;
        let mut parent = product.parent.as_str();
        for _ in 0..DEEPEST {
            let first = self.by_id.get(parent).map(|first| first.index);
            if let Some(gene) = first.filter(|&i| self.features[i].kind == FeatureKind::Gene) {
                return Some(gene);
            }
            match self.parent_by_id.get(parent) {
                Some(grandparent) => parent = grandparent,
                None => break,
            }
        }
        let locus_tag = self.features[product.index].locus_tag();
        self.gene_by_locus_tag.get(locus_tag).copied()
    }
}

/// Names without repeats, in their order; none is empty.
pub(super) fn once_each(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names
        .into_iter()
        .filter(|name| !name.is_empty() && seen.insert(name.clone()))
        .collect()
}
