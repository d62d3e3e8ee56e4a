//! What every head looks at when the model scores lacZp1, on the embedded example:
//! `cargo run --release --example attention_at_locus`.

use headlight::attention::block::AttentionBlock;
use headlight::genome::{Interval, Strand, TssOffset};
use headlight::job::example;
use headlight::model::predict::layer_block;
use headlight::model::{Mode, Overrides, Settings, StrandSequence};
use headlight::progress::Cancel;
use std::error::Error;
use std::io::Write as _;

/// lacZp1, 1-based on the forward strand; it reads the − strand.
const LACZ_P1: usize = 366_343;

fn main() -> Result<(), Box<dyn Error>> {
    let genome = example::genome().map_err(|error| error as Box<dyn Error>)?;
    let model = example::model(Overrides::default())?;
    let shift = model.config().label_shift;
    // The output that scores a start site lies downstream of it: to the left on the − strand.
    let query = LACZ_P1 - 1 - shift;
    let sequence = StrandSequence::new(&genome.contigs[0], Strand::Reverse);
    let (queries, settings) = (
        Interval::new(query, query + 1),
        Settings::with_mode(Mode::Seamless),
    );
    let mut out = std::io::stdout().lock();
    for layer in 0..model.config().layers {
        let block = layer_block(
            &model.kernel,
            sequence,
            queries,
            layer,
            &settings,
            &Cancel::default(),
        )?;
        for head in 0..block.heads {
            let (distance, weight) = strongest(&block, head);
            let position = TssOffset::of_distance(shift, distance);
            writeln!(out, "L{}H{}\t{position}\t{weight:.3}", layer + 1, head + 1)?;
        }
    }
    Ok(())
}

fn strongest(block: &AttentionBlock, head: usize) -> (usize, f32) {
    let row = block.row(head, 0).iter().copied().enumerate();
    row.max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((0, f32::NAN))
}
