//! Nucleotides and the orders in which the formats at the edges list them.

/// One nucleotide. Every IUPAC ambiguity code reads as [`Base::N`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Base {
    /// Adenine.
    A = 0,
    /// Cytosine.
    C = 1,
    /// Guanine.
    G = 2,
    /// Thymine (uracil in RNA).
    T = 3,
    /// Not known.
    N = 4,
}

/// The four known bases in the order A, C, G, T, which is also their [`Base::index`].
pub const ACGT: [Base; 4] = [Base::A, Base::C, Base::G, Base::T];

impl Base {
    /// Reads one letter of a sequence: A, C, G, T, U and all IUPAC codes in either case.
    ///
    /// Ambiguity codes give [`Base::N`]; anything that is not a nucleotide code gives `None`.
    #[must_use]
    pub fn from_ascii(letter: u8) -> Option<Self> {
        match letter.to_ascii_uppercase() {
            b'A' => Some(Self::A),
            b'C' => Some(Self::C),
            b'G' => Some(Self::G),
            b'T' | b'U' => Some(Self::T),
            b'N' | b'R' | b'Y' | b'S' | b'W' | b'K' | b'M' | b'B' | b'D' | b'H' | b'V' | b'X' => {
                Some(Self::N)
            }
            _ => None,
        }
    }

    /// The upper-case letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::C => 'C',
            Self::G => 'G',
            Self::T => 'T',
            Self::N => 'N',
        }
    }

    /// The base on the other strand.
    #[must_use]
    pub fn complement(self) -> Self {
        match self {
            Self::A => Self::T,
            Self::C => Self::G,
            Self::G => Self::C,
            Self::T => Self::A,
            Self::N => Self::N,
        }
    }

    /// Row in tables ordered A, C, G, T; `None` for N.
    #[must_use]
    pub fn index(self) -> Option<usize> {
        (self != Self::N).then_some(self as usize)
    }
}

/// The other strand, read in its own direction.
#[must_use]
pub fn reverse_complement(bases: &[Base]) -> Vec<Base> {
    bases.iter().rev().map(|base| base.complement()).collect()
}

/// The bases as upper-case text.
#[must_use]
pub fn text(bases: &[Base]) -> String {
    bases.iter().map(|base| base.letter()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_complement_twice_is_identity() {
        let bases: Vec<Base> = b"ACGTNacgtn"
            .iter()
            .filter_map(|&b| Base::from_ascii(b))
            .collect();
        assert_eq!(text(&reverse_complement(&bases)), "NACGTNACGT");
        assert_eq!(reverse_complement(&reverse_complement(&bases)), bases);
    }
}
