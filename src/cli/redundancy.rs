//! `headlight redundancy`: which heads do the same, within a model and between two.

use super::inputs::Inputs;
use super::track_file::described;
use super::{output, with_progress};
use crate::analysis::consensus::MotifRule;
use crate::analysis::redundancy::SAME_KEY_BP;
use crate::job::figure::provenance;
use crate::job::findings::predicted_start_sites;
use crate::job::open::anchor_file;
use crate::job::redundancy::{RedundancyRequest, redundancy};
use crate::model::{Mode, Model};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `headlight redundancy`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Start sites: BED, GFF3 or a table [default: the model's own top predictions in a sampled region]
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// Another model, whose heads are matched one to one with those of the first
    #[arg(long, value_name = "MODEL")]
    against: Option<PathBuf>,
    /// JSON with every pair, the tree and the provenance instead of TSV
    #[arg(long)]
    json: bool,
    /// Where the table goes; - is standard output [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, _) = arguments.inputs.open_genome()?;
    let (genome, model) = (Arc::new(genome), Arc::new(arguments.inputs.model.open()?));
    let overrides = arguments.inputs.model.overrides();
    let against = match &arguments.against {
        Some(path) => Some(Arc::new(Model::open(path, overrides)?)),
        None => None,
    };
    let mode = arguments.inputs.model.settings(Mode::Seamless).mode;
    let (anchors, words) = with_progress("start sites", |progress, cancel| {
        match &arguments.anchors {
            Some(path) => anchor_file(path, &genome, progress, cancel)
                .map(|(file, _)| (file.anchors, format!("start sites of {}", file.name))),
            None => predicted_start_sites(&genome, &model, mode, progress, cancel),
        }
        .map_err(anyhow::Error::from_boxed)
    })?;
    let request = RedundancyRequest {
        genome,
        model,
        against,
        anchors,
        apart_bp: 50,
        motif: MotifRule::default(),
        mode,
    };
    let found = with_progress("heads", |progress, cancel| {
        redundancy(&request, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    let mut more = vec![
        ("anchors", words),
        ("thinned to", format!("{} nt a strand", request.apart_bp)),
        ("same key within", format!("{SAME_KEY_BP} nt")),
        ("mode", mode.to_string()),
    ];
    if let Some(other) = &request.against {
        more.push(("other model", other.name().to_owned()));
        more.push(("other model sha256", other.checksum.clone()));
    }
    let provenance = provenance(&request.genome, &request.model, &more);
    output::write(arguments.output.as_deref(), |mut out| {
        if arguments.json {
            let mut all = serde_json::to_value(&found)?;
            if let Some(all) = all.as_object_mut() {
                all.insert("provenance".to_owned(), described(&provenance).into());
            }
            writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
            return Ok(());
        }
        Ok(found.write_tsv(&mut out)?)
    })?;
    Ok(ExitCode::SUCCESS)
}
