//! What can be done about sites and start sites that do not stand where their file says.

use super::contig::Genome;
use super::lift::Lift;
use super::locus::Interval;
use std::fmt;

/// Changes to the places of a file's records, and how strictly printed sequences are compared.
///
/// `Display` gives the arguments of the command line: `--lift --ignore-strand`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Remedy {
    /// Take positions from the other known assembly to the open one.
    pub lift: bool,
    /// Move every record by this many bases, before it is lifted.
    pub shift_bp: isize,
    /// Accept a printed sequence on either strand.
    pub ignore_strand: bool,
}

/// Where a remedy puts an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// There.
    At(Interval),
    /// Before the first base.
    Before,
    /// The open assembly does not have these bases.
    NotThere,
}

impl Remedy {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// For each contig the way onto it, where the remedy lifts and one is known.
    #[must_use]
    pub fn lifts(self, genome: &Genome) -> Vec<Option<Lift>> {
        let onto = |contig| Lift::onto(contig).filter(|_| self.lift);
        genome.contigs.iter().map(onto).collect()
    }

    /// Whether it leaves every record where it is.
    #[must_use]
    pub fn moves_nothing(self) -> bool {
        !self.lift && self.shift_bp == 0
    }

    /// Where the remedy puts `interval`; `lifts` are those of [`Self::lifts`].
    #[must_use]
    pub fn place(self, interval: Interval, contig: usize, lifts: &[Option<Lift>]) -> Place {
        let moved = |end: usize| end.checked_add_signed(self.shift_bp);
        let (Some(start), Some(end)) = (moved(interval.start), moved(interval.end)) else {
            return Place::Before;
        };
        let interval = Interval::new(start, end);
        if !self.lift {
            return Place::At(interval);
        }
        let lift = lifts.get(contig).and_then(Option::as_ref);
        lift.and_then(|lift| lift.interval(interval))
            .map_or(Place::NotThere, Place::At)
    }

    /// What it does, as a button says it.
    #[must_use]
    pub fn words(self, genome: &Genome) -> String {
        let mut parts = Vec::new();
        if self.lift {
            let lift = genome.contigs.iter().find_map(Lift::onto);
            parts.push(match lift {
                Some(lift) => format!("lift from {} to {}", lift.from[0], lift.to[0]),
                None => "lift from the other assembly".to_owned(),
            });
        }
        if self.shift_bp != 0 {
            let bases = if self.shift_bp.unsigned_abs() == 1 {
                "base"
            } else {
                "bases"
            };
            parts.push(format!("move by {:+} {bases}", self.shift_bp));
        }
        if self.ignore_strand {
            parts.push("ignore strand".to_owned());
        }
        let words = parts.join(", ");
        let mut letters = words.chars();
        match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => words,
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arguments = Vec::new();
        if self.lift {
            arguments.push("--lift".to_owned());
        }
        if self.shift_bp != 0 {
            arguments.push(format!("--shift {}", self.shift_bp));
        }
        if self.ignore_strand {
            arguments.push("--ignore-strand".to_owned());
        }
        f.write_str(&arguments.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Base, Contig};

    #[test]
    fn remedies_move_lift_and_say_so() {
        let contig = Contig {
            name: "U00096.3".to_owned(),
            sequence: std::iter::repeat_n(Base::A, 4_641_652).collect(),
            ..Contig::default()
        };
        let genome = Genome::new("g", vec![contig]);
        let remedy = Remedy {
            lift: true,
            shift_bp: -1,
            ignore_strand: true,
        };
        let lifts = remedy.lifts(&genome);
        let place = |start| remedy.place(Interval::new(start, start + 5), 0, &lifts);
        assert_eq!(place(300_001), Place::At(Interval::new(300_776, 300_781)));
        assert_eq!(place(0), Place::Before);
        assert_eq!(place(3_558_476), Place::NotThere);
        assert_eq!(remedy.to_string(), "--lift --shift -1 --ignore-strand");
        assert_eq!(
            remedy.words(&genome),
            "Lift from U00096.2 to U00096.3, move by -1 base, ignore strand"
        );
        assert_eq!(Remedy::default().to_string(), "");
    }
}
