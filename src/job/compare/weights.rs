//! Runs the model where sites are compared.

use crate::analysis::association::{AnchorWeights, WeightsSink};
use crate::genome::{Anchor, Genome};
use crate::job::heads::{Run, runs};
use crate::model::{Kernel, Mode, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;

/// The attention weights of every head from the queries of `anchors`, no two of which are alike.
///
/// Neighbouring anchors share a run. `progress` advances by one an anchor.
///
/// # Errors
/// [`Cancelled`].
pub fn attention_weights(
    kernel: &Kernel,
    genome: &Genome,
    anchors: &[Anchor],
    mode: Mode,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<AnchorWeights, Cancelled> {
    let config = kernel.config();
    let (shape, context) = (config.head_shape(), config.context);
    let settings = Settings::with_mode(mode);
    let one = |run: &Run| -> Result<AnchorWeights, Cancelled> {
        let mut sink = WeightsSink::new(shape, context, run.queries());
        run.attend(kernel, genome, &settings, &mut sink, progress, cancel)?;
        Ok(sink.into_weights())
    };
    let runs = runs(
        genome,
        anchors,
        config.label_shift,
        config.reach_back(),
        mode,
    );
    let mut all = AnchorWeights::new(shape, context, anchors.len());
    // Piece by piece, so that little is held twice.
    for runs in runs.chunks(256) {
        let found: Vec<AnchorWeights> =
            runs.par_iter().map(one).collect::<Result<_, Cancelled>>()?;
        for (run, found) in runs.iter().zip(&found) {
            for head in 0..shape.len() {
                for (index, &(_, anchor)) in run.rows.iter().enumerate() {
                    all.row_mut(head, anchor)
                        .copy_from_slice(found.row(head, index));
                }
            }
        }
    }
    Ok(all)
}
