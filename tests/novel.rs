//! `headlight novel` as people run it: what is left out, what is written, what is told.

use headlight::attention::HeadId;
use headlight::genome::Interval;
use headlight::genome::read::{Input, read_annotation};
use headlight::job::example;
use headlight::job::novel::{NovelRequest, NovelRule, novel_sites};
use headlight::model::Overrides;
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::{SiteOptions, read_sites, sites_with};
use headlight::sites::{Site, SiteSet};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

const LOCUS: &str = "360,001-375,000";
const HEADS: &str = "L4H5,L6H6";

fn headlight(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .output()
        .unwrap()
}

fn crp() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/crp_sites.tsv");
    path.display().to_string()
}

/// Runs `headlight novel` on a stretch about lacZ where every peak is listed.
fn run(more: &[&str]) -> Output {
    let sites = crp();
    let arguments = [
        "novel", "--sites", &sites, "--locus", LOCUS, "--heads", HEADS, "--fdr", "1",
    ];
    headlight(&[&arguments[..], more].concat())
}

fn stdout(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn request(sites: SiteSet) -> NovelRequest {
    let genome = example::genome().unwrap();
    let locus = headlight::genome::Locus {
        contig: 0,
        interval: Interval::new(360_000, 375_000),
        strand: None,
    };
    NovelRequest {
        features: Arc::new(example::features(&genome).unwrap()),
        genome: Arc::new(genome),
        model: Arc::new(example::model(Overrides::default()).unwrap()),
        sites: Arc::new(sites),
        promoters: None,
        heads: Some(vec![HeadId { layer: 3, head: 4 }]),
        region: Some(locus),
        rule: NovelRule {
            fdr: 1.0,
            ..NovelRule::default()
        },
    }
}

#[test]
fn the_three_formats_hold_the_same_sites() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let table = run(&[]);
    let caption = String::from_utf8_lossy(&table.stderr).into_owned();
    let table = stdout(&table);
    assert!(caption.contains("1 shuffled genome."), "{caption}");
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    assert!(header.starts_with(&[
        "layer", "head", "name", "contig", "left", "right", "strand", "score", "fdr"
    ]));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    assert!(rows.len() > 100, "{}", rows.len());
    let column = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let number = |row: &[&str], name: &str| row[column(name)].parse::<f64>().unwrap();
    // Best first, and a better score of a head never has a larger rate.
    assert!(rows.is_sorted_by(|a, b| number(a, "fdr") <= number(b, "fdr")));
    for head in ["L4H5", "L6H6"] {
        let mut mine: Vec<(f64, f64)> = rows
            .iter()
            .filter(|row| row[2] == head)
            .map(|row| (number(row, "score"), number(row, "fdr")))
            .collect();
        mine.sort_by(|a, b| b.0.total_cmp(&a.0));
        assert!(mine.is_sorted_by(|a, b| a.1 <= b.1), "{head}");
    }
    // Every place reads back from each format, the table with its columns named.
    let mut expected: Vec<(usize, usize, String)> = rows
        .iter()
        .map(|row| {
            let ends = (
                number(row, "left") as usize - 1,
                number(row, "right") as usize,
            );
            (ends.0, ends.1, row[2].to_owned())
        })
        .collect();
    expected.sort();
    expected.dedup();
    let genome = example::genome().unwrap();
    let places = |set: &SiteSet| -> Vec<(usize, usize, String)> {
        let place = |site: &Site| (site.interval.start, site.interval.end, site.tf().to_owned());
        let mut places: Vec<_> = set.sites.iter().map(place).collect();
        places.sort();
        places.dedup();
        places
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    for name in ["novel.bed", "novel.gff3"] {
        let path = file(name);
        assert_eq!(stdout(&run(&["-o", path.to_str().unwrap()])), "");
        let (sites, _) = read_sites(&path, &genome, &progress, &cancel).unwrap();
        assert_eq!(places(&sites), expected, "{name}");
    }
    assert!(read_annotation(&file("novel.gff3"), &genome, &progress, &cancel).is_ok());
    let options = SiteOptions {
        columns: Some(
            "contig=contig,tf=name,left=left,right=right,strand=strand"
                .parse()
                .unwrap(),
        ),
        ..SiteOptions::default()
    };
    let mut input = Input::from_bytes("novel.tsv", table.as_bytes(), &progress, &cancel).unwrap();
    let (sites, _) = sites_with(&mut input, &genome, &options).unwrap();
    assert_eq!(places(&sites), expected);
    let json: serde_json::Value = serde_json::from_str(&stdout(&run(&["--json"]))).unwrap();
    assert_eq!(json["novel"]["sites"].as_array().unwrap().len(), rows.len());
    assert_eq!(json["novel"]["heads"].as_array().unwrap().len(), 2);
    assert_eq!(json["provenance"]["locus"], LOCUS);
    // The same seed gives the same bytes, another one other decoys.
    assert_eq!(stdout(&run(&["--seed", "1"])), table);
    assert_ne!(stdout(&run(&["--seed", "2"])), table);
}

#[test]
fn known_sites_and_genes_hold_no_novel_peak() {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let none = request(SiteSet::default());
    let all = novel_sites(&none, &progress, &cancel).unwrap();
    assert_eq!(progress.done(), progress.total());
    let intervals: Vec<Interval> = all
        .sites
        .iter()
        .map(|site| Interval::new(site.left - 1, site.right))
        .collect();
    assert!(intervals.len() > 50 && all.heads[0].at_known_sites == 0);
    for (site, interval) in all.sites.iter().zip(&intervals) {
        assert_eq!(interval.len(), 7);
        let peak = Interval::new(interval.middle(), interval.middle() + 1);
        assert!(none.features.overlapping(0, peak).is_empty(), "{site:?}");
    }
    // A site one base beside a peak's interval leaves it; one that touches it takes it.
    let chosen = intervals[0];
    let beside = |from: usize| {
        let site = Site::new("X", 0, Interval::new(from, from + 8), None);
        let request = request(SiteSet::new("known".to_owned(), vec![site]));
        let found = novel_sites(&request, &Progress::default(), &cancel).unwrap();
        let kept = found.sites.iter().any(|site| site.left - 1 == chosen.start);
        (kept, found.heads[0].at_known_sites)
    };
    assert!(beside(chosen.end).0);
    let (kept, known) = beside(chosen.end - 1);
    assert!(!kept && known > 0);
}

#[test]
fn what_cannot_be_is_told() {
    let failure = |more: &[&str]| {
        let sites = crp();
        let output = headlight(&[&["novel", "--sites", &sites][..], more].concat());
        assert!(!output.status.success(), "{more:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains("panicked"), "{text}");
        text
    };
    assert!(failure(&["--heads", "L7H1", "--locus", "1-9000"]).contains("expected L1H1 to L6H6"));
    assert!(failure(&["--heads", "seven"]).contains("is not a head"));
    assert!(failure(&["--decoys", "0"]).contains("--decoys"));
    assert!(failure(&["--fdr", "2"]).contains("expected 0 to 1"));
    // Inside lacZ: no base between genes.
    let inside = failure(&["--heads", "L4H5", "--locus", "364,000-365,000"]);
    assert!(
        inside.contains("no region of at least 20 bases between genes"),
        "{inside}"
    );

    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = novel_sites(&request(SiteSet::default()), &Progress::default(), &cancel);
    assert_eq!(stopped.unwrap_err().to_string(), "cancelled");
}
