//! Computed pages, kept within a budget of bytes; emptying it changes no picture.

use crate::job::live::{Page, PageKey};
use std::collections::HashMap;
use std::sync::Arc;

/// Pages that have been computed, least recently used dropped first.
#[derive(Debug, Default)]
pub struct Pages {
    kept: HashMap<PageKey, Kept>,
    bytes: usize,
    clock: u64,
}

#[derive(Debug)]
struct Kept {
    page: Arc<Page>,
    bytes: usize,
    last_used: u64,
}

impl Pages {
    /// Bytes that pages may take together.
    pub const BUDGET_BYTES: usize = 384 << 20;

    /// The page, if it is there; counts as a use.
    pub fn get(&mut self, key: &PageKey) -> Option<Arc<Page>> {
        self.clock += 1;
        let kept = self.kept.get_mut(key)?;
        kept.last_used = self.clock;
        Some(Arc::clone(&kept.page))
    }

    /// The page, if it is there, without counting as a use.
    #[must_use]
    pub fn peek(&self, key: &PageKey) -> Option<Arc<Page>> {
        self.kept.get(key).map(|kept| Arc::clone(&kept.page))
    }

    /// Whether the page is there.
    #[must_use]
    pub fn contains(&self, key: &PageKey) -> bool {
        self.kept.contains_key(key)
    }

    /// Keeps a page and drops the least recently used ones beyond the budget.
    pub fn insert(&mut self, key: PageKey, page: Arc<Page>) {
        self.clock += 1;
        let bytes = page.bytes();
        if let Some(old) = self.kept.insert(
            key,
            Kept {
                page,
                bytes,
                last_used: self.clock,
            },
        ) {
            self.bytes -= old.bytes;
        }
        self.bytes += bytes;
        while self.bytes > Self::BUDGET_BYTES
            && let Some(oldest) = self
                .kept
                .iter()
                .min_by_key(|(_, kept)| kept.last_used)
                .map(|(key, _)| *key)
            && let Some(old) = self.kept.remove(&oldest)
        {
            self.bytes -= old.bytes;
        }
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }

    /// Bytes taken now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
