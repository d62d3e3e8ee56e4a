//! Scores of a start site when bases around it change.
//!
//! The score is logit 1 less logit 0 at the output of the start site, in seamless mode. Only the
//! outputs around it are computed, and of each changed sequence only what the change reaches.

use super::fused::{Kernel, MASKED, Mode, Settings, Strip, Variant, rows_needed};
use super::predict::{self, StrandSequence};
use super::strand::code;
use crate::attention::tile::NoAttention;
use crate::genome::edit::{Edit, EditError, Edited};
use crate::genome::{Base, Interval, Strand};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::ops::Range;

/// The most rows of a stretch that are kept for its variants; longer ones are run anew each time.
const MOST_ROWS: usize = 16_384;

/// Variants that one thread makes of one stretch: enough that the stretch itself costs little.
const VARIANTS_A_STRETCH: usize = 64;

/// Scores around the output of a start site: from `margin` before it to `margin` after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Around {
    /// `[2 * margin + 1]`; NaN where there is no output or a base under it is unknown.
    pub scores: Vec<f32>,
}

impl Around {
    /// The score at the output itself.
    #[must_use]
    pub fn score(&self) -> f32 {
        self.scores[self.scores.len() / 2]
    }

    /// How much higher the score is than in `before`.
    #[must_use]
    pub fn effect(&self, before: &Self) -> f32 {
        self.score() - before.score()
    }

    /// The largest difference from `before`, either way, at any of the outputs.
    #[must_use]
    pub fn sensitivity(&self, before: &Self) -> f32 {
        let pairs = self.scores.iter().zip(&before.scores);
        let differences = pairs.map(|(after, before)| (after - before).abs());
        differences.fold(f32::NAN, f32::max)
    }
}

/// Scores before and after changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Nothing changed.
    pub before: Around,
    /// One change at a time, in the order in which they were given.
    pub after: Vec<Around>,
}

/// Scoring changed sequences failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariantError {
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A change cannot be made.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// The forward positions that the outputs within `margin` of a start site's own can depend on.
///
/// `tss` is 0-based on the forward strand. On circular contigs the part beyond the origin is left out.
#[must_use]
pub fn reached(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    tss: usize,
    margin: usize,
) -> Interval {
    let (config, length) = (kernel.config(), sequence.len());
    let query = sequence.strand.flip(tss, length) + config.label_shift;
    let first = query.saturating_sub(margin + config.reach_back());
    let end = (query + margin + config.reach_ahead() + 1).min(length);
    sequence
        .strand
        .flip_interval(Interval::new(first.min(end), end), length)
}

/// Scores `tss` (0-based, forward strand) with each of `edits` made alone.
///
/// The output moves with its start site: bases put in or taken out before it shift it. `settings`
/// may change heads; borders are seamless whatever they say. `progress` counts edits, and its total
/// is left to the caller.
///
/// # Errors
/// [`VariantError`] where an edit lies outside the contig, or soon after `cancel` is set.
#[allow(clippy::too_many_arguments, reason = "one call with what it is about")]
pub fn scores(
    kernel: &Kernel,
    sequence: StrandSequence<'_>,
    tss: usize,
    margin: usize,
    edits: &[Edit],
    settings: &Settings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Changed, VariantError> {
    let settings = &Settings {
        mode: Mode::Seamless,
        ..settings.clone()
    };
    let site = StartSite {
        sequence,
        position: sequence.strand.flip(tss, sequence.len()),
        shift: kernel.config().label_shift,
        margin,
    };
    for edit in edits {
        if edit.interval().end > sequence.len() {
            return Err(EditError::Outside {
                change: edit.short_name(sequence.contig),
                contig: sequence.contig.name.clone(),
                length_bp: sequence.len(),
            }
            .into());
        }
    }
    // So many bases more or less can come before the output.
    let growth = edits.iter().map(|edit| edit.growth().unsigned_abs()).max();
    let wide = site.queries(site.position, margin + growth.unwrap_or(0));
    let base = sequence.strip(kernel.config(), settings, wide);
    let needed = sequence.strip(
        kernel.config(),
        settings,
        site.queries(site.position, margin),
    );
    let needed = needed.first..needed.first + needed.codes.len().cast_signed();
    let classes = kernel.config().classes;
    let whole = |edit: Option<&Edit>| {
        let after = site.whole(kernel, edit, settings, cancel)?;
        progress.advance(u64::from(edit.is_some()));
        Ok::<_, VariantError>(after)
    };
    // On a small circle a base comes more than once.
    let repeats = sequence.wraps(settings.mode) && base.codes.len() + 64 > sequence.len();
    if repeats || rows_needed(kernel.config(), &base) > MOST_ROWS {
        return Ok(Changed {
            before: whole(None)?,
            after: edits
                .par_iter()
                .map(|edit| whole(Some(edit)))
                .collect::<Result<_, _>>()?,
        });
    }

    let mut variants: Vec<(usize, usize, Variant)> = Vec::new();
    let mut after: Vec<Option<Around>> = vec![None; edits.len()];
    for (index, edit) in edits.iter().enumerate() {
        match site.place(&base, &needed, edit) {
            Place::Inside(first) => {
                // In the stretch's own count, which may be a turn of a circle away.
                let past = first + edit.interval().len().cast_signed();
                let before = past <= site.position.cast_signed();
                let growth = if before { edit.growth() } else { 0 };
                let position = site.position.saturating_add_signed(growth);
                let variant = site.variant(&base, edit, first, position);
                variants.push((index, position, variant));
            }
            Place::Across => after[index] = Some(whole(Some(edit))?),
            Place::Outside => progress.advance(1),
        }
    }
    variants.sort_by_key(|(index, _, variant)| (std::cmp::Reverse(variant.first), *index));
    let runs: Vec<_> = variants
        .par_chunks(VARIANTS_A_STRETCH)
        .map(|chunk| {
            let alone: Vec<Variant> = chunk.iter().map(|(_, _, v)| v.clone()).collect();
            kernel.run_variants(&base, &alone, settings, progress, cancel)
        })
        .collect::<Result<_, _>>()?;
    let before = match runs.first() {
        Some((unchanged, _)) => unchanged.clone(),
        None => {
            kernel
                .run_variants(&base, &[], settings, progress, cancel)?
                .0
        }
    };
    let answers = runs.iter().flat_map(|(_, answers)| answers);
    for ((index, position, variant), logits) in variants.iter().zip(answers) {
        let first = variant.strip.queries.start.cast_unsigned();
        after[*index] = Some(site.around(first, logits, classes, *position));
    }
    let first = base.queries.start.cast_unsigned();
    let before = site.around(first, &before, classes, site.position);
    let after = after.into_iter();
    Ok(Changed {
        after: after
            .map(|after| after.unwrap_or_else(|| before.clone()))
            .collect(),
        before,
    })
}

/// How an edit lies to the stretch that the outputs depend on.
enum Place {
    /// It begins inside, at this position along the strand.
    Inside(isize),
    /// It begins before it and ends in it.
    Across,
    /// The outputs do not depend on it.
    Outside,
}

/// The start site whose output is scored.
struct StartSite<'a> {
    sequence: StrandSequence<'a>,
    /// Along the strand, before any change.
    position: usize,
    shift: usize,
    margin: usize,
}

impl StartSite<'_> {
    /// The outputs within `margin` of that of a start site at `position`.
    fn queries(&self, position: usize, margin: usize) -> Range<usize> {
        let centre = position + self.shift;
        centre.saturating_sub(margin)..centre + margin + 1
    }

    /// The scores around the output of a start site at `position`, from logits `[query, class]` of
    /// queries from `first` on.
    fn around(&self, first: usize, logits: &[f32], classes: usize, position: usize) -> Around {
        let at = |query: isize| {
            let row = usize::try_from(query - first.cast_signed()).ok()?;
            let logits = logits.get(row * classes..(row + 1) * classes)?;
            Some(logits.get(1)? - logits.first()?)
        };
        let centre = (position + self.shift).cast_signed();
        let margin = self.margin.cast_signed();
        let scores = (centre - margin..=centre + margin).map(|q| at(q).unwrap_or(f32::NAN));
        Around {
            scores: scores.collect(),
        }
    }

    /// The scores of the whole edited contig, run by itself.
    fn whole(
        &self,
        kernel: &Kernel,
        edit: Option<&Edit>,
        settings: &Settings,
        cancel: &Cancel,
    ) -> Result<Around, VariantError> {
        let edits = edit.map_or(&[][..], std::slice::from_ref);
        let edited = Edited::new(self.sequence.contig, edits)?;
        let strand = self.sequence.strand;
        let mut settings = settings.clone();
        let masked = edited.masked.iter();
        let masked = masked.map(|part| strand.flip_interval(*part, edited.contig.len()));
        settings.masked.extend(masked);
        let position = edit.map_or(self.position, |edit| self.moved(edit));
        let outputs = predict::run(
            kernel,
            StrandSequence::new(&edited.contig, strand),
            self.queries(position, self.margin),
            &settings,
            &mut NoAttention,
            &Progress::default(),
            cancel,
        )?;
        let first = outputs.first_query;
        Ok(self.around(first, &outputs.logits, outputs.classes, position))
    }

    /// Where the start site is after an edit, along the strand.
    fn moved(&self, edit: &Edit) -> usize {
        let interval = self.along(edit.interval());
        if interval.end <= self.position {
            self.position.saturating_add_signed(edit.growth())
        } else {
            self.position
        }
    }

    /// An interval of the forward strand along the strand that is read.
    fn along(&self, interval: Interval) -> Interval {
        self.sequence
            .strand
            .flip_interval(interval, self.sequence.len())
    }

    /// How an edit lies to the stretch of `base`, of which the outputs depend on `needed`.
    fn place(&self, base: &Strip, needed: &Range<isize>, edit: &Edit) -> Place {
        let length = self.sequence.len().cast_signed();
        let interval = self.along(edit.interval());
        let (start, end) = (interval.start.cast_signed(), interval.end.cast_signed());
        let last = base.first + base.codes.len().cast_signed();
        let turns = if self.sequence.wraps(Mode::Seamless) {
            &[0, -length, length][..]
        } else {
            &[0]
        };
        for turn in turns {
            let (start, end) = (start + turn, end + turn);
            if end <= needed.start || start >= needed.end {
                continue;
            }
            if (base.first..last).contains(&start) {
                return Place::Inside(start);
            }
            if start < base.first && end > base.first {
                return Place::Across;
            }
        }
        Place::Outside
    }

    /// What an edit that begins at `first` (along the strand) makes of `base`, with the outputs
    /// around the start site at `position`.
    fn variant(&self, base: &Strip, edit: &Edit, first: isize, position: usize) -> Variant {
        let mut codes = base.codes.clone();
        let mut exists = base.exists.clone();
        let put_in: Vec<u8> = match edit {
            Edit::Mask { interval } => vec![MASKED; interval.len()],
            Edit::Replace { bases, .. } => along(bases, self.sequence.strand),
        };
        let from = (first - base.first).cast_unsigned();
        let to = (from + edit.interval().len()).min(codes.len());
        codes.splice(from..to, put_in);
        if !self.sequence.wraps(Mode::Seamless) {
            exists.end += edit.growth();
        }
        let queries = self.queries(position, self.margin);
        let end = queries.end.cast_signed().min(exists.end);
        Variant {
            first,
            strip: Strip {
                codes,
                first: base.first,
                queries: queries.start.cast_signed().min(end)..end,
                exists,
                segment: None,
            },
        }
    }
}

/// The kernel's codes of bases of the forward strand, read along `strand`.
fn along(bases: &[Base], strand: Strand) -> Vec<u8> {
    match strand {
        Strand::Forward => bases.iter().map(|base| code(*base)).collect(),
        Strand::Reverse => {
            let bases = bases.iter().rev().map(|base| base.complement());
            bases.map(code).collect()
        }
    }
}
