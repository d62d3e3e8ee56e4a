//! `headlight find`: where a pattern of bases occurs, on both strands.

use super::inputs::Inputs;
use super::{output, with_progress};
use crate::genome::locus::grouped;
use crate::genome::{Genome, Pattern};
use crate::job::find_sequence::{HitRow, SequenceHits, find_sequence};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `headlight find`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Bases in IUPAC codes; a number repeats the letter before it: TTGACAN17TATAAT
    #[arg(value_name = "BASES")]
    pattern: String,
    /// Genome: FASTA, GenBank or 2bit, plain or gzip [default: the embedded E. coli K-12]
    #[arg(long, value_name = "FILE")]
    genome: Option<PathBuf>,
    /// Hits that are listed at most; all are counted
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    most: usize,
    /// Write one JSON object
    #[arg(long, conflicts_with = "bed")]
    json: bool,
    /// Write BED instead of a table
    #[arg(long)]
    bed: bool,
    /// File; its ending says the format: .bed, .json, else TSV [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let pattern = Pattern::parse(&arguments.pattern)?;
    let inputs = Inputs {
        genome: arguments.genome.clone(),
        ..Inputs::default()
    };
    let (genome, _) = inputs.open_genome()?;
    let found = with_progress("looking for the bases", |progress, cancel| {
        find_sequence(&genome, &pattern, arguments.most, progress, cancel)
    })?;
    let path = arguments.output.as_deref();
    let ends_in = |ending: &str| {
        path.and_then(|path| path.extension())
            .is_some_and(|found| found.eq_ignore_ascii_case(ending))
    };
    output::write(path, |mut out| {
        if arguments.json || (!arguments.bed && ends_in("json")) {
            let json = json(&found, &genome);
            writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?;
        } else if arguments.bed || ends_in("bed") {
            found.write_bed(&genome, &mut out)?;
        } else {
            out.write_all(found.to_tsv(&genome).as_bytes())?;
        }
        Ok(())
    })?;
    let listed = if found.hits.len() < found.count {
        format!(
            ", of which the first {} are listed (--most lists more)",
            grouped(found.hits.len())
        )
    } else {
        String::new()
    };
    eprintln!(
        "{}: {} {} in {}{listed}",
        found.pattern,
        grouped(found.count),
        if found.count == 1 { "hit" } else { "hits" },
        genome.name
    );
    Ok(ExitCode::SUCCESS)
}

fn json(found: &SequenceHits, genome: &Genome) -> serde_json::Value {
    serde_json::json!({
        "pattern": found.pattern,
        "genome": genome.name,
        "genome_sha256": found.genome_checksum,
        "count": found.count,
        "hits": found.rows(genome).collect::<Vec<HitRow<'_>>>(),
    })
}
