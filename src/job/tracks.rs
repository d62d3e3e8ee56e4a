//! Tracks of heads along a locus: how much each base receives, and the model's probability.

use crate::attention::write::Piece;
use crate::attention::{Expected, HeadId, Received, WindowTracks};
use crate::genome::{Genome, Interval, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;

/// Bases that are computed at a time. Each stretch also runs what its first base depends on.
const STRETCH_BP: usize = 32_768;

/// What is asked for: some heads over some bases, read on one strand.
#[derive(Clone, Copy, Debug)]
pub struct TracksRequest<'a> {
    /// The genome.
    pub genome: &'a Genome,
    /// The model.
    pub model: &'a Model,
    /// Index of the contig.
    pub contig: usize,
    /// The bases.
    pub interval: Interval,
    /// The strand to read.
    pub strand: Strand,
    /// How attention is summed up.
    pub rule: Received,
    /// The heads.
    pub heads: &'a [HeadId],
    /// The mean weights by distance; [`Received::OverExpected`] is relative to them.
    pub expected: &'a Expected,
    /// How the borders of segments are treated.
    pub settings: &'a Settings,
}

/// Tracks of some heads over some bases of one strand, in forward order.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadTracks {
    /// Index of the contig.
    pub contig: usize,
    /// The bases.
    pub interval: Interval,
    /// The strand that was read.
    pub strand: Strand,
    /// The model's probability at each base as the position of its output; NaN over N.
    pub probability: Vec<f32>,
    /// The heads that were asked for, in that order, with a value a base; NaN where there is none.
    pub heads: Vec<(HeadId, Vec<f32>)>,
}

impl HeadTracks {
    /// `values` of this locus as a piece of a track.
    #[must_use]
    pub fn piece<'a>(&self, values: &'a [f32]) -> Piece<'a> {
        Piece {
            contig: self.contig,
            first: self.interval.start,
            values,
        }
    }
}

/// Computes tracks, a stretch at a time on all threads.
///
/// The numbers do not depend on how a locus is cut. Adds to the total of `progress`.
///
/// # Errors
/// [`Cancelled`].
pub fn head_tracks(
    request: &TracksRequest<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<HeadTracks, Cancelled> {
    let contig = &request.genome.contigs[request.contig];
    let interval = request
        .interval
        .intersection(Interval::new(0, contig.len()));
    let sequence = StrandSequence::new(contig, request.strand);
    let starts: Vec<usize> = interval.range().step_by(STRETCH_BP).collect();
    let stretches: Vec<HeadTracks> = starts
        .into_par_iter()
        .map(|start| {
            let stretch = Interval::new(start, (start + STRETCH_BP).min(interval.end));
            let tracks = predict::window_tracks(
                &request.model.kernel,
                sequence,
                stretch,
                request.expected,
                request.settings,
                progress,
                cancel,
            )?;
            Ok(chosen(request, tracks))
        })
        .collect::<Result<_, Cancelled>>()?;
    let empty = |_: &HeadId| Vec::with_capacity(interval.len());
    let mut joined: Vec<Vec<f32>> = request.heads.iter().map(empty).collect();
    let mut probability = Vec::with_capacity(interval.len());
    for stretch in stretches {
        probability.extend(stretch.probability);
        for (all, (_, values)) in joined.iter_mut().zip(stretch.heads) {
            all.extend(values);
        }
    }
    Ok(HeadTracks {
        contig: request.contig,
        interval,
        strand: request.strand,
        probability,
        heads: request.heads.iter().copied().zip(joined).collect(),
    })
}

/// The rows that were asked for.
fn chosen(request: &TracksRequest<'_>, tracks: WindowTracks) -> HeadTracks {
    let row = |&head: &HeadId| (head, tracks.row(request.rule, head).to_vec());
    HeadTracks {
        contig: request.contig,
        interval: tracks.interval,
        strand: request.strand,
        heads: request.heads.iter().map(row).collect(),
        probability: tracks.probability,
    }
}
