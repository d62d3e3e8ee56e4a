//! What heads see at fixed places around anchors: the model is run at them once more.

use super::heads::runs;
use crate::analysis::axis::{AxisLogo, AxisSink, AxisSums};
use crate::analysis::windows::Surroundings;
use crate::genome::Genome;
use crate::model::{Kernel, Mode, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::motif::Background;
use rayon::prelude::*;

/// Bases on either side of the query whose frequencies are shown.
const AROUND_QUERY_BP: usize = 10;

/// The attention-weighted logos of every head over the anchors of `surroundings`.
///
/// The numbers do not depend on the number of threads. `progress` advances by one an anchor; its total is
/// raised here.
///
/// # Errors
/// [`Cancelled`].
pub fn axis_logos(
    kernel: &Kernel,
    genome: &Genome,
    surroundings: &Surroundings,
    mode: Mode,
    background: &Background,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<AxisLogo>, Cancelled> {
    /// Runs are shared out in so many parts, whatever the number of threads.
    const PARTS: usize = 64;
    let config = kernel.config();
    let shape = config.head_shape();
    let anchors = surroundings.anchors();
    progress.add_total(anchors.len() as u64);
    let runs = runs(
        genome,
        anchors,
        config.label_shift,
        config.reach_back(),
        mode,
    );
    let settings = Settings::with_mode(mode);
    let parts: Vec<AxisSums> = runs
        .par_chunks(runs.len().div_ceil(PARTS).max(1))
        .map(|part| {
            let mut sums = AxisSums::new(shape, config.context, AROUND_QUERY_BP);
            for run in part {
                let rows = run
                    .rows
                    .iter()
                    .map(|&(query, row)| (query.cast_signed(), row));
                let mut sink = AxisSink::new(shape, surroundings, AROUND_QUERY_BP, rows.collect());
                run.attend(kernel, genome, &settings, &mut sink, progress, cancel)?;
                sums.append(&sink.into_sums());
            }
            Ok(sums)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut all = AxisSums::new(shape, config.context, AROUND_QUERY_BP);
    for part in &parts {
        all.append(part);
    }
    Ok(all.logos(config.label_shift, background))
}
