//! `headlight tracks`: what heads look at along a locus, as tracks for genome browsers or arrays.

use super::inputs::{self, Inputs};
use super::track_file::{TrackFormat, described, write_arrays, write_track};
use super::{output, with_progress};
use crate::attention::write::Array;
use crate::attention::{HeadId, HeadShape, Received};
use crate::genome::{Genome, Locus, Strand, locus::grouped};
use crate::job::figure::{locus_text, provenance, rule_name};
use crate::job::live::EXPECTED_SAMPLE;
use crate::job::tracks::{HeadTracks, TracksRequest, head_tracks};
use crate::model::predict;
use crate::model::{Mode, Model};
use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The most values that are held at a time, over heads and bases.
const MOST_VALUES: usize = 500_000_000;

/// Arguments of `headlight tracks`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Where: a locus (1-based, closed) or a gene
    #[arg(long, value_name = "LOCUS")]
    locus: String,
    /// Heads such as L2H1,L3H4 [default: all]
    #[arg(long, value_name = "HEADS", value_delimiter = ',')]
    heads: Vec<HeadId>,
    /// How attention is summed up at each base
    #[arg(long, value_enum, default_value = "weighted")]
    rule: super::view::RuleName,
    /// Strand to read: +, - or both
    #[arg(
        long,
        default_value = "both",
        allow_hyphen_values = true,
        value_name = "STRAND"
    )]
    strand: String,
    /// bigwig and bedgraph: a file for each head and strand; npy: one array [head, base] a strand; safetensors: one file
    #[arg(long, value_enum, default_value = "bigwig")]
    format: TrackFormat,
    /// Folder for the files; tracks.json says what they are
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let strands = inputs::strands(&arguments.strand).map_err(anyhow::Error::msg)?;
    let (genome, features) = arguments.inputs.open_genome()?;
    let locus = inputs::locus(&arguments.locus, &genome, &features)?;
    let model = arguments.inputs.model.open()?;
    let heads = heads(&arguments.heads, model.head_shape())?;
    let values = heads.len().saturating_mul(locus.interval.len());
    ensure!(
        values <= MOST_VALUES,
        "{} heads over {} bp are more than memory should hold: ask for fewer with --heads, or for a shorter locus",
        heads.len(),
        grouped(locus.interval.len())
    );
    let folder = &arguments.output;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let rule = Received::from(arguments.rule);
    let settings = arguments.inputs.model.settings(Mode::Seamless);
    let expected = with_progress("expected attention", |progress, cancel| {
        let kernel = &model.kernel;
        predict::measure_expected(
            kernel,
            &genome,
            EXPECTED_SAMPLE,
            &settings,
            progress,
            cancel,
        )
    })?;
    let mut arrays = Vec::new();
    let mut files = Vec::new();
    for &strand in &strands {
        let request = TracksRequest {
            genome: &genome,
            model: &model,
            contig: locus.contig,
            interval: locus.interval,
            strand,
            rule,
            heads: &heads,
            expected: &expected,
            settings: &settings,
        };
        let tracks = with_progress(&format!("strand {strand}"), |progress, cancel| {
            head_tracks(&request, progress, cancel)
        })?;
        match arguments.format {
            TrackFormat::Bigwig | TrackFormat::Bedgraph => {
                files.extend(browser_files(
                    folder,
                    arguments.format,
                    &tracks,
                    &genome,
                    rule,
                )?);
            }
            TrackFormat::Npy | TrackFormat::Safetensors => arrays.extend(array_pair(tracks)),
        }
    }
    let mut description = description(&genome, &model, locus, rule, settings.mode, &heads);
    match arguments.format {
        TrackFormat::Npy => {
            for array in &arrays {
                let name = format!("{}.npy", array.name);
                let array = std::slice::from_ref(array);
                write_arrays(&folder.join(&name), TrackFormat::Npy, array, &Value::Null)?;
                files.push(name);
            }
        }
        TrackFormat::Safetensors => {
            let (name, description) = ("tracks.safetensors", Value::Object(description.clone()));
            let path = folder.join(name);
            write_arrays(&path, TrackFormat::Safetensors, &arrays, &description)?;
            files.push(name.to_owned());
        }
        TrackFormat::Bigwig | TrackFormat::Bedgraph => {}
    }
    description.insert("files".to_owned(), json!(files));
    output::write(Some(&folder.join("tracks.json")), |out| {
        writeln!(out, "{}", serde_json::to_string_pretty(&description)?)?;
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The heads that were asked for, each once; all where none was.
fn heads(asked: &[HeadId], shape: HeadShape) -> anyhow::Result<Vec<HeadId>> {
    let mut heads: Vec<HeadId> = Vec::new();
    for &head in asked {
        ensure!(
            head.layer < shape.layers && head.head < shape.heads,
            "the model has no head {head}: it has {} layers of {} heads",
            shape.layers,
            shape.heads
        );
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    if heads.is_empty() {
        heads.extend(shape.all());
    }
    Ok(heads)
}

/// `plus` or `minus`, for names of files.
fn strand_word(strand: Strand) -> &'static str {
    match strand {
        Strand::Forward => "plus",
        Strand::Reverse => "minus",
    }
}

/// Writes a file for each head and one for the probability. Gives their names.
fn browser_files(
    folder: &Path,
    format: TrackFormat,
    tracks: &HeadTracks,
    genome: &Genome,
    rule: Received,
) -> anyhow::Result<Vec<String>> {
    let strand = tracks.strand;
    let heads = tracks
        .heads
        .iter()
        .map(|(head, values)| (head.to_string(), rule_name(rule), values));
    let probability = (
        "probability".to_owned(),
        "P(TSS) at the model's output",
        &tracks.probability,
    );
    let mut files = Vec::new();
    for (what, words, values) in heads.chain([probability]) {
        let name = format!("{what}.{}.{}", strand_word(strand), format.ending());
        let title = format!("{what} {}: {words}", strand.sign());
        let pieces = [tracks.piece(values)];
        write_track(&folder.join(&name), format, &title, &pieces, genome)?;
        files.push(name);
    }
    Ok(files)
}

/// The heads as one array `[head, base]`, and the probability as another.
fn array_pair(tracks: HeadTracks) -> [Array; 2] {
    let (length, strand) = (tracks.interval.len(), strand_word(tracks.strand));
    let heads = Array {
        name: format!("heads.{strand}"),
        shape: vec![tracks.heads.len(), length],
        values: tracks
            .heads
            .into_iter()
            .flat_map(|(_, values)| values)
            .collect(),
    };
    let probability = Array {
        name: format!("probability.{strand}"),
        shape: vec![length],
        values: tracks.probability,
    };
    [heads, probability]
}

/// What the files are about.
fn description(
    genome: &Genome,
    model: &Model,
    locus: Locus,
    rule: Received,
    mode: Mode,
    heads: &[HeadId],
) -> Map<String, Value> {
    let contig = &genome.contigs[locus.contig];
    let place = locus_text(contig, locus.interval);
    let details = [
        ("locus", place),
        ("mode", mode.to_string()),
        ("rule", rule_name(rule).to_owned()),
    ];
    let provenance = provenance(genome, model, &details);
    let mut description = described(&provenance);
    let heads: Vec<String> = heads.iter().map(ToString::to_string).collect();
    description.insert("heads".to_owned(), json!(heads));
    description.insert("contig".to_owned(), json!(contig.name));
    description.insert("first_base".to_owned(), json!(locus.interval.start + 1));
    description.insert("last_base".to_owned(), json!(locus.interval.end));
    description
}
