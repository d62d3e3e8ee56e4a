//! `headlight name`: which known motif every head shows, and whether it has earned the name.

use super::heads::HeadsInput;
use super::{output, with_progress};
use crate::analysis::axis::write_axis_tsv;
use crate::analysis::control::Permutations;
use crate::analysis::naming::NamingRule;
use crate::analysis::similarity::ColumnMetric;
use crate::figure::provenance::Provenance;
use crate::job::axis::axis_logos;
use crate::job::figure::provenance;
use crate::job::name::{NameRequest, NamedHeads, name};
use crate::progress::{Cancel, Progress};
use crate::sites::MotifLibrary;
use crate::sites::read::read_motifs;
use crate::sites::write::write_jaspar;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `headlight name`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    heads: HeadsInput,
    /// Known motifs: MEME, JASPAR, TRANSFAC, `UniPROBE` or `RegulonDB` text; several files make one table
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    motifs: Vec<PathBuf>,
    /// Permutations of the positional control; below 99 no head can be named
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    permutations: u32,
    /// Seed of the permutations
    #[arg(long, value_name = "N", default_value_t = Permutations::default().seed)]
    seed: u64,
    /// How columns of motifs are compared: pearson, euclidean or kl
    #[arg(long, value_name = "METRIC", default_value_t = ColumnMetric::default())]
    metric: ColumnMetric,
    /// A name needs a q below this
    #[arg(long, value_name = "Q", default_value_t = NamingRule::default().q_below, value_parser = q_below)]
    q: f64,
    /// Matches of each head, the best ones
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    top: u32,
    /// JSON with everything that the window draws, instead of a table
    #[arg(long)]
    json: bool,
    /// The table; - or nothing prints it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Also the motifs of the heads in MEME format
    #[arg(long, value_name = "FILE")]
    meme: Option<PathBuf>,
    /// Also the motifs of the heads as counts in JASPAR's format
    #[arg(long, value_name = "FILE")]
    jaspar: Option<PathBuf>,
    /// Also the windows behind the motifs with their loci, as a table
    #[arg(long, value_name = "FILE")]
    windows: Option<PathBuf>,
    /// Also what each head sees at fixed places, as a table: base frequencies by position relative to the start
    /// site, weighted by attention, and around the query; this runs the model at the start sites once more
    #[arg(long, value_name = "FILE")]
    axis: Option<PathBuf>,
}

/// Reads a q of more than 0 and at most 1.
fn q_below(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(q) if q > 0.0 && q <= 1.0 => Ok(q),
        _ => Err(format!("'{text}' is no q: expected more than 0, at most 1")),
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let libraries = arguments
        .motifs
        .iter()
        .map(|path| {
            let (progress, cancel) = (Progress::default(), Cancel::default());
            let (library, report) = read_motifs(path, &progress, &cancel)?;
            eprintln!("{}: {report}", library.name);
            Ok(Arc::new(library))
        })
        .collect::<anyhow::Result<Vec<Arc<MotifLibrary>>>>()?;
    let request = NameRequest {
        heads: arguments.heads.request(Permutations {
            count: arguments.permutations as usize,
            seed: arguments.seed,
        })?,
        libraries,
        rule: NamingRule {
            metric: arguments.metric,
            q_below: arguments.q,
            kept: arguments.top as usize,
        },
    };
    let found = with_progress("names", |progress, cancel| {
        name(&request, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    let (heads, genome) = (&found.heads.result, &request.heads.genome);
    output::write(arguments.output.as_deref(), |mut out| {
        if arguments.json {
            let json = json(&found, &described(&request, &found));
            return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?);
        }
        Ok(found.names.write_tsv(&mut out)?)
    })?;
    if let Some(path) = &arguments.meme {
        output::write(Some(path), |mut out| Ok(heads.write_meme(&mut out)?))?;
    }
    if let Some(path) = &arguments.jaspar {
        let motifs: Vec<_> = heads.reports.iter().map(|r| r.motif.pfm.clone()).collect();
        output::write(Some(path), |mut out| Ok(write_jaspar(&mut out, &motifs)?))?;
    }
    if let Some(path) = &arguments.windows {
        output::write(Some(path), |mut out| {
            Ok(found.write_windows(genome, &mut out)?)
        })?;
    }
    if let Some(path) = &arguments.axis {
        let logos = with_progress("axis logos", |progress, cancel| {
            axis_logos(
                &request.heads.model.kernel,
                genome,
                &heads.surroundings,
                request.heads.mode,
                &heads.rule.motif.background,
                progress,
                cancel,
            )
        })?;
        output::write(Some(path), |mut out| Ok(write_axis_tsv(&mut out, &logos)?))?;
    }
    eprintln!("{}", found.caption());
    Ok(ExitCode::SUCCESS)
}

fn described(request: &NameRequest, found: &NamedHeads) -> Provenance {
    let mut more = vec![
        ("anchors", found.heads.anchors.clone()),
        ("permutations", request.heads.permutations.count.to_string()),
        ("seed", request.heads.permutations.seed.to_string()),
        ("mode", request.heads.mode.to_string()),
        ("metric", request.rule.metric.to_string()),
    ];
    for library in &found.names.libraries {
        more.push((
            "motifs",
            format!(
                "{}, {} motifs, sha256 {}",
                library.name, library.motifs, library.sha256
            ),
        ));
    }
    provenance(&request.heads.genome, &request.heads.model, &more)
}

fn json(found: &NamedHeads, provenance: &Provenance) -> serde_json::Value {
    let described: Vec<serde_json::Value> = provenance
        .entries()
        .iter()
        .map(|(name, value)| serde_json::json!({ "name": name, "value": value }))
        .collect();
    serde_json::json!({
        "provenance": described,
        "heads": found.heads.result.table(),
        "names": found.names,
    })
}
