//! Several short texts in one allocation, so that a million small records stay small.

/// What stands between two texts; it occurs in none.
const SEPARATOR: char = '\0';

/// Texts in a fixed order. Empty ones at the end take no memory, nor does an empty list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Words(Box<str>);

impl Words {
    /// Joins `texts`; a character U+0000 within one is left out.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Self {
        let bytes = texts.clone().map(|text| text.len() + 1).sum();
        let mut joined = String::with_capacity(bytes);
        for text in texts {
            text.split(SEPARATOR).for_each(|part| joined.push_str(part));
            joined.push(SEPARATOR);
        }
        joined.truncate(joined.trim_end_matches(SEPARATOR).len());
        Self(joined.into_boxed_str())
    }

    /// The text at `index`; empty where there is none.
    #[must_use]
    pub fn at(&self, index: usize) -> &str {
        self.0.split(SEPARATOR).nth(index).unwrap_or_default()
    }

    /// The texts from `index` on that are not empty.
    pub fn from(&self, index: usize) -> impl Iterator<Item = &str> + Clone {
        let rest = self.0.split(SEPARATOR).skip(index);
        rest.filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_empty_ends_cost_nothing() {
        let words = Words::new(["lacZ", "", "β-gal\0", "x", "", "y", ""].into_iter());
        assert_eq!(
            (words.at(0), words.at(1), words.at(2)),
            ("lacZ", "", "β-gal")
        );
        assert_eq!(words.at(9), "");
        assert_eq!(words.from(3).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(words.0.len(), "lacZ".len() + "β-gal".len() + "xy".len() + 5);
        assert_eq!(Words::new(["", ""].into_iter()), Words::default());
        assert!(Words::new(["a", "b"].into_iter()) < Words::new(["a1"].into_iter()));
    }
}
