//! Names of attention heads.

use std::fmt;

/// One attention head. 0-based here, 1-based in text: layer 0, head 2 is shown as `L1H3`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct HeadId {
    /// 0-based layer.
    pub layer: usize,
    /// 0-based head of the layer.
    pub head: usize,
}

impl fmt::Display for HeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L{}H{}", self.layer + 1, self.head + 1)
    }
}

/// Reading a head's name failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not a head: expected a name such as L1H3 (layer 1, head 3)")]
pub struct HeadError {
    /// What was found instead.
    pub found: String,
}

impl std::str::FromStr for HeadId {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let parse = || {
            let (layer, head) = text.strip_prefix(['L', 'l'])?.split_once(['H', 'h'])?;
            let (layer, head): (usize, usize) = (layer.parse().ok()?, head.parse().ok()?);
            (layer >= 1 && head >= 1).then(|| Self {
                layer: layer - 1,
                head: head - 1,
            })
        };
        parse().ok_or_else(|| HeadError {
            found: text.to_owned(),
        })
    }
}

/// How many heads a model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct HeadShape {
    /// Number of layers.
    pub layers: usize,
    /// Heads in each layer.
    pub heads: usize,
}

impl HeadShape {
    /// Heads in all.
    #[must_use]
    pub fn len(self) -> usize {
        self.layers * self.heads
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Row of `head` where heads are listed layer by layer.
    #[must_use]
    pub fn row(self, head: HeadId) -> usize {
        head.layer * self.heads + head.head
    }

    /// The head in `row`, the inverse of [`Self::row`].
    #[must_use]
    pub fn head(self, row: usize) -> HeadId {
        HeadId {
            layer: row / self.heads,
            head: row % self.heads,
        }
    }

    /// Every head, layer by layer.
    pub fn all(self) -> impl Iterator<Item = HeadId> {
        (0..self.len()).map(move |row| self.head(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let shape = HeadShape {
            layers: 6,
            heads: 6,
        };
        for (row, head) in shape.all().enumerate() {
            assert_eq!(head.to_string().parse(), Ok(head));
            assert_eq!(shape.row(head), row);
        }
        assert!("L0H1".parse::<HeadId>().is_err());
        assert!("H1L1".parse::<HeadId>().is_err());
    }
}
