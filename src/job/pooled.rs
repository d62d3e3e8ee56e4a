//! Runs the model at the queries of several sets of anchors at once.

use super::heads::runs;
use crate::analysis::pooled::{MOST_SETS, PooledAttention, PooledQuery, PooledSink};
use crate::genome::{Anchor, Genome};
use crate::model::{Kernel, Mode, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Blocks that are drawn together are at least so long.
const BLOCK_BP: usize = 20_000;
/// The most blocks: those of large genomes are longer.
const MOST_BLOCKS: usize = 500;

/// Length of the blocks of a genome in bases.
pub(super) fn block_bp(genome: &Genome) -> usize {
    genome.len().div_ceil(MOST_BLOCKS).max(BLOCK_BP)
}

/// Attention over `sets` of anchors, each set summed over its own anchors; those of the sets in
/// `blocked` (bits) by block too. Anchors that several sets share are run once.
///
/// `progress` advances by one a different anchor; the total is added here.
pub(super) fn pool(
    kernel: &Kernel,
    genome: &Genome,
    sets: &[&[Anchor]],
    blocked: u64,
    mode: Mode,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<PooledAttention, Cancelled> {
    /// Runs are shared out in so many parts, whatever the number of threads: sums are added part by part.
    const PARTS: usize = 64;
    let config = kernel.config();
    let mut members: BTreeMap<Anchor, u64> = BTreeMap::new();
    for (set, anchors) in sets.iter().enumerate().take(MOST_SETS) {
        for anchor in *anchors {
            *members.entry(*anchor).or_default() |= 1 << set;
        }
    }
    let anchors: Vec<Anchor> = members.keys().copied().collect();
    let of_sets: Vec<u64> = members.into_values().collect();
    let mut before = vec![0];
    for contig in &genome.contigs {
        before.push(before.last().copied().unwrap_or(0) + contig.len());
    }
    let block_bp = block_bp(genome);
    progress.add_total(anchors.len() as u64);
    let runs = runs(
        genome,
        &anchors,
        config.label_shift,
        config.reach_back(),
        mode,
    );
    let settings = Settings::with_mode(mode);
    let none = || PooledAttention::new(config.head_shape(), config.context, sets.len(), blocked);
    let per_part = runs.len().div_ceil(PARTS).max(1);
    let parts: Vec<PooledAttention> = runs
        .par_chunks(per_part)
        .map(|part| {
            let mut found = none();
            for run in part {
                let queries = run.rows.iter().map(|&(query, row)| PooledQuery {
                    query: query.cast_signed(),
                    sets: of_sets[row],
                    block: (before[run.contig] + anchors[row].position) / block_bp,
                });
                let mut sink = PooledSink::new(found, queries.collect());
                run.attend(kernel, genome, &settings, &mut sink, progress, cancel)?;
                found = sink.into_attention();
            }
            Ok(found)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut all = none();
    for part in &parts {
        all.append(part);
    }
    Ok(all)
}
