//! A tensor as it lies in a file, and its numbers as f32.

use super::error::Problem;
use super::source::Source;
use super::{Format, zip};
use half::{bf16, f16};

/// The element types that weights come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F32,
    F64,
    F16,
    Bf16,
    /// Anything else, by its name in the file.
    Other(String),
}

impl Element {
    /// Bytes of one number, where it is one that weights come in.
    fn size(&self) -> Option<usize> {
        match self {
            Self::F32 => Some(4),
            Self::F64 => Some(8),
            Self::F16 | Self::Bf16 => Some(2),
            Self::Other(_) => None,
        }
    }

    fn read(&self, bytes: &[u8]) -> Option<f64> {
        Some(match self {
            Self::F32 => f32::from_le_bytes(bytes.try_into().ok()?).into(),
            Self::F64 => f64::from_le_bytes(bytes.try_into().ok()?),
            Self::F16 => f16::from_le_bytes(bytes.try_into().ok()?).into(),
            Self::Bf16 => bf16::from_le_bytes(bytes.try_into().ok()?).into(),
            Self::Other(_) => return None,
        })
    }
}

/// Where the bytes of a tensor lie.
#[derive(Clone, Debug)]
pub(super) enum Storage {
    /// In the file as they are.
    Plain { offset: u64, bytes: u64 },
    /// In an entry of a ZIP archive.
    Entry(zip::Entry),
}

/// A tensor of a file, not yet read.
#[derive(Clone, Debug)]
pub(super) struct StoredTensor {
    /// Its name, with whatever prefix the file has.
    pub(super) name: String,
    pub(super) element: Element,
    pub(super) shape: Vec<usize>,
    /// Elements from one index to the next, per dimension; `None` where it is row-major.
    pub(super) strides: Option<Vec<usize>>,
    /// Elements before the first one of the tensor in its storage.
    pub(super) first: usize,
    pub(super) storage: Storage,
    /// Whether it belongs to the state dict. A module's other attributes are named, never used.
    pub(super) in_state: bool,
}

impl StoredTensor {
    /// Elements in all; `None` where the product overflows.
    pub(super) fn elements(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size))
    }

    /// Bytes of one of its numbers.
    pub(super) fn element_size(&self) -> Result<usize, Problem> {
        self.element.size().ok_or_else(|| Problem::ElementType {
            name: self.name.clone(),
            found: match &self.element {
                Element::Other(found) => found.clone(),
                known => format!("{known:?}"),
            },
        })
    }

    /// Reads the numbers, row-major, and checks that each is finite as f32.
    pub(super) fn read(
        &self,
        source: &mut Source<'_>,
        format: Format,
    ) -> Result<Vec<f32>, Problem> {
        let size = self.element_size()?;
        let outside = || {
            let problem = format!("tensor {} reaches beyond its storage", self.name);
            Problem::damaged(format, problem)
        };
        let elements = self.elements().ok_or_else(outside)?;
        let (from, to) = self.span().ok_or_else(outside)?;
        let from_bytes = from.checked_mul(size).ok_or_else(outside)? as u64;
        let span_bytes = (to - from).checked_mul(size).ok_or_else(outside)? as u64;
        // A view may repeat its storage. Weights do not, and a small file could ask for any memory.
        if elements > to - from {
            let problem = format!("tensor {} repeats its storage", self.name);
            return Err(Problem::damaged(format, problem));
        }
        let what = format!("tensor {}", self.name);
        let bytes = match &self.storage {
            Storage::Plain { offset, bytes } => {
                if from_bytes + span_bytes > *bytes {
                    return Err(outside());
                }
                source
                    .bytes_at(offset + from_bytes, span_bytes)
                    .map_err(|error| error.problem(format, &what))?
            }
            Storage::Entry(entry) => {
                if from_bytes + span_bytes > entry.bytes {
                    return Err(outside());
                }
                let mut bytes = entry.read(source)?;
                bytes.drain(..from_bytes as usize);
                bytes.truncate(span_bytes as usize);
                bytes
            }
        };
        let mut values = Vec::with_capacity(elements);
        let mut index = vec![0; self.shape.len()];
        for element in 0..elements {
            let at = match &self.strides {
                None => element,
                Some(strides) => index.iter().zip(strides).map(|(i, step)| i * step).sum(),
            };
            let value = bytes
                .get(at * size..(at + 1) * size)
                .and_then(|word| self.element.read(word))
                .ok_or_else(outside)?;
            #[allow(
                clippy::cast_possible_truncation,
                reason = "the network computes in f32"
            )]
            let narrow = value as f32;
            if !narrow.is_finite() {
                return Err(Problem::NotFinite {
                    name: self.name.clone(),
                    index,
                    value,
                });
            }
            values.push(narrow);
            advance(&mut index, &self.shape);
        }
        Ok(values)
    }

    /// First element in the storage and one past the last.
    fn span(&self) -> Option<(usize, usize)> {
        if self.shape.contains(&0) {
            return Some((self.first, self.first));
        }
        let length = match &self.strides {
            None => self.elements()?,
            Some(strides) => {
                let mut last = 0_usize;
                for (size, step) in self.shape.iter().zip(strides) {
                    last = last.checked_add((size - 1).checked_mul(*step)?)?;
                }
                last.checked_add(1)?
            }
        };
        Some((self.first, self.first.checked_add(length)?))
    }
}

/// Moves a row-major index on by one element.
fn advance(index: &mut [usize], shape: &[usize]) {
    for (position, size) in index.iter_mut().zip(shape).rev() {
        *position += 1;
        if *position < *size {
            return;
        }
        *position = 0;
    }
}
