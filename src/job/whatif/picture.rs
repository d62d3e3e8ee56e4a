//! A what-if answer as a picture: the same for the window and for files.

use super::WhatIf;
use super::aligned::Column;
use crate::attention::{HeadId, Received};
use crate::figure::scene::Scene;
use crate::figure::what_if::{AlignedBase, WhatIfLayout, WhatIfPanel, WhatIfPicture, what_if};
use crate::figure::{ColorScale, Sheet, Theme};
use crate::genome::Interval;
use crate::job::figure::{diverging, rule_name, rule_scale};

/// Which panels are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Panels {
    /// After less before.
    #[default]
    Difference,
    /// As it is with the changes.
    After,
    /// As it is without them.
    Before,
    /// All three side by side.
    All,
}

impl Panels {
    /// All, in the order of the choice.
    pub const ALL: [Self; 4] = [Self::Difference, Self::After, Self::Before, Self::All];

    /// Its words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Difference => "Difference",
            Self::After => "After",
            Self::Before => "Before",
            Self::All => "All three",
        }
    }
}

/// What is drawn of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The bases, before any change.
    pub shown: Interval,
    /// Which panels.
    pub panels: Panels,
    /// What the rows show.
    pub rule: Received,
    /// How many keys a query sees.
    pub context: usize,
    /// The head to be marked.
    pub selected_head: Option<HeadId>,
    /// The bases to be marked.
    pub selected: Option<Interval>,
}

/// The columns that a picture of `shown` has, with their bases.
#[must_use]
pub fn shown_columns(found: &WhatIf, shown: Interval) -> Vec<(Column, AlignedBase)> {
    let all = found.columns();
    let start = found.before.interval.start;
    let is_shown = |column: &Column| {
        let before = column.before;
        before.is_some_and(|before| shown.contains(start + before))
    };
    let first = all.iter().position(is_shown).unwrap_or(0);
    let end = all.iter().rposition(is_shown).map_or(0, |last| last + 1);
    let describe = |column: &Column| {
        let [before, after] = found.bases_of(*column);
        let aligned = AlignedBase {
            position: column.before.map(|before| start + before),
            before,
            after,
            masked: found.is_masked(*column),
            changed: found.is_changed(*column),
        };
        (*column, aligned)
    };
    all.get(first..end)
        .unwrap_or_default()
        .iter()
        .map(describe)
        .collect()
}

/// Draws an answer.
#[must_use]
pub fn picture(found: &WhatIf, wish: &Wish, sheet: &Sheet) -> (Scene, WhatIfLayout) {
    let (columns, bases): (Vec<Column>, Vec<AlignedBase>) =
        shown_columns(found, wish.shown).into_iter().unzip();
    let pick = |row: &[f32], at: &dyn Fn(&Column) -> Option<usize>| -> Vec<f32> {
        let value = |column: &Column| at(column).and_then(|at| row.get(at).copied());
        let values = columns.iter().map(value);
        values.map(|value| value.unwrap_or(f32::NAN)).collect()
    };
    let before = |column: &Column| column.before;
    let after = |column: &Column| column.after;
    let heads: Vec<HeadId> = found.before.shape.all().collect();
    let of_heads = |row: &dyn Fn(HeadId) -> Vec<f32>| -> Vec<f32> {
        heads.iter().flat_map(|head| row(*head)).collect()
    };
    let rule = wish.rule;
    let probability = [
        pick(&found.before.probability, &before),
        pick(&found.after.probability, &after),
    ];
    let scale = rule_scale(rule, wish.context, sheet.theme);
    let strand = found.before.strand;
    let words = format!("{}, strand {strand}", rule_name(rule));
    let changed = format!("change of {words}: after less before");
    let panel = |which: Panels| -> (Panels, Vec<f32>) {
        let values = match which {
            Panels::Before => of_heads(&|head| pick(found.before.row(rule, head), &before)),
            Panels::After => of_heads(&|head| pick(found.after.row(rule, head), &after)),
            Panels::Difference | Panels::All => {
                of_heads(&|head| pick(found.row(rule, head), &before))
            }
        };
        (which, values)
    };
    let values: Vec<(Panels, Vec<f32>)> = match wish.panels {
        Panels::All => [Panels::Before, Panels::After, Panels::Difference]
            .into_iter()
            .map(panel)
            .collect(),
        one => vec![panel(one)],
    };
    let panels: Vec<WhatIfPanel<'_>> = values
        .iter()
        .map(|(which, values)| {
            let is_difference = *which == Panels::Difference;
            let [first, second] = &probability;
            WhatIfPanel {
                name: which.words(),
                area: Some(if *which == Panels::After {
                    second
                } else {
                    first
                }),
                line: is_difference.then_some(second.as_slice()),
                values,
                scale: if is_difference {
                    difference_scale(rule, values, wish.context, sheet.theme)
                } else {
                    scale
                },
                rule: if is_difference { &changed } else { &words },
            }
        })
        .collect();
    let count = found.names.len();
    let badge = match count {
        0 => String::new(),
        1 => "EDITED · 1 change".to_owned(),
        _ => format!("EDITED · {count} changes"),
    };
    let title = title(found, wish);
    let picture = WhatIfPicture {
        title: &title,
        badge: &badge,
        columns: &bases,
        heads: &heads,
        panels: &panels,
        selected_head: wish.selected_head,
        selected: wish.selected.map(|selected| (selected.start, selected.end)),
    };
    what_if(&picture, sheet)
}

fn title(found: &WhatIf, wish: &Wish) -> String {
    let what = match wish.panels {
        Panels::Difference => "what the changes do (P(TSS): grey before, line after)",
        Panels::After => "with the changes",
        Panels::Before => "without the changes",
        Panels::All => "before, after, difference",
    };
    let shown = wish.shown.intersection(found.before.interval);
    format!("{}:{shown}  {what}", found.before.contig)
}

/// Even about zero; as wide as all but the largest hundredth of the changes.
fn difference_scale(rule: Received, values: &[f32], context: usize, theme: Theme) -> ColorScale {
    let map = diverging(theme == Theme::Dark);
    if rule == Received::OverExpected {
        return ColorScale::linear(map, -3.0, 3.0);
    }
    let mut sizes: Vec<f32> = values
        .iter()
        .map(|value| value.abs())
        .filter(|size| *size > 0.0)
        .collect();
    sizes.sort_by(f32::total_cmp);
    let most = sizes.get(sizes.len() * 99 / 100).copied();
    let least = 0.02 / context.max(1) as f32;
    let wide = most.unwrap_or(least).max(least);
    // A round number reads better in the legend, and keeps the colours while bases are typed.
    let unit = 10_f32.powf(wide.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * unit);
    let high = round
        .into_iter()
        .find(|round| *round >= wide)
        .unwrap_or(wide);
    ColorScale::linear(map, -high, high)
}
