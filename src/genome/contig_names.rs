//! Which contig has a name, in few bytes a contig.

use super::chunked::Chunked;
use super::contig::Contig;
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};

/// The contigs of a list by their own names (not by aliases): four bytes a contig, for the names
/// are looked at where they are.
#[derive(Debug, Default)]
pub struct ContigNames {
    indices: HashTable<u32>,
    hasher: RandomState,
}

impl ContigNames {
    /// The names of all `contigs`.
    #[must_use]
    pub fn of(contigs: &Chunked<Contig>) -> Self {
        let hasher = RandomState::new();
        let hash = |index: u32| hasher.hash_one(contigs[index as usize].name.as_str());
        let mut indices = HashTable::with_capacity(contigs.len());
        for index in 0..u32::try_from(contigs.len()).unwrap_or(u32::MAX) {
            indices.insert_unique(hash(index), index, |&index| hash(index));
        }
        Self { indices, hasher }
    }

    /// Whether one of `contigs`, which are those that this was made of, is called `name`.
    #[must_use]
    pub fn contains(&self, name: &str, contigs: &Chunked<Contig>) -> bool {
        let is_it = |&index: &u32| contigs[index as usize].name == name;
        self.indices
            .find(self.hasher.hash_one(name), is_it)
            .is_some()
    }

    /// Adds `contig` to `contigs` unless another has its name.
    ///
    /// # Errors
    /// The contig, where its name is taken.
    pub fn push(&mut self, contig: Contig, contigs: &mut Chunked<Contig>) -> Result<(), Contig> {
        if self.contains(&contig.name, contigs) {
            return Err(contig);
        }
        let hash = self.hasher.hash_one(contig.name.as_str());
        let next = u32::try_from(contigs.len()).unwrap_or(u32::MAX);
        contigs.push(contig);
        let hash_of = |&index: &u32| {
            let contig = &contigs[index as usize];
            self.hasher.hash_one(contig.name.as_str())
        };
        self.indices.insert_unique(hash, next, hash_of);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_once() {
        let mut contigs = Chunked::default();
        let mut names = ContigNames::default();
        let called = |number: usize| Contig {
            name: format!("c{number}"),
            ..Contig::default()
        };
        for number in 0..3_000 {
            assert_eq!(names.push(called(number), &mut contigs), Ok(()));
        }
        assert_eq!(names.push(called(2_999), &mut contigs), Err(called(2_999)));
        assert_eq!(names.push(called(0), &mut contigs), Err(called(0)));
        assert_eq!(contigs.len(), 3_000);
        for names in [names, ContigNames::of(&contigs)] {
            assert!((0..3_000).all(|number| names.contains(&called(number).name, &contigs)));
            assert!(!names.contains("c3000", &contigs) && !names.contains("", &contigs));
        }
    }
}
