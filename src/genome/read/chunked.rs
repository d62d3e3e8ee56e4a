//! Records while their number is not known.

/// Records kept together.
const CHUNK: usize = 1024;

/// A list that grows without being copied: a growing `Vec` holds its records twice for a moment,
/// in up to three times their size.
#[derive(Debug)]
pub struct Chunked<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

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
        self.len() == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flatten().chain(&self.last)
    }

    /// The last one.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.last.last_mut()
    }

    /// All of them, in a list of just the right size.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.len());
        for chunk in self.full {
            all.extend(chunk);
        }
        all.extend(self.last);
        all
    }
}

/// # Panics
/// Beyond the last one.
impl<T> std::ops::Index<usize> for Chunked<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        self.full
            .get(index / CHUNK)
            .map_or_else(|| &self.last[index % CHUNK], |chunk| &chunk[index % CHUNK])
    }
}

/// # Panics
/// Beyond the last one.
impl<T> std::ops::IndexMut<usize> for Chunked<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        match self.full.get_mut(index / CHUNK) {
            Some(chunk) => &mut chunk[index % CHUNK],
            None => &mut self.last[index % CHUNK],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_one_list() {
        for count in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5] {
            let mut list = Chunked::default();
            (0..count).for_each(|number| list.push(number));
            assert_eq!((list.len(), list.is_empty()), (count, count == 0));
            assert!(list.iter().copied().eq(0..count));
            if count > 0 {
                list[count / 2] += 10;
                assert_eq!(list[count / 2], count / 2 + 10);
                assert_eq!(list.last_mut().copied(), Some(list[count - 1]));
                list[count / 2] -= 10;
            }
            let all = list.into_vec();
            assert_eq!(all.capacity(), count);
            assert!(all.into_iter().eq(0..count));
        }
    }
}
