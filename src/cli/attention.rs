//! `headlight attention`: every weight of one head over a locus.

use super::inputs::{self, Inputs};
use super::{output, with_progress};
use crate::attention::HeadId;
use crate::model::Mode;
use crate::model::predict::{self, StrandSequence};
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
    /// Where to write; - is standard output
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
    let rows = with_progress(&format!("{} strand {strand}", contig.name), |_, cancel| {
        let sequence = StrandSequence::new(contig, strand);
        predict::layer_block(
            &model.kernel,
            sequence,
            locus.interval,
            arguments.head.layer,
            &settings,
            cancel,
        )
    })?;
    output::write(arguments.output.as_deref(), |out| {
        writeln!(out, "contig\tquery\tkey\tstrand\tweight")?;
        for query in locus.interval.range() {
            let along = strand.flip(query, contig.len());
            let row = rows.row(
                arguments.head.head,
                (along.cast_signed() - rows.first_query).cast_unsigned(),
            );
            for (distance, weight) in row.iter().enumerate().take(along + 1).rev() {
                let key = strand.flip(along - distance, contig.len());
                writeln!(
                    out,
                    "{}\t{}\t{}\t{}\t{weight}",
                    contig.name,
                    query + 1,
                    key + 1,
                    strand.sign()
                )?;
            }
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
