//! A window before and after, base beside base: what was taken out and what was put in have
//! columns of their own.

use super::WhatIf;
use crate::attention::{HeadId, Received};
use crate::genome::Base;
use std::io::{self, Write};

/// A base before beside what has become of it, by their indices in the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// In the window before; `None` where it was put in.
    pub before: Option<usize>,
    /// In the window after; `None` where it was taken out.
    pub after: Option<usize>,
}

/// The output whose probability changes most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Largest {
    /// Its base, 0-based on the forward strand before any change.
    pub position: usize,
    /// The probability before.
    pub before: f32,
    /// The probability after.
    pub after: f32,
}

impl WhatIf {
    /// Every base before and every base after once, from left to right.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let put_in = |range: std::ops::Range<usize>| {
            range.map(|after| Column {
                before: None,
                after: Some(after),
            })
        };
        let mut columns = Vec::with_capacity(self.moved.len());
        let mut done = 0;
        for (before, &after) in self.moved.iter().enumerate() {
            if let Some(after) = after {
                columns.extend(put_in(done..after));
                done = after + 1;
            }
            columns.push(Column {
                before: Some(before),
                after,
            });
        }
        columns.extend(put_in(done..self.after.interval.len()));
        columns
    }

    /// The bases of a column, before and after.
    #[must_use]
    pub fn bases_of(&self, column: Column) -> [Option<Base>; 2] {
        let base = |which: usize, at: Option<usize>| self.bases[which].get(at?).copied();
        [base(0, column.before), base(1, column.after)]
    }

    /// Whether a column is other than it was: another base, put in, taken out or hidden.
    #[must_use]
    pub fn is_changed(&self, column: Column) -> bool {
        let [before, after] = self.bases_of(column);
        before != after || self.is_masked(column)
    }

    /// Whether the base of a column is hidden from the model.
    #[must_use]
    pub fn is_masked(&self, column: Column) -> bool {
        let masked = column.after.and_then(|after| self.masked.get(after));
        masked.copied().unwrap_or(false)
    }

    /// The largest change of the probability; `None` where nothing was scored twice.
    #[must_use]
    pub fn largest(&self) -> Option<Largest> {
        let changes = self.probability.iter().enumerate();
        let (index, _) = changes
            .filter(|(_, change)| !change.is_nan())
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
        Some(Largest {
            position: self.before.interval.start + index,
            before: *self.before.probability.get(index)?,
            after: *self.after.probability.get(self.moved[index]?)?,
        })
    }

    /// The probability at an output before and after, by its 0-based base on the forward strand before any change;
    /// NaN where it is not scored, `None` outside of the window and where the base is gone.
    #[must_use]
    pub fn probability_at(&self, position: usize) -> Option<[f32; 2]> {
        let index = position.checked_sub(self.before.interval.start)?;
        let after = (*self.moved.get(index)?)?;
        Some([
            *self.before.probability.get(index)?,
            *self.after.probability.get(after)?,
        ])
    }

    /// The heads by the mean size of what the changes do to their rows, the largest first.
    #[must_use]
    pub fn most_changed(&self, rule: Received) -> Vec<(HeadId, f32)> {
        let mean = |head: HeadId| {
            let known: Vec<f32> = self
                .row(rule, head)
                .iter()
                .copied()
                .filter(|change| change.is_finite())
                .collect();
            let sum: f32 = known.iter().map(|change| change.abs()).sum();
            (head, sum / known.len().max(1) as f32)
        };
        let mut heads: Vec<(HeadId, f32)> = self.before.shape.all().map(mean).collect();
        heads.sort_by(|a, b| b.1.total_cmp(&a.1));
        heads
    }

    /// Writes all numbers of a rule, tab-separated: a line a column of [`Self::columns`].
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_table(&self, rule: Received, out: &mut impl Write) -> io::Result<()> {
        write!(
            out,
            "position\tposition_after\tbase\tbase_after\tmasked\tprobability\tprobability_after"
        )?;
        for head in self.before.shape.all() {
            write!(out, "\t{head}\t{head}_after")?;
        }
        writeln!(out)?;
        let value = |row: &[f32], at: Option<usize>| {
            let value = at.and_then(|at| row.get(at).copied());
            value
                .filter(|value| !value.is_nan())
                .map_or_else(String::new, |value| format!("{value:.6}"))
        };
        for column in self.columns() {
            let place = |start: usize, at: Option<usize>| {
                at.map_or_else(String::new, |at| (start + at + 1).to_string())
            };
            let [base, base_after] = self
                .bases_of(column)
                .map(|base| base.map_or('-', Base::letter));
            write!(
                out,
                "{}\t{}\t{base}\t{base_after}\t{}\t{}\t{}",
                place(self.before.interval.start, column.before),
                place(self.after.interval.start, column.after),
                u8::from(self.is_masked(column)),
                value(&self.before.probability, column.before),
                value(&self.after.probability, column.after),
            )?;
            for head in self.before.shape.all() {
                let before = value(self.before.row(rule, head), column.before);
                let after = value(self.after.row(rule, head), column.after);
                write!(out, "\t{before}\t{after}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
