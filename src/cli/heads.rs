//! `headlight heads`: profile, logo and positional control of every head.

use super::inputs::{Inputs, PlaceInput};
use super::predict::probability;
use super::{output, with_progress};
use crate::analysis::anchors::PeakRule;
use crate::analysis::control::Permutations;
use crate::figure::export;
use crate::figure::logo::logo;
use crate::figure::theme::{BaseColors, Sheet, Theme};
use crate::job::figure::provenance;
use crate::job::findings::{HeadsRequest, PREDICTED, summarise};
use crate::model::Mode;
use anyhow::Context as _;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Resolution of the logos.
const LOGO_DPI: f32 = 300.0;

/// Genome, model and start sites.
#[derive(Clone, Debug, Args)]
pub struct HeadsInput {
    #[command(flatten)]
    inputs: Inputs,
    /// Start sites: BED, GFF3 or a table [default: the model's own top predictions in a sampled region]
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceInput,
    /// Without --anchors: the least probability of a predicted start site
    #[arg(long, value_name = "P", default_value_t = PREDICTED.min_probability, value_parser = probability, conflicts_with = "anchors")]
    threshold: f32,
    /// Without --anchors: the most predicted start sites, the most likely first
    #[arg(long, value_name = "N", default_value_t = PREDICTED.count as u32, value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with = "anchors")]
    count: u32,
}

impl HeadsInput {
    /// Opens all of it.
    pub fn request(&self, permutations: Permutations) -> anyhow::Result<HeadsRequest> {
        let (genome, _) = self.inputs.open_genome()?;
        let model = self.inputs.model.open()?;
        let anchors = match &self.anchors {
            Some(path) => Some(Arc::new(self.place.anchors(path, &genome)?.0)),
            None => None,
        };
        Ok(HeadsRequest {
            genome: Arc::new(genome),
            model: Arc::new(model),
            anchors,
            predicted: PeakRule {
                min_probability: self.threshold,
                count: self.count as usize,
                ..PREDICTED
            },
            mode: self.inputs.model.settings(Mode::Seamless).mode,
            permutations,
        })
    }
}

/// Arguments of `headlight heads`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    input: HeadsInput,
    /// Permutations of the positional control; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    permutations: u32,
    /// Seed of the permutations
    #[arg(long, value_name = "N", default_value_t = Permutations::default().seed)]
    seed: u64,
    /// Folder for heads.tsv, heads.json, motifs.meme and one logo a head; - prints the table
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let request = arguments.input.request(Permutations {
        count: arguments.permutations as usize,
        seed: arguments.seed,
    })?;
    let heads = with_progress("heads", |progress, cancel| {
        summarise(&request, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    let Some(folder) = arguments
        .output
        .as_deref()
        .filter(|path| path.as_os_str() != "-")
    else {
        output::write(None, |mut out| Ok(heads.result.write_tsv(&mut out)?))?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let file = |name: &str| folder.join(name);
    output::write(Some(&file("heads.tsv")), |mut out| {
        Ok(heads.result.write_tsv(&mut out)?)
    })?;
    output::write(Some(&file("motifs.meme")), |mut out| {
        Ok(heads.result.write_meme(&mut out)?)
    })?;
    let provenance = provenance(
        &request.genome,
        &request.model,
        &[
            ("anchors", heads.anchors.clone()),
            ("permutations", arguments.permutations.to_string()),
            ("seed", arguments.seed.to_string()),
            ("mode", request.mode.to_string()),
        ],
    );
    output::write(Some(&file("heads.json")), |out| {
        let described: serde_json::Map<String, serde_json::Value> = provenance
            .entries()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        let json = serde_json::json!({ "provenance": described, "table": heads.result.table() });
        writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?;
        Ok(())
    })?;
    for report in heads.reports() {
        let sheet = Sheet {
            width: 420.0,
            height: 180.0,
            theme: Theme::Light,
            base_colors: BaseColors::Safe,
        };
        let scene = logo(&heads.logo(report), &sheet);
        let path: &Path = &file(&format!("{}.svg", report.head));
        export::export(&scene, path, LOGO_DPI, &provenance)?;
    }
    eprintln!("{}", heads.caption());
    Ok(ExitCode::SUCCESS)
}
