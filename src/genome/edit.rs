//! Changes of a sequence: bases replaced, inserted, deleted or masked, and their short names.
//!
//! The names follow HGVS for genomic DNA: 1-based closed positions of the forward strand behind
//! `g.`, an insertion between the two bases that it names. `mask` is an addition.
//!
//! | text | what |
//! |---|---|
//! | `g.366300A>T` | another base |
//! | `g.366300del`, `g.366300_366302del` | bases taken out |
//! | `g.366300_366301insACG` | bases put in between two |
//! | `g.366300_366302delinsAC` | bases taken out and others put in |
//! | `g.366300_366310mask` | bases that are not shown to the model |

use super::base::{self, Base};
use super::contig::{Contig, Genome};
use super::locus::{Interval, grouped};

/// One change of a contig, in positions of its forward strand before any change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Edit {
    /// `bases` (possibly none) come in the place of `interval` (possibly empty: before its start).
    Replace {
        /// What is taken out.
        interval: Interval,
        /// What is put in, as the forward strand reads.
        bases: Vec<Base>,
    },
    /// The bases stay and are not shown to the model.
    Mask {
        /// Which ones.
        interval: Interval,
    },
}

/// A change cannot be read or made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It reads like none.
    #[error(
        "'{found}' is no change of a sequence: expected such as g.366300A>T, g.366300_366302del, \
         g.366300_366301insACG, g.366300_366302delinsAC or g.366300_366310mask"
    )]
    Unreadable {
        /// What was found.
        found: String,
    },
    /// It names a sequence that is not there.
    #[error("'{found}' names the sequence '{contig}', which the genome lacks; it has {known}")]
    NoContig {
        /// What was found.
        found: String,
        /// The name.
        contig: String,
        /// The first names that the genome has.
        known: String,
    },
    /// It lies elsewhere.
    #[error("'{change}' lies outside {contig}, whose positions are 1 to {}", grouped(*length_bp))]
    Outside {
        /// The change.
        change: String,
        /// The contig.
        contig: String,
        /// Its number of bases.
        length_bp: usize,
    },
    /// Another base stands there.
    #[error(
        "'{found}' replaces {stated}, but the forward strand has {there} there; \
         write the change as the forward strand reads"
    )]
    OtherBase {
        /// The change.
        found: String,
        /// The base that it names.
        stated: char,
        /// The base that is there.
        there: char,
    },
    /// Two changes touch the same place.
    #[error("'{first}' and '{second}' change the same place: join them into one delins")]
    Overlap {
        /// The change further left.
        first: String,
        /// The other one.
        second: String,
    },
}

impl Edit {
    /// Another base at the 0-based `position`.
    #[must_use]
    pub fn substitution(position: usize, base: Base) -> Self {
        Self::Replace {
            interval: Interval::new(position, position + 1),
            bases: vec![base],
        }
    }

    /// Bases put in before the 0-based `position`.
    #[must_use]
    pub fn insertion(position: usize, bases: Vec<Base>) -> Self {
        Self::Replace {
            interval: Interval::new(position, position),
            bases,
        }
    }

    /// Bases taken out.
    #[must_use]
    pub fn deletion(interval: Interval) -> Self {
        Self::Replace {
            interval,
            bases: Vec::new(),
        }
    }

    /// The bases that it touches; an insertion has the empty interval at its place.
    #[must_use]
    pub fn interval(&self) -> Interval {
        match self {
            Self::Replace { interval, .. } | Self::Mask { interval } => *interval,
        }
    }

    /// By how many bases it makes the contig longer.
    #[must_use]
    pub fn growth(&self) -> isize {
        match self {
            Self::Replace { interval, bases } => {
                bases.len().cast_signed() - interval.len().cast_signed()
            }
            Self::Mask { .. } => 0,
        }
    }

    /// Its name without that of the contig, such as `g.366300A>T`. Reads the base that it replaces
    /// from `contig`.
    #[must_use]
    pub fn short_name(&self, contig: &Contig) -> String {
        let place = |interval: Interval| match interval.len() {
            1 => format!("g.{}", interval.end),
            _ => format!("g.{}_{}", interval.start + 1, interval.end),
        };
        match self {
            Self::Mask { interval } => format!("{}mask", place(*interval)),
            Self::Replace { interval, bases } => match (interval.len(), bases.as_slice()) {
                (0, bases) => {
                    let (left, right) = (interval.start, interval.start + 1);
                    format!("g.{left}_{right}ins{}", base::text(bases))
                }
                (_, []) => format!("{}del", place(*interval)),
                (1, [base]) => {
                    let there = contig.sequence.bases(*interval);
                    let there = there.first().map_or('N', |base| base.letter());
                    format!("{}{there}>{}", place(*interval), base.letter())
                }
                (_, bases) => format!("{}delins{}", place(*interval), base::text(bases)),
            },
        }
    }

    /// Its whole name, such as `NC_000913.3:g.366300A>T`.
    #[must_use]
    pub fn name(&self, contig: &Contig) -> String {
        format!("{}:{}", contig.name, self.short_name(contig))
    }

    /// Reads a name as [`Self::name`] and [`Self::short_name`] write it; without a sequence's name
    /// it is about `contig`. Gives the index of the contig with the change.
    ///
    /// # Errors
    /// [`EditError`] where it reads like none, lies outside or replaces another base than is there.
    pub fn parse(text: &str, genome: &Genome, contig: usize) -> Result<(usize, Self), EditError> {
        let unreadable = || EditError::Unreadable {
            found: text.chars().take(80).collect(),
        };
        let text = text.trim();
        let (name, rest) = match text.rsplit_once(":g.") {
            Some((name, rest)) => (Some(name.trim()), rest),
            None => (None, text.strip_prefix("g.").unwrap_or(text)),
        };
        let index = match name {
            None => contig,
            Some(name) => genome.contig_index(name).ok_or_else(|| {
                let known = genome.contigs.iter().map(|contig| contig.name.as_str());
                EditError::NoContig {
                    found: text.to_owned(),
                    contig: name.to_owned(),
                    known: known.take(3).collect::<Vec<_>>().join(", "),
                }
            })?,
        };
        let contig = genome.contigs.get(index).ok_or_else(unreadable)?;
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit());
        let end = digits(rest).ok_or_else(unreadable)?;
        let first: usize = rest[..end].parse().map_err(|_| unreadable())?;
        let (last, verb) = match rest[end..].strip_prefix('_') {
            None => (first, &rest[end..]),
            Some(rest) => {
                let end = digits(rest).ok_or_else(unreadable)?;
                let last = rest[..end].parse().map_err(|_| unreadable())?;
                (last, &rest[end..])
            }
        };
        let outside = || EditError::Outside {
            change: text.to_owned(),
            contig: contig.name.clone(),
            length_bp: contig.len(),
        };
        let letters = |text: &str| -> Result<Vec<Base>, EditError> {
            let bases = text
                .bytes()
                .map(Base::from_ascii)
                .collect::<Option<Vec<_>>>();
            bases
                .filter(|bases| !bases.is_empty())
                .ok_or_else(unreadable)
        };
        if let Some(bases) = verb.strip_prefix("ins") {
            // Before the first base or after the last one there is only one neighbour.
            if last != first + 1 || first > contig.len() {
                return Err(if last == first + 1 {
                    outside()
                } else {
                    unreadable()
                });
            }
            return Ok((index, Self::insertion(first, letters(bases)?)));
        }
        let interval = Interval::from_closed(first, last).ok_or_else(unreadable)?;
        if interval.end > contig.len() {
            return Err(outside());
        }
        let replace = |bases| Self::Replace { interval, bases };
        let edit = match verb {
            "del" => replace(Vec::new()),
            "mask" => Self::Mask { interval },
            _ => match (verb.strip_prefix("delins"), verb.split_once('>')) {
                (Some(bases), _) => replace(letters(bases)?),
                (None, Some((stated, new))) if interval.len() == 1 => {
                    let ([stated], [new]) = (&letters(stated)?[..], &letters(new)?[..]) else {
                        return Err(unreadable());
                    };
                    let there = contig.sequence.bases(interval);
                    if there.first() != Some(stated) {
                        return Err(EditError::OtherBase {
                            found: text.to_owned(),
                            stated: stated.letter(),
                            there: there.first().map_or('N', |base| base.letter()),
                        });
                    }
                    replace(vec![*new])
                }
                _ => return Err(unreadable()),
            },
        };
        Ok((index, edit))
    }
}

/// A contig after changes, and where its bases went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The contig as it is now, masked bases included.
    pub contig: Contig,
    /// The masked bases, in positions of the contig as it is now.
    pub masked: Vec<Interval>,
    /// The replacements in order, as they were.
    replaced: Vec<(Interval, usize)>,
}

impl Edited {
    /// Makes `edits`, which may come in any order.
    ///
    /// # Errors
    /// [`EditError`] where one lies outside the contig or two change the same place.
    pub fn new(contig: &Contig, edits: &[Edit]) -> Result<Self, EditError> {
        let replacing = check(contig, edits)?;
        let old = contig.sequence.bases(Interval::new(0, contig.len()));
        let mut new: Vec<Base> = Vec::with_capacity(old.len());
        let mut done = 0;
        let mut replaced = Vec::new();
        for edit in replacing {
            if let Edit::Replace { interval, bases } = edit {
                new.extend_from_slice(&old[done..interval.start]);
                new.extend_from_slice(bases);
                done = interval.end;
                replaced.push((*interval, bases.len()));
            }
        }
        new.extend_from_slice(&old[done..]);
        let mut edited = Self {
            contig: Contig {
                sequence: new.into_iter().collect(),
                ..contig.clone()
            },
            masked: Vec::new(),
            replaced,
        };
        for edit in edits {
            if let Edit::Mask { interval } = edit {
                let masked = edited.interval(*interval);
                edited.masked.push(masked);
            }
        }
        Ok(edited)
    }

    /// Where the base at `position` is now; `None` where it was replaced by other than one base
    /// for one base, or taken out.
    #[must_use]
    pub fn position(&self, position: usize) -> Option<usize> {
        let mut growth = 0_isize;
        for (interval, put_in) in &self.replaced {
            if interval.contains(position) {
                let kept = interval.len() == *put_in;
                return kept.then(|| position.strict_add_signed(growth));
            }
            if interval.start > position {
                break;
            }
            growth += put_in.cast_signed() - interval.len().cast_signed();
        }
        Some(position.strict_add_signed(growth))
    }

    /// What has come of `interval`: from its first to its last base, with what was put in between
    /// and at its ends.
    #[must_use]
    pub fn interval(&self, interval: Interval) -> Interval {
        let border = |position: usize, end: bool| {
            let mut growth = 0_isize;
            for (taken, put_in) in &self.replaced {
                let more = put_in.cast_signed() - taken.len().cast_signed();
                if taken.end < position || (taken.end == position && (end || !taken.is_empty())) {
                    growth += more;
                } else if taken.start < position {
                    // The border lies inside what was taken out: it moves to its near side.
                    let inside = if end {
                        taken.start + put_in
                    } else {
                        taken.start
                    };
                    return inside.strict_add_signed(growth);
                }
            }
            position.strict_add_signed(growth)
        };
        Interval::new(border(interval.start, false), border(interval.end, true))
    }
}

/// The edits that replace bases, from left to right.
///
/// # Errors
/// [`EditError`] where any edit lies outside the contig or two replace bases at the same place.
pub fn check<'a>(contig: &Contig, edits: &'a [Edit]) -> Result<Vec<&'a Edit>, EditError> {
    if let Some(edit) = edits.iter().find(|e| e.interval().end > contig.len()) {
        return Err(EditError::Outside {
            change: edit.short_name(contig),
            contig: contig.name.clone(),
            length_bp: contig.len(),
        });
    }
    let mut replacing: Vec<&Edit> = edits
        .iter()
        .filter(|edit| matches!(edit, Edit::Replace { .. }))
        .collect();
    replacing.sort_by_key(|edit| (edit.interval().start, edit.interval().end));
    for pair in replacing.windows(2) {
        let [a, b] = [pair[0].interval(), pair[1].interval()];
        if b.start < a.end || a == b {
            return Err(EditError::Overlap {
                first: pair[0].short_name(contig),
                second: pair[1].short_name(contig),
            });
        }
    }
    Ok(replacing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contig(letters: &str) -> Contig {
        Contig {
            name: "c.1".to_owned(),
            sequence: letters.bytes().filter_map(Base::from_ascii).collect(),
            ..Contig::default()
        }
    }

    fn letters(contig: &Contig) -> String {
        base::text(&contig.sequence.bases(Interval::new(0, contig.len())))
    }

    #[test]
    fn names_read_back_and_say_what_is_wrong() {
        let genome = Genome::new("g", vec![contig("ACGTACGT")]);
        let there = &genome.contigs[0];
        for (name, after) in [
            ("c.1:g.2C>T", "ATGTACGT"),
            ("c.1:g.2del", "AGTACGT"),
            ("c.1:g.2_4del", "AACGT"),
            ("c.1:g.2_3insTT", "ACTTGTACGT"),
            ("c.1:g.0_1insT", "TACGTACGT"),
            ("c.1:g.8_9insT", "ACGTACGTT"),
            ("c.1:g.2_4delinsG", "AGACGT"),
            ("c.1:g.2_4mask", "ACGTACGT"),
        ] {
            let (index, edit) = Edit::parse(name, &genome, 7).unwrap();
            assert_eq!((index, edit.name(there)), (0, name.to_owned()));
            let short = name.strip_prefix("c.1:").unwrap();
            assert_eq!(Edit::parse(short, &genome, 0), Ok((0, edit.clone())));
            let edited = Edited::new(there, &[edit]).unwrap();
            assert_eq!(letters(&edited.contig), after);
        }
        let error = |text: &str| Edit::parse(text, &genome, 0).unwrap_err().to_string();
        assert!(error("g.2G>T").contains("the forward strand has C there"));
        assert!(error("g.9del").contains("positions are 1 to 8"));
        assert!(error("g.9_10insA").contains("outside"));
        assert!(error("x:g.2del").contains("which the genome lacks; it has c.1"));
        for wrong in [
            "",
            "g.",
            "g.2",
            "g.0del",
            "g.3_2del",
            "g.2_4insA",
            "g.2C>",
            "g.2C>J",
            "g.2_3A>T",
        ] {
            assert!(error(wrong).contains("no change of a sequence"), "{wrong}");
        }
        let edits = [
            Edit::deletion(Interval::new(1, 4)),
            Edit::substitution(3, Base::A),
        ];
        let text = Edited::new(there, &edits).unwrap_err().to_string();
        assert!(
            text.contains("g.2_4del") && text.contains("g.4T>A"),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn bases_are_found_where_they_went(
            cuts in proptest::collection::vec((0_usize..60, 0_usize..4, 0_usize..4), 0..5)
        ) {
            let old = contig(&"ACGTTGCATA".repeat(6));
            let edits: Vec<Edit> = cuts
                .iter()
                .map(|&(start, length, put_in)| Edit::Replace {
                    interval: Interval::new(start, (start + length).min(60)),
                    bases: vec![Base::N; put_in],
                })
                .collect();
            if let Ok(edited) = Edited::new(&old, &edits) {
                let growth: isize = edits.iter().map(Edit::growth).sum();
                prop_assert_eq!(edited.contig.len(), 60_usize.strict_add_signed(growth));
                let (before, after) = (letters(&old), letters(&edited.contig));
                for position in 0..60 {
                    let touched = edits.iter().any(|edit| edit.interval().contains(position));
                    if let Some(now) = edited.position(position).filter(|_| !touched) {
                        prop_assert_eq!(&before[position..=position], &after[now..=now]);
                    }
                    prop_assert!(touched || edited.position(position).is_some());
                }
                let whole = edited.interval(Interval::new(0, 60));
                prop_assert_eq!(whole, Interval::new(0, edited.contig.len()));
            }
        }
    }
}
