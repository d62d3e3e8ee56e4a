//! Reads known binding sites and checks them against the embedded genome:
//! `cargo run --release --example compare_with_sites -- TF-RISet.tsv`.

use headlight::job::example;
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::read_sites;
use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("Give the path of RegulonDB's TF-RISet.tsv, a BED or a GFF3 file.")?;
    let genome = example::genome().map_err(|error| error as Box<dyn Error>)?;
    let (sites, report) = read_sites(
        path.as_ref(),
        &genome,
        &Progress::default(),
        &Cancel::default(),
    )?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} sites of {} TFs. {}",
        report.sites, report.tfs, report.check
    )?;
    for (tf, count) in sites.tfs().into_iter().take(10) {
        writeln!(out, "{tf}\t{count}")?;
    }
    Ok(())
}
