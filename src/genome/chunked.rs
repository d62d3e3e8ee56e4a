//! Lists whose length is not known while they are filled.

use std::iter::{Chain, Flatten};
use std::{slice, vec};

/// Records kept together.
const CHUNK: usize = 1024;

/// A list that grows without being copied: a growing `Vec` holds its records twice for a moment,
/// in up to three times their size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunked<T> {
    /// Each of [`CHUNK`] records.
    full: Vec<Vec<T>>,
    /// At most as many; empty only where the whole list is.
    last: Vec<T>,
}

/// The records of a [`Chunked`] in order, lent.
pub type Iter<'c, T> = Chain<Flatten<slice::Iter<'c, Vec<T>>>, slice::Iter<'c, T>>;
/// The records of a [`Chunked`] in order, lent to be changed.
pub type IterMut<'c, T> = Chain<Flatten<slice::IterMut<'c, Vec<T>>>, slice::IterMut<'c, T>>;
/// The records of a [`Chunked`] in order; a chunk that has been handed out takes no memory.
pub type IntoIter<T> = Chain<Flatten<vec::IntoIter<Vec<T>>>, vec::IntoIter<T>>;

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            last: Vec::new(),
        }
    }
}

impl<T> Chunked<T> {
    /// Adds one at the end.
    pub fn push(&mut self, record: T) {
        if self.last.len() == CHUNK {
            let next = Vec::with_capacity(CHUNK);
            self.full.push(std::mem::replace(&mut self.last, next));
        }
        self.last.push(record);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.last.is_empty()
    }

    /// The one at `index`; `None` beyond the last.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        let chunk = self.full.get(index / CHUNK);
        match chunk {
            Some(chunk) => chunk.get(index % CHUNK),
            None => self.last.get(index.checked_sub(self.full.len() * CHUNK)?),
        }
    }

    /// The one at `index`, to be changed; `None` beyond the last.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let before_last = self.full.len() * CHUNK;
        match self.full.get_mut(index / CHUNK) {
            Some(chunk) => chunk.get_mut(index % CHUNK),
            None => self.last.get_mut(index.checked_sub(before_last)?),
        }
    }

    /// The first one.
    #[must_use]
    pub fn first(&self) -> Option<&T> {
        self.get(0)
    }

    /// The last one.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.last.last()
    }

    /// The last one, to be changed.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.last.last_mut()
    }

    /// All of them, in order.
    pub fn iter(&self) -> Iter<'_, T> {
        self.full.iter().flatten().chain(&self.last)
    }

    /// All of them, in order, to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        self.full.iter_mut().flatten().chain(&mut self.last)
    }

    /// All of them, in a list of just the right size.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.len());
        all.extend(self);
        all
    }
}

/// # Panics
/// Beyond the last one.
impl<T> std::ops::Index<usize> for Chunked<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        let length = self.len();
        match self.get(index) {
            Some(record) => record,
            None => panic!("record {index} of a list of {length}"),
        }
    }
}

/// # Panics
/// Beyond the last one.
impl<T> std::ops::IndexMut<usize> for Chunked<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        let length = self.len();
        match self.get_mut(index) {
            Some(record) => record,
            None => panic!("record {index} of a list of {length}"),
        }
    }
}

impl<T> Extend<T> for Chunked<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, records: I) {
        records.into_iter().for_each(|record| self.push(record));
    }
}

impl<T> FromIterator<T> for Chunked<T> {
    fn from_iter<I: IntoIterator<Item = T>>(records: I) -> Self {
        let mut list = Self::default();
        list.extend(records);
        list
    }
}

impl<T> From<Vec<T>> for Chunked<T> {
    fn from(records: Vec<T>) -> Self {
        records.into_iter().collect()
    }
}

impl<'c, T> IntoIterator for &'c Chunked<T> {
    type Item = &'c T;
    type IntoIter = Iter<'c, T>;

    fn into_iter(self) -> Iter<'c, T> {
        self.iter()
    }
}

impl<'c, T> IntoIterator for &'c mut Chunked<T> {
    type Item = &'c mut T;
    type IntoIter = IterMut<'c, T>;

    fn into_iter(self) -> IterMut<'c, T> {
        self.iter_mut()
    }
}

impl<T> IntoIterator for Chunked<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        self.full.into_iter().flatten().chain(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_one_list() {
        for count in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let mut list: Chunked<usize> = (0..count).collect();
            assert_eq!((list.len(), list.is_empty()), (count, count == 0));
            assert!(list.iter().copied().eq(0..count));
            assert_eq!(list, Chunked::from((0..count).collect::<Vec<_>>()));
            for index in 0..count {
                assert_eq!((list[index], list.get(index)), (index, Some(&index)));
            }
            for beyond in [count, count + 1, count + CHUNK, usize::MAX] {
                assert!(list.get(beyond).is_none() && list.get_mut(beyond).is_none());
            }
            let (first, last) = (list.first().copied(), list.last().copied());
            assert_eq!(first, (0..count).next());
            assert_eq!(last, (0..count).last());
            if count > 0 {
                list[count / 2] += 10;
                assert_eq!(list[count / 2], count / 2 + 10);
                assert_eq!(list.last_mut().copied(), Some(list[count - 1]));
                list[count / 2] -= 10;
            }
            (&mut list).into_iter().for_each(|number| *number += 1);
            let all = list.into_vec();
            assert_eq!(all.capacity(), count);
            assert!(all.into_iter().eq(1..=count));
        }
    }

    #[test]
    #[should_panic(expected = "record 2 of a list of 2")]
    fn beyond_the_last_there_is_none() {
        let list = Chunked::from(vec![1, 2]);
        let _ = list[2];
    }
}
