//! How a pickle refers to the bytes of tensors, which lie outside it.

use super::error::shorten;
use super::pickle::{Id, Pickle};
use super::tensor::Element;
use std::collections::BTreeMap;

/// Bytes of one element of every storage that a pickle refers to, by key.
pub(super) fn storage_sizes<'a>(pickle: &Pickle<'a>) -> BTreeMap<&'a str, u64> {
    pickle
        .persistent()
        .filter_map(|reference| {
            let reference = Reference::read(pickle, reference)?;
            Some((reference.key, reference.size?))
        })
        .collect()
}

/// A reference to a storage: `('storage', type, key, location, elements[, view])`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference<'a> {
    kind: &'a str,
    pub(super) key: &'a str,
    size: Option<u64>,
    /// Elements of the whole storage before those of this view of it.
    pub(super) first: usize,
}

impl<'a> Reference<'a> {
    /// Reads what a persistent value refers to; `None` for classes and anything else.
    pub(super) fn read(pickle: &Pickle<'a>, id: Id) -> Option<Self> {
        let items = pickle.items(id)?;
        if pickle.text(*items.first()?)? != "storage" {
            return None;
        }
        let (_, kind) = pickle.global(*items.get(1)?)?;
        let size = match kind {
            "DoubleStorage" | "LongStorage" | "ComplexFloatStorage" => Some(8),
            "FloatStorage" | "IntStorage" => Some(4),
            "HalfStorage" | "BFloat16Storage" | "ShortStorage" => Some(2),
            "CharStorage" | "ByteStorage" | "BoolStorage" | "UntypedStorage" => Some(1),
            "ComplexDoubleStorage" => Some(16),
            _ => None,
        };
        let view = items.get(5).and_then(|&view| pickle.items(view));
        Some(Self {
            kind,
            key: pickle.text(*items.get(2)?)?,
            size,
            first: match view {
                Some(view) => pickle.count(*view.get(1)?)?,
                None => 0,
            },
        })
    }

    /// What its elements are.
    pub(super) fn element(&self) -> Element {
        match self.kind {
            "FloatStorage" => Element::F32,
            "DoubleStorage" => Element::F64,
            "HalfStorage" => Element::F16,
            "BFloat16Storage" => Element::Bf16,
            other => Element::Other(shorten(other)),
        }
    }
}
