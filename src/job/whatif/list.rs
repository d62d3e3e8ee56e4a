//! Lists of changes as people keep them: each with a name that they gave it.

use super::{Change, WhatIfError};
use crate::attention::HeadId;
use crate::genome::edit::{self, Edit};
use crate::genome::{Base, Contig, Genome, Interval};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// A change in a list, as text, so that it outlives the genome that was open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listed {
    /// The change as [`Change::name`] writes it, with the name of its contig.
    pub change: String,
    /// What somebody called it; may be empty.
    pub name: String,
}

/// A change of the list, if it is one of the open genome: the index of its contig, which heads lack.
#[must_use]
pub fn read(listed: &Listed, genome: &Genome) -> Option<(Option<usize>, Change)> {
    if let Ok((contig, edit)) = Edit::parse(&listed.change, genome, usize::MAX) {
        return Some((Some(contig), Change::Bases(edit)));
    }
    let change = Change::parse(&listed.change, genome, usize::MAX).ok()?;
    Some((None, change))
}

/// The changes of the list that are about a contig, and those of heads.
#[must_use]
pub fn of_contig(list: &[Listed], genome: &Genome, contig: usize) -> Vec<Change> {
    let read = list.iter().filter_map(|listed| read(listed, genome));
    read.filter(|(of, _)| of.is_none_or(|of| of == contig))
        .map(|(_, change)| change)
        .collect()
}

/// Adds a change. One of exactly the same bases, or of the same head, gives way to it; a base that
/// becomes what it was is no change any more.
///
/// # Errors
/// [`WhatIfError`] where it cannot be made beside those of the list.
pub fn add(
    list: &mut Vec<Listed>,
    genome: &Genome,
    contig: usize,
    change: &Change,
) -> Result<(), WhatIfError> {
    let Some(there) = genome.contigs.get(contig) else {
        return Ok(());
    };
    let gives_way = |listed: &Listed| match (read(listed, genome), change) {
        (Some((_, Change::HeadOff(a) | Change::HeadUniform(a))), _) => {
            matches!(change, Change::HeadOff(b) | Change::HeadUniform(b) if a == *b)
        }
        (Some((Some(of), Change::Bases(old))), Change::Bases(new)) => {
            let same_kind = matches!(old, Edit::Mask { .. }) == matches!(new, Edit::Mask { .. });
            of == contig && same_kind && old.interval() == new.interval()
        }
        _ => false,
    };
    let mut next: Vec<Listed> = Vec::with_capacity(list.len() + 1);
    let mut name = String::new();
    for listed in list.iter() {
        if gives_way(listed) {
            name.clone_from(&listed.name);
        } else {
            next.push(listed.clone());
        }
    }
    if !changes_nothing(change, there) {
        next.push(Listed {
            change: change.name(there),
            name,
        });
    }
    let edits: Vec<Edit> = of_contig(&next, genome, contig)
        .into_iter()
        .filter_map(|change| match change {
            Change::Bases(edit) => Some(edit),
            Change::HeadOff(_) | Change::HeadUniform(_) => None,
        })
        .collect();
    edit::check(there, &edits)?;
    *list = next;
    Ok(())
}

fn changes_nothing(change: &Change, contig: &Contig) -> bool {
    match change {
        Change::Bases(Edit::Replace { interval, bases }) => {
            interval.end <= contig.len() && contig.sequence.bases(*interval) == *bases
        }
        Change::Bases(Edit::Mask { interval }) => interval.is_empty(),
        Change::HeadOff(_) | Change::HeadUniform(_) => false,
    }
}

/// Other bases in the place of `interval`; base for base where their number stays.
#[must_use]
pub fn replacement(interval: Interval, bases: Vec<Base>) -> Vec<Change> {
    if interval.len() == bases.len() {
        return interval
            .range()
            .zip(bases)
            .map(|(position, base)| Change::Bases(Edit::substitution(position, base)))
            .collect();
    }
    vec![Change::Bases(Edit::Replace { interval, bases })]
}

/// The list as text: a change a line, its name behind a tab where it has one.
#[must_use]
pub fn text(list: &[Listed]) -> String {
    let mut text = String::new();
    for listed in list {
        // Writing to a string cannot fail.
        let _ = match listed.name.as_str() {
            "" => writeln!(text, "{}", listed.change),
            name => writeln!(text, "{}\t{name}", listed.change),
        };
    }
    text
}

/// Whether a head is switched off in the list.
#[must_use]
pub fn is_off(list: &[Listed], head: HeadId) -> bool {
    let name = format!("{head}:off");
    list.iter().any(|listed| listed.change == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genome() -> Genome {
        let contig = |name: &str| Contig {
            name: name.to_owned(),
            sequence: "ACGTACGTAC".bytes().filter_map(Base::from_ascii).collect(),
            ..Contig::default()
        };
        Genome::new("g", vec![contig("one"), contig("two")])
    }

    #[test]
    fn a_list_keeps_one_change_of_a_place() {
        let genome = genome();
        let mut list = Vec::new();
        let mut put = |text: &str, contig: usize| {
            let change = Change::parse(text, &genome, contig).unwrap();
            let result = add(&mut list, &genome, contig, &change);
            (
                result,
                list.iter().map(|l| l.change.clone()).collect::<Vec<_>>(),
            )
        };
        put("g.2C>T", 0).0.unwrap();
        put("g.2C>T", 1).0.unwrap();
        assert_eq!(put("g.2C>A", 0).1, ["two:g.2C>T", "one:g.2C>A"]);
        assert_eq!(put("L2H1:off", 0).1.len(), 3);
        assert_eq!(put("L2H1:uniform", 0).1[2], "L2H1:uniform");
        let (result, after) = put("g.1_3del", 0);
        assert!(
            result
                .unwrap_err()
                .to_string()
                .contains("change the same place")
        );
        assert_eq!(after.len(), 3, "a refused change leaves the list as it was");
        let (result, after) = put("g.5_6mask", 0);
        result.unwrap();
        assert_eq!(after[3], "one:g.5_6mask");
        // The base that is there is no change.
        let back = Change::Bases(Edit::substitution(1, Base::C));
        add(&mut list, &genome, 0, &back).unwrap();
        assert_eq!(list.len(), 3);
        assert_eq!(of_contig(&list, &genome, 0).len(), 2, "a head and a mask");
        list[0].name = "weaker".to_owned();
        assert_eq!(
            text(&list),
            "two:g.2C>T\tweaker\nL2H1:uniform\none:g.5_6mask\n"
        );
    }

    #[test]
    fn replacing_base_for_base_makes_substitutions() {
        let changes = replacement(Interval::new(2, 4), vec![Base::A, Base::N]);
        assert_eq!(changes.len(), 2);
        assert_eq!(replacement(Interval::new(2, 4), vec![Base::A]).len(), 1);
    }
}
