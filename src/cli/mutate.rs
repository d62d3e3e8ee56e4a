//! `headlight mutate`: what each base of a locus does to a start site.

use super::inputs::{self, Inputs, SiteInput};
use super::track_file::described;
use super::{output, with_progress};
use crate::analysis::causal::mutagenesis::{Agreement, write_mutations};
use crate::attention::HeadId;
use crate::genome::{Anchor, Strand};
use crate::job::figure::{locus_text, provenance};
use crate::job::mutate::{Request, What, mutate};
use crate::job::open::checked_sites;
use crate::model::{Mode, Settings};
use anyhow::ensure;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `headlight mutate`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    site_input: SiteInput,
    /// The bases to change: a locus (1-based, closed) or a gene
    #[arg(long, value_name = "LOCUS")]
    locus: String,
    /// A start site whose score is watched, such as 366343:-; may be repeated [default: the strongest predicted one of each strand in the locus]
    #[arg(long, value_name = "POS:STRAND", allow_hyphen_values = true, value_parser = start_site)]
    tss: Vec<(usize, Strand)>,
    /// What is changed: each base to the three others, each base taken out, each of four bases put in, or windows hidden
    #[arg(long, value_name = "WHAT", value_enum, default_value = "substitution")]
    what: WhatName,
    /// With --what mask: bases of a window
    #[arg(long, value_name = "BP", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    window: u16,
    /// With --what mask: hide these known sites instead of windows
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
    /// Heads whose attention is summed, such as L4H5,L5H2 [default: all]
    #[arg(long, value_name = "HEADS", value_delimiter = ',')]
    heads: Vec<HeadId>,
    /// Write one JSON object, with the rank correlations
    #[arg(long)]
    json: bool,
    /// Where to write; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is changed, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum WhatName {
    /// Each base to the three others.
    Substitution,
    /// Each base taken out.
    Deletion,
    /// Each of the four bases put in before each base.
    Insertion,
    /// Windows, or known sites, hidden from the model.
    Mask,
}

/// Reads `366343:-`.
fn start_site(text: &str) -> Result<(usize, Strand), String> {
    let read = || {
        let (position, sign) = text.rsplit_once(':')?;
        let position: usize = position.replace(',', "").parse().ok()?;
        Some((position.checked_sub(1)?, Strand::from_sign(sign)?))
    };
    read().ok_or_else(|| {
        format!("'{text}' is no start site: expected a position and a strand such as 366343:-")
    })
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, features) = arguments.inputs.open_genome()?;
    let locus = inputs::locus(&arguments.locus, &genome, &features)?;
    let model = arguments.inputs.model.open()?;
    let contig = &genome.contigs[locus.contig];
    ensure!(
        arguments.inputs.model.settings(Mode::Seamless).mode == Mode::Seamless,
        "a base more or less moves every border behind it: mutagenesis is made in seamless mode only"
    );
    ensure!(
        arguments.sites.is_none() || arguments.what == WhatName::Mask,
        "--sites says what to hide: it goes with --what mask"
    );
    let mut tss = Vec::new();
    for (position, strand) in &arguments.tss {
        ensure!(
            *position < contig.len(),
            "the start site {} lies outside {}, whose positions are 1 to {}",
            position + 1,
            contig.name,
            contig.len()
        );
        tss.push(Anchor {
            contig: locus.contig,
            position: *position,
            strand: *strand,
        });
    }
    let sites = match &arguments.sites {
        None => None,
        Some(path) => {
            let options = arguments.site_input.options();
            let read = with_progress("reading the sites", |progress, cancel| {
                checked_sites(path, &genome, &options, progress, cancel)
                    .map_err(anyhow::Error::from_boxed)
            })?;
            Some(read.0)
        }
    };
    let request = Request {
        genome: &genome,
        model: &model,
        locus,
        tss,
        what: match arguments.what {
            WhatName::Substitution => What::Substitution,
            WhatName::Deletion => What::Deletion,
            WhatName::Insertion => What::Insertion,
            WhatName::Mask => What::Mask {
                window_bp: usize::from(arguments.window),
            },
        },
        sites: sites.as_ref(),
        heads: arguments.heads.clone(),
        settings: Settings::with_mode(Mode::Seamless),
    };
    let found = with_progress("mutating", |progress, cancel| {
        mutate(&request, progress, cancel)
    })?;
    let to = arguments.output.as_deref();
    if arguments.json {
        let details = [
            ("locus", locus_text(contig, locus.interval)),
            ("mode", Mode::Seamless.to_string()),
        ];
        let about = described(&provenance(&genome, &model, &details));
        let json = serde_json::json!({ "provenance": about, "mutagenesis": found });
        return output::write(to, |out| {
            Ok(writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?)
        })
        .map(|()| ExitCode::SUCCESS);
    }
    output::write(to, |mut out| {
        Ok(write_mutations(&mut out, &contig.name, &found.rows)?)
    })?;
    found.start_sites.iter().for_each(say);
    Ok(ExitCode::SUCCESS)
}

/// How far mutagenesis and the other ways agree, in words.
fn say(found: &Agreement) {
    let number = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| format!("{x:.3}"));
    let with = &found.of_size;
    let mut heads: Vec<&(String, Option<f64>)> = found.by_head.iter().collect();
    let value = |head: &(String, Option<f64>)| head.1.unwrap_or(f64::NEG_INFINITY);
    heads.sort_by(|a, b| value(b).total_cmp(&value(a)));
    let heads: Vec<String> = heads
        .iter()
        .take(3)
        .map(|(head, rho)| format!("{head} {}", number(*rho)))
        .collect();
    eprintln!(
        "start site {}{}: score {:.3}, probability {:.3}. Rank correlation of the size of the effect over {} places with: \
         gradient x input {}, attention {}, norm-weighted {}, rollout {}; with signs, gradient x input {}; \
         gradient x input with attention {}; best heads {}",
        found.tss,
        found.strand,
        found.score,
        found.probability,
        found.places,
        number(with.gradient_times_input),
        number(with.attention),
        number(with.norm_weighted),
        number(with.rollout),
        number(found.signed_gradient),
        number(found.gradient_with_attention),
        heads.join(", ")
    );
}
