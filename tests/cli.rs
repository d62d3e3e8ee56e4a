//! The program as people run it: arguments in, files and exit codes out.

use crate::shared::shared;
use std::path::Path;
use std::process::{Command, Output};

fn headlight(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts")
}

fn stdout(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).expect("utf-8")
}

fn failure(arguments: &[&str]) -> String {
    let output = headlight(arguments);
    assert!(!output.status.success(), "{arguments:?} should fail");
    let text = String::from_utf8(output.stderr).expect("utf-8");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// Rows of a TSV below its header, which must be `header`.
fn rows<'a>(text: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(header));
    lines.map(|line| line.split('\t').collect()).collect()
}

#[test]
fn predict_finds_the_start_of_lacz() {
    // Seamless: in a faithful run the output for this start site happens to be the second position of a
    // segment, where zero padding lowers it.
    let text = stdout(&headlight(&[
        "predict",
        "--locus",
        "366243-366443",
        "--strand",
        "-",
        "--at-tss",
        "--mode",
        "seamless",
        "-o",
        "-",
    ]));
    let rows = rows(&text, "contig\tposition\tstrand\tprobability");
    assert_eq!(rows.len(), 201);
    assert!(
        rows.iter()
            .all(|row| row[0] == "NC_000913.3" && row[2] == "-")
    );
    let best = rows
        .iter()
        .max_by(|a, b| {
            a[3].parse::<f32>()
                .unwrap()
                .total_cmp(&b[3].parse::<f32>().unwrap())
        })
        .expect("rows");
    assert_eq!(best[1], "366365", "lacZp2");
    let at = |position: &str| rows.iter().find(|row| row[1] == position).expect("a row")[3];
    let first: f32 = at("366343").parse().unwrap();
    assert!(first > 0.1, "lacZp1: {first}");
}

#[test]
fn probabilities_move_by_the_label_shift_and_read_back() {
    let plain = stdout(&headlight(&[
        "predict",
        "--locus",
        "1000-1100",
        "--strand",
        "+",
    ]));
    let moved = stdout(&headlight(&[
        "predict", "--locus", "980-1080", "--strand", "+", "--at-tss",
    ]));
    let plain = rows(&plain, "contig\tposition\tstrand\tprobability");
    let moved = rows(&moved, "contig\tposition\tstrand\tprobability");
    for (plain, moved) in plain.iter().zip(&moved) {
        assert_eq!(plain[3], moved[3]);
        assert_eq!(
            plain[1].parse::<usize>().unwrap(),
            moved[1].parse::<usize>().unwrap() + 20
        );
        let value: f32 = plain[3].parse().unwrap();
        assert_eq!(value.to_string(), plain[3]);
    }
}

#[test]
fn attention_of_a_query_sums_to_one() {
    let text = stdout(&headlight(&[
        "attention",
        "--locus",
        "366320-366321",
        "--strand",
        "-",
        "--head",
        "L2H1",
    ]));
    let rows = rows(&text, "contig\tquery\tkey\tstrand\tweight");
    assert_eq!(rows.len(), 2 * 128);
    for query in ["366320", "366321"] {
        let sum: f64 = rows
            .iter()
            .filter(|row| row[1] == query)
            .map(|row| row[4].parse::<f64>().unwrap())
            .sum();
        assert!((sum - 1.0).abs() < 1e-5, "{query}: {sum}");
        let keys: Vec<usize> = rows
            .iter()
            .filter(|row| row[1] == query)
            .map(|row| row[2].parse().unwrap())
            .collect();
        let query: usize = query.parse().unwrap();
        assert_eq!(
            keys.iter().min(),
            Some(&query),
            "on − the query is the leftmost key"
        );
        assert_eq!(keys.iter().max(), Some(&(query + 127)));
    }
}

#[test]
fn seamless_attention_goes_across_the_origin_of_a_circle() {
    for (locus, strand) in [("1-2", "+"), ("4641651-4641652", "-")] {
        let arguments = [
            "attention",
            "--locus",
            locus,
            "--strand",
            strand,
            "--head",
            "L1H1",
            "--mode",
            "seamless",
        ];
        let text = stdout(&headlight(&arguments));
        let rows = rows(&text, "contig\tquery\tkey\tstrand\tweight");
        assert_eq!(rows.len(), 2 * 128, "{locus}");
        let sum: f64 = rows.iter().map(|row| row[4].parse::<f64>().unwrap()).sum();
        assert!((sum - 2.0).abs() < 1e-5, "{locus}: {sum}");
    }
    // A faithful run starts cold instead.
    let text = stdout(&headlight(&[
        "attention",
        "--locus",
        "1-2",
        "--strand",
        "+",
        "--head",
        "L1H1",
    ]));
    assert_eq!(
        rows(&text, "contig\tquery\tkey\tstrand\tweight").len(),
        1 + 2
    );
}

#[test]
fn a_figure_goes_to_standard_output_and_says_how_it_was_made() {
    let svg = stdout(&headlight(&[
        "figure",
        "--locus",
        "366300-366400",
        "-o",
        "-",
    ]));
    assert!(svg.trim_end().ends_with("</svg>") && svg.contains("seamless"));
    assert_eq!(headlight(&["figure", "--nonsense"]).status.code(), Some(1));
    assert_eq!(headlight(&["--help"]).status.code(), Some(0));
}

#[test]
fn figures_are_written_as_svg_and_png() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    stdout(&headlight(&[
        "figure",
        "--locus",
        "lacZ",
        "--width",
        "180",
        "-o",
        &path("lacZ.svg"),
    ]));
    let svg = std::fs::read_to_string(path("lacZ.svg")).expect("svg");
    assert!(
        svg.contains("lacZ") && svg.contains("L6H6") && svg.contains("CRP"),
        "genes, heads and sites are there"
    );
    stdout(&headlight(&[
        "figure",
        "--locus",
        "lacZ",
        "--dpi",
        "150",
        "-o",
        &path("lacZ.png"),
    ]));
    assert!(std::fs::metadata(path("lacZ.png")).expect("png").len() > 10_000);
    assert!(failure(&["figure", "--locus", "lacZ", "-o", &path("lacZ.gif")]).contains(".svg"));
    assert!(!Path::new(&path("lacZ.gif")).exists());
}

#[cfg(unix)]
#[test]
fn results_are_written_through_links_and_into_devices() {
    let folder = tempfile::tempdir().expect("a folder");
    let (target, link) = (
        folder.path().join("target.tsv"),
        folder.path().join("link.tsv"),
    );
    std::fs::write(&target, "old").expect("written");
    std::os::unix::fs::symlink(&target, &link).expect("linked");
    stdout(&headlight(&[
        "predict",
        "--locus",
        "1-5",
        "-o",
        &link.to_string_lossy(),
    ]));
    assert!(
        std::fs::symlink_metadata(&link)
            .expect("the link")
            .is_symlink()
    );
    assert!(
        std::fs::read_to_string(&target)
            .expect("the target")
            .starts_with("contig\tposition")
    );
    stdout(&headlight(&[
        "predict",
        "--locus",
        "1-5",
        "-o",
        "/dev/null",
    ]));
    assert!(
        !std::fs::metadata("/dev/null")
            .expect("still there")
            .is_file()
    );
}

#[test]
fn errors_say_what_to_do() {
    assert!(failure(&["predict", "--locus", "nosuchgene"]).contains("nosuchgene"));
    assert!(failure(&["predict", "--locus", "lacY", "--strand", "x"]).contains("expected + or -"));
    assert!(
        failure(&[
            "attention",
            "--locus",
            "lacZ",
            "--strand",
            "+",
            "--head",
            "L9H1"
        ])
        .contains("6 layers of 6 heads")
    );
    assert!(failure(&["predict", "--genome", "nosuchfile.fasta"]).contains("nosuchfile.fasta"));
    assert!(
        failure(&["view"]).contains("headlight figure"),
        "without a display the other way is named"
    );
}

#[test]
fn wrong_files_are_named_with_their_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_string_lossy().into_owned()
    };
    let empty = write("empty.fasta", b"");
    assert!(failure(&["inspect", &empty]).contains("empty"));
    let protein = write("protein.fasta", b">p1\nMKLVEEQQ*\n");
    let text = failure(&["predict", "--genome", &protein]);
    assert!(
        text.contains("protein.fasta") && text.contains("line 2"),
        "{text}"
    );
    let picture = write(
        "picture.png",
        &[0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 0, 1, 2, 3],
    );
    assert!(failure(&["inspect", &picture]).contains("picture.png"));
    let cut = write("cut.safetensors", &[200, 1, 0, 0, 0, 0, 0, 0, b'{', b'"']);
    assert!(failure(&["predict", "--model", &cut, "--locus", "1-10"]).contains("cut.safetensors"));
    assert!(failure(&["predict", "--genome", &empty, "--locus", "1-10"]).contains("empty.fasta"));
}

#[test]
fn inspect_checks_sites_against_the_genome() {
    let Some(sites) = shared("data/sites/RegulonDB-13.0_TF-RISet.tsv") else {
        return;
    };
    let text = stdout(&headlight(&["inspect", "--json", &sites.to_string_lossy()]));
    let json: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert!(json["compared"].as_u64().expect("a number") > 3_000);
    assert_eq!(
        json["compared"], json["matching"],
        "every printed site is what the genome has there"
    );
    // The same file on another genome is refused with exit code 2.
    let other = shared("data/genome/NC_000913.2.fasta.gz").expect("the older assembly");
    let output = headlight(&[
        "inspect",
        &sites.to_string_lossy(),
        "--genome",
        &other.to_string_lossy(),
    ]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn models_are_inspected() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/model.safetensors");
    let text = stdout(&headlight(&["inspect", "--json", &model.to_string_lossy()]));
    let json: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert_eq!(
        (json["layers"].as_u64(), json["context"].as_u64()),
        (Some(6), Some(128))
    );
    assert_eq!(json["parameters"].as_u64(), Some(314_882));
}
