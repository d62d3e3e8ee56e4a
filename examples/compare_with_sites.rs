//! Compares every head of the embedded model with known binding sites at known promoters:
//! `cargo run --release --example compare_with_sites -- TF-RISet.tsv PromoterSet.tsv`.

use headlight::genome::read::{Input, promoters};
use headlight::job::compare::{CompareRequest, CompareRule, compare};
use headlight::job::{example, open};
use headlight::model::Overrides;
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::SiteOptions;
use std::{error::Error, io::Write as _, sync::Arc};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args().skip(1);
    let (Some(sites), Some(anchors)) = (paths.next(), paths.next()) else {
        return Err("Give a file of sites (RegulonDB, BED, GFF3) and one of start sites.".into());
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let boxed = |error| error as Box<dyn Error>;
    let genome = example::genome().map_err(boxed)?;
    let options = SiteOptions::default();
    let (sites, report) =
        open::checked_sites(sites.as_ref(), &genome, &options, &progress, &cancel)
            .map_err(boxed)?;
    let promoters = promoters::read(
        &mut Input::open(anchors.as_ref(), &progress, &cancel)?,
        &genome,
    )?;
    let (anchors, _) =
        open::anchor_file(anchors.as_ref(), &genome, &progress, &cancel).map_err(boxed)?;
    let request = CompareRequest {
        features: Arc::new(example::features(&genome).map_err(boxed)?),
        model: Arc::new(example::model(Overrides::default())?),
        genome: Arc::new(genome),
        sites: Arc::new(sites),
        anchors: Some(Arc::new(anchors)),
        promoters,
        rule: CompareRule::default(),
    };
    let found = compare(&request, &progress, &cancel).map_err(boxed)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{report}\nCompared at {}.", found.anchors)?;
    let mut cells = found.comparison.cells;
    cells.sort_by(|a, b| a.significance.p_max.total_cmp(&b.significance.p_max));
    for cell in cells.iter().take(10) {
        writeln!(
            out,
            "L{}H{} {}: AUROC {:.3} ({:.3} to {:.3}), q {:.2e}, p_max {:.3}",
            cell.layer,
            cell.head,
            cell.tf,
            cell.auroc,
            cell.auroc_low,
            cell.auroc_high,
            cell.significance.q,
            cell.significance.p_max
        )?;
    }
    Ok(())
}
