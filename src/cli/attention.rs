//! `headlight attention`: every weight of one head over a locus.

use super::inputs::{self, Inputs};
use super::track_file::{TrackFormat, described, write_arrays};
use super::{output, with_progress};
use crate::attention::HeadId;
use crate::attention::write::Array;
use crate::genome::{Interval, locus::grouped};
use crate::job::figure::{locus_text, provenance};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use anyhow::ensure;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `headlight attention`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// The queries: a locus (1-based, closed) or a gene
    #[arg(long, value_name = "LOCUS")]
    locus: String,
    /// Strand to read: + or -
    #[arg(long, allow_hyphen_values = true, value_name = "STRAND")]
    strand: String,
    /// The head, such as L1H1
    #[arg(long, value_name = "HEAD")]
    head: HeadId,
    /// Where to write: .tsv, or an array [query, distance] as .npy or .safetensors; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let strand = inputs::strand(&arguments.strand).map_err(anyhow::Error::msg)?;
    let (genome, features) = arguments.inputs.open_genome()?;
    let locus = inputs::locus(&arguments.locus, &genome, &features)?;
    let model = arguments.inputs.model.open()?;
    let shape = model.head_shape();
    ensure!(
        arguments.head.layer < shape.layers && arguments.head.head < shape.heads,
        "the model has no head {}: it has {} layers of {} heads",
        arguments.head,
        shape.layers,
        shape.heads
    );
    let settings = arguments.inputs.model.settings(Mode::Faithful);
    let contig = &genome.contigs[locus.contig];
    let sequence = StrandSequence::new(contig, strand);
    let wraps = sequence.wraps(settings.mode);
    if let Some((path, format)) = arguments
        .output
        .as_deref()
        .and_then(|path| Some((path, TrackFormat::of(path)?)))
    {
        ensure!(
            matches!(format, TrackFormat::Npy | TrackFormat::Safetensors),
            "{}: weights have two axes, query and distance; name a file .npy, .safetensors or .tsv, or use `headlight tracks` for what each base receives",
            path.display()
        );
        let array = weights(&model, sequence, locus.interval, arguments.head, &settings)?;
        let axes = "query in forward order, distance back to the key";
        let details = [
            ("locus", locus_text(contig, locus.interval)),
            ("strand", strand.sign().to_string()),
            ("axes", axes.to_owned()),
        ];
        let about = described(&provenance(&genome, &model, &details));
        write_arrays(path, format, &[array], &about.into())?;
        return Ok(ExitCode::SUCCESS);
    }
    output::write(arguments.output.as_deref(), |out| {
        writeln!(out, "contig\tquery\tkey\tstrand\tweight")?;
        for chunk in chunks(locus.interval) {
            let rows = with_progress(&format!("{} strand {strand}", contig.name), |_, cancel| {
                let kernel = &model.kernel;
                predict::layer_block(
                    kernel,
                    sequence,
                    chunk,
                    arguments.head.layer,
                    &settings,
                    cancel,
                )
            })?;
            for query in chunk.range() {
                let along = strand.flip(query, contig.len()).cast_signed();
                let row = rows.row(
                    arguments.head.head,
                    (along - rows.first_query).cast_unsigned(),
                );
                for (distance, weight) in row.iter().enumerate().rev() {
                    let key = along - distance.cast_signed();
                    if key < 0 && !wraps {
                        continue;
                    }
                    let key = key.rem_euclid(contig.len().cast_signed()).cast_unsigned();
                    let key = strand.flip(key, contig.len());
                    let (name, sign) = (&contig.name, strand.sign());
                    writeln!(out, "{name}\t{}\t{}\t{sign}\t{weight}", query + 1, key + 1)?;
                }
            }
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// All weights of one head as `[query, distance]`, queries in forward order.
fn weights(
    model: &Model,
    sequence: StrandSequence<'_>,
    interval: Interval,
    head: HeadId,
    settings: &Settings,
) -> anyhow::Result<Array> {
    let (context, queries) = (model.config().context, interval.len());
    ensure!(
        queries.saturating_mul(context) <= MOST_WEIGHTS,
        "{} queries times {context} distances are more than memory should hold: choose a shorter locus",
        grouped(queries)
    );
    let (contig, strand) = (sequence.contig, sequence.strand);
    let mut values = Vec::with_capacity(queries * context);
    for chunk in chunks(interval) {
        let block = with_progress(&format!("{} strand {strand}", contig.name), |_, cancel| {
            predict::layer_block(&model.kernel, sequence, chunk, head.layer, settings, cancel)
        })?;
        for query in chunk.range() {
            let along = strand.flip(query, contig.len()).cast_signed();
            let row = (along - block.first_query).cast_unsigned();
            values.extend_from_slice(block.row(head.head, row));
        }
    }
    Ok(Array {
        name: head.to_string(),
        shape: vec![queries, context],
        values,
    })
}

/// The most weights that are held for an array.
const MOST_WEIGHTS: usize = 250_000_000;

/// Queries that are computed at a time, so that memory does not grow with the locus.
const CHUNK: usize = 4_096;

/// `interval` in pieces of [`CHUNK`] bases, from left to right.
fn chunks(interval: Interval) -> impl Iterator<Item = Interval> {
    let piece = move |start| Interval::new(start, (start + CHUNK).min(interval.end));
    interval.range().step_by(CHUNK).map(piece)
}
