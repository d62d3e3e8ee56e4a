//! Consensus and positional control of every head over start sites that the model predicts itself:
//! `cargo run --release --example head_logos`.

use headlight::analysis::control::Permutations;
use headlight::job::example;
use headlight::job::findings::{HeadsRequest, summarise};
use headlight::model::{Mode, Overrides};
use headlight::progress::{Cancel, Progress};
use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let request = HeadsRequest {
        genome: Arc::new(example::genome().map_err(|error| error as Box<dyn Error>)?),
        model: Arc::new(example::model(Overrides::default())?),
        anchors: None,
        predicted: headlight::job::findings::PREDICTED,
        mode: Mode::Seamless,
        permutations: Permutations {
            count: 199,
            ..Permutations::default()
        },
    };
    let found = summarise(&request, &Progress::default(), &Cancel::default());
    let heads = found.map_err(|error| error as Box<dyn Error>)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", heads.caption())?;
    for report in heads.reports() {
        let passes = if report.summary.exceeds == Some(true) {
            "passes"
        } else {
            ""
        };
        writeln!(
            out,
            "{}\t{}\t{}\t{passes}",
            report.head, report.summary.consensus, report.summary.shows
        )?;
    }
    Ok(())
}
