//! `headlight profile`: where every head looks, over several sets of positions, and what decides that.

use super::inputs::Inputs;
use super::track_file::described;
use super::{output, with_progress};
use crate::analysis::matched::MatchRule;
use crate::analysis::pooled::Bootstrap;
use crate::analysis::profile_tables::{
    write_differences, write_parts, write_profiles, write_summaries,
};
use crate::figure::contributions::{ContributionsData, contributions};
use crate::figure::export;
use crate::figure::provenance::Provenance;
use crate::figure::theme::{BaseColors, Sheet, Theme};
use crate::genome::base::ACGT;
use crate::genome::read::anchor_groups::read_anchor_groups;
use crate::job::figure::provenance;
use crate::job::open::anchor_file;
use crate::job::profile::{ProfileRequest, Profiles, profiles};
use crate::model::Mode;
use crate::model::motif::{FirstLayerMotif, QueryPart};
use anyhow::Context as _;
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Resolution of the pictures.
const DPI: f32 = 300.0;

/// Arguments of `headlight profile`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Start sites: BED, GFF3 or a table, also one with σ factors [default: the model's own top predictions in a sampled region]
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// A run over the whole genome (headlight run), for the model's probabilities and for E(o)
    #[arg(long, value_name = "FOLDER")]
    run: Option<PathBuf>,
    /// Leave out the predictions at and off annotated start sites, which need the whole genome's probabilities
    #[arg(long)]
    no_predictions: bool,
    /// How far matched positions lie from every start site, more than N nt
    #[arg(long, value_name = "N", default_value_t = MatchRule::default().apart_bp as u32, value_parser = clap::value_parser!(u32).range(..=100_000))]
    apart: u32,
    /// Draws of the block bootstrap
    #[arg(long, value_name = "N", default_value_t = Bootstrap::default().draws as u32, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    draws: u32,
    /// Seed of the matched positions and of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Positions of a set whose logits are split into q·k, u·k, q·r and v·r; 0 leaves that out
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    parts: u32,
    /// Everything as JSON instead of the profiles as TSV
    #[arg(long)]
    json: bool,
    /// Folder for profile.tsv, summary.tsv, differences.tsv, parts.tsv, layer1.tsv, profile.json and two pictures a head of layer 1; - prints the profiles
    #[arg(short, long, value_name = "FOLDER", conflicts_with = "json")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, _) = arguments.inputs.open_genome()?;
    let model = arguments.inputs.model.open()?;
    let (mut anchors, mut groups) = (None, Vec::new());
    if let Some(path) = &arguments.anchors {
        let (file, found) = with_progress("reading the start sites", |progress, cancel| {
            let (file, _) =
                anchor_file(path, &genome, progress, cancel).map_err(anyhow::Error::from_boxed)?;
            let groups = read_anchor_groups(path, &genome, progress, cancel)?;
            anyhow::Ok((file, groups))
        })?;
        anchors = Some(Arc::new(file));
        groups = found;
    }
    let mut request = ProfileRequest::new(Arc::new(genome), Arc::new(model));
    request.mode = arguments.inputs.model.settings(Mode::Seamless).mode;
    request.anchors = anchors;
    request.groups = groups;
    request.false_positives = !arguments.no_predictions;
    request.run.clone_from(&arguments.run);
    request.matching.apart_bp = arguments.apart as usize;
    request.matching.seed = arguments.seed;
    request.bootstrap = Bootstrap {
        draws: arguments.draws as usize,
        seed: arguments.seed,
    };
    request.parts = arguments.parts as usize;
    let found = with_progress("profiles", |progress, cancel| {
        profiles(&request, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    let provenance = provenance(
        &request.genome,
        &request.model,
        &[
            ("mode", request.mode.to_string()),
            ("thinned to", format!("{} nt a strand", request.apart_bp)),
            ("seed", arguments.seed.to_string()),
            ("bootstrap draws", arguments.draws.to_string()),
            ("bootstrap blocks", format!("{} nt", found.block_bp)),
            (
                "positions split into logit parts",
                arguments.parts.to_string(),
            ),
        ],
    );
    let folder = arguments.output.as_deref();
    match folder.filter(|path| path.as_os_str() != "-") {
        Some(folder) => save(&found, folder, &provenance)?,
        None if arguments.json => output::write(None, |out| json(&found, &provenance, out))?,
        None => output::write(None, |mut out| Ok(long_form(&found, &mut out)?))?,
    }
    for set in &found.sets {
        eprintln!("{}: {} positions; {}", set.name, set.n, set.words);
    }
    Ok(ExitCode::SUCCESS)
}

fn long_form(found: &Profiles, out: &mut impl Write) -> std::io::Result<()> {
    write_profiles(out, &found.profiles, &found.differences, found.label_shift)
}

fn json(found: &Profiles, provenance: &Provenance, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut all = serde_json::to_value(found)?;
    if let Some(all) = all.as_object_mut() {
        all.insert("provenance".to_owned(), described(provenance).into());
    }
    writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
    Ok(())
}

fn save(found: &Profiles, folder: &Path, provenance: &Provenance) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let file = |name: &str| folder.join(name);
    output::write(Some(&file("profile.tsv")), |mut out| {
        Ok(long_form(found, &mut out)?)
    })?;
    output::write(Some(&file("summary.tsv")), |mut out| {
        Ok(write_summaries(&mut out, &found.profiles)?)
    })?;
    output::write(Some(&file("differences.tsv")), |mut out| {
        Ok(write_differences(&mut out, &found.differences)?)
    })?;
    output::write(Some(&file("parts.tsv")), |mut out| {
        Ok(write_parts(&mut out, &found.parts)?)
    })?;
    output::write(Some(&file("layer1.tsv")), |mut out| {
        Ok(write_first_layer(&mut out, &found.first_layer)?)
    })?;
    output::write(Some(&file("profile.json")), |out| {
        json(found, provenance, out)
    })?;
    for motif in &found.first_layer {
        let data = ContributionsData {
            title: format!("{}: ({})·k", motif.head, motif.query_part),
            contributions: motif.centred(),
            first_position: -motif.reach().cast_signed(),
            caption: format!(
                "{} of each base to the attention logit of the key at 0, less the mean of the four bases at its \
                 position. The convolution's bias adds {:.3} to every key alike and is left out.",
                match motif.query_part {
                    QueryPart::U => "Exact contribution",
                    QueryPart::MeanQueryAndU => "Mean contribution over the start sites' queries",
                },
                motif.constant
            ),
        };
        let sheet = Sheet {
            width: 420.0,
            height: 200.0,
            theme: Theme::Light,
            base_colors: BaseColors::Safe,
        };
        let path = file(&match motif.query_part {
            QueryPart::U => format!("{}.u.svg", motif.head),
            QueryPart::MeanQueryAndU => format!("{}.mean_query.svg", motif.head),
        });
        export::export(&contributions(&data, &sheet), &path, DPI, provenance)?;
    }
    Ok(())
}

/// A line for each head of layer 1, position and base.
fn write_first_layer(out: &mut impl Write, motifs: &[FirstLayerMotif]) -> std::io::Result<()> {
    writeln!(
        out,
        "name\tquery\tposition\tbase\tcontribution\tcentred\tconstant"
    )?;
    for motif in motifs {
        let rows = motif.contributions.iter().zip(motif.centred());
        for ((raw, centred), position) in rows.zip(-motif.reach().cast_signed()..) {
            for (base, (raw, centred)) in ACGT.iter().zip(raw.iter().zip(centred)) {
                writeln!(
                    out,
                    "{}\t{}\t{position}\t{}\t{}\t{}\t{}",
                    motif.head,
                    motif.query_part,
                    base.letter(),
                    *raw as f32,
                    centred as f32,
                    motif.constant as f32
                )?;
            }
        }
    }
    Ok(())
}
