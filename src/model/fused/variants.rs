//! Variants of one stretch: only the rows that a change reaches are made again.
//!
//! All rows of a stretch stay in the rings. Variants come in the order of their first changed base,
//! the last one first: what a variant leaves behind lies at and after that base, where the next one
//! makes everything anew.

use super::head::Frame;
use super::lanes::Lanes;
use super::prepare::Tables;
use super::product::PAD;
use super::settings::Settings;
use super::stretch::Run;
use super::strip::{Needs, SignedLength, Strip};
use crate::attention::tile::NoAttention;
use crate::progress::{Cancel, Cancelled, Progress};

/// A stretch that differs from another one from some base on.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    /// Its bases and its queries, which the other one answers too.
    pub(crate) strip: Strip,
    /// The first position (along the strand) that differs.
    pub(crate) first: isize,
}

/// The rows of the embedding that `strip` needs.
pub(crate) fn rows_needed(config: &crate::model::Config, strip: &Strip) -> usize {
    needs(config, strip).rows[0].len_signed()
}

fn needs(config: &crate::model::Config, strip: &Strip) -> Needs {
    Needs::new(
        config.layers,
        config.context,
        config.kernel_reach(),
        &strip.exists,
        strip.segment,
        &strip.queries,
    )
}

/// The logits of `base` and of each of `variants`, `[query, class]`.
///
/// No strip may have segments, and variants must be in order, the last first change first.
/// `progress` advances by one a variant.
pub(super) fn run<S: Lanes, const ROWS: usize>(
    set: S,
    tables: &Tables,
    base: &Strip,
    variants: &[Variant],
    settings: &Settings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Vec<f32>, Vec<Vec<f32>>), Cancelled> {
    cancel.check()?;
    let config = &tables.config;
    let (layers, reach) = (config.layers, config.kernel_reach());
    if base.queries.is_empty() {
        return Ok((Vec::new(), vec![Vec::new(); variants.len()]));
    }
    // A base more or less moves the ends by one.
    let rows = needs(config, base).rows[0].len_signed() + PAD;
    let frame = Frame {
        tables,
        capacity: (rows + 4 * ROWS + 2 * reach).next_multiple_of(PAD) + PAD,
        start: base.exists.start,
        cancel,
    };
    let mut sink = NoAttention;
    let mut run = Run::new::<ROWS>(set, frame, base, settings, &mut sink, rows);
    let mut level_by_level = |strip, first: Option<isize>| -> Result<Vec<f32>, Cancelled> {
        run.strip = strip;
        run.logits.clear();
        let needs = needs(config, strip);
        for level in 0..=layers {
            // Each convolution sees a change `reach` rows before it.
            let changed = first.map_or(isize::MIN, |first| first - (level * reach).cast_signed());
            let needed = &needs.rows[level];
            let rows = needed.start.max(changed).min(needed.end)..needed.end;
            if level == 0 {
                run.embed(rows);
            } else {
                let keys = needs.keys[level].max(changed).min(needed.end)..needed.end;
                run.layer::<ROWS>(level - 1, &keys, &rows, false)?;
            }
        }
        Ok(std::mem::take(&mut run.logits))
    };
    let unchanged = level_by_level(base, None)?;
    let mut answers = Vec::with_capacity(variants.len());
    for Variant { strip, first } in variants {
        cancel.check()?;
        let made = level_by_level(strip, Some(*first))?;
        // What the change does not reach is what it was.
        let kept = strip.queries.len_signed() - made.len() / config.classes.max(1);
        let from = (strip.queries.start - base.queries.start)
            .max(0)
            .cast_unsigned();
        let kept = &unchanged[from * config.classes..][..kept * config.classes];
        answers.push([kept, &made].concat());
        progress.advance(1);
    }
    Ok((unchanged, answers))
}
