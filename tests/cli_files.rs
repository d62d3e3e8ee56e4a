//! Files on the command line: what is found in them, what does not match, and what helps.

use crate::shared::shared;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn headlight(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// Standard output and the exit code.
fn told(arguments: &[&str]) -> (String, Option<i32>) {
    let output = headlight(arguments);
    let text = String::from_utf8(output.stdout).expect("utf-8");
    let errors = String::from_utf8(output.stderr).expect("utf-8");
    assert!(!errors.contains("panicked"), "{errors}");
    (text + &errors, output.status.code())
}

fn text(path: &Path) -> &str {
    path.to_str().expect("utf-8")
}

fn line<'t>(text: &'t str, name: &str) -> &'t str {
    let start = format!("{name}: ");
    let line = text.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[test]
fn inspect_fails_with_2_until_the_remedy_is_given() {
    for (file, remedy, rate) in [
        (
            "RegulonDB-8.8_BindingSiteSet_U00096.2.txt",
            &["--lift"][..],
            "5.2 %",
        ),
        (
            "RegulonDB-11.1_RISet.txt",
            &["--ignore-strand"][..],
            "55.4 %",
        ),
    ] {
        let Some(path) = shared(&format!("data/sites/{file}")) else {
            return;
        };
        let (before, code) = told(&["inspect", text(&path)]);
        assert_eq!(code, Some(2), "{before}");
        assert!(line(&before, "check").contains(rate), "{before}");
        let helps = format!("  {}: 100.0 %, which helps", remedy.join(" "));
        assert!(before.contains(&helps), "{before}");
        assert!(before.contains("mismatches:\n  line "), "{before}");
        let (after, code) = told(&[&["inspect", text(&path)], remedy].concat());
        assert_eq!(code, Some(0), "{after}");
        assert!(line(&after, "check").contains("(100.0 %)"), "{after}");
        let (_, code) = told(&["inspect", text(&path), "--accept-mismatches"]);
        assert_eq!(code, Some(0));
    }
}

#[test]
fn a_table_that_counts_otherwise_is_moved() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("sites.tsv");
    // The genome begins AGCTTTTCATTCTGACTGCA; these are one too far left.
    let rows = "tf\tleft\tright\tstrand\tsequence\nA\t1\t4\t+\tGCTT\nA\t8\t11\t+\tATTC\n";
    std::fs::write(&path, rows).expect("written");
    let (before, code) = told(&["inspect", text(&path)]);
    assert_eq!(code, Some(2), "{before}");
    assert!(
        before.contains("--shift 1: 100.0 %, which helps"),
        "{before}"
    );
    let (after, code) = told(&["inspect", text(&path), "--shift", "1"]);
    assert_eq!(code, Some(0), "{after}");
    // Nothing is drawn or converted until somebody has decided.
    let out = folder.path().join("out.tsv");
    let (refused, code) = told(&["convert", text(&path), "-o", text(&out)]);
    assert_eq!(code, Some(1), "{refused}");
    assert!(
        refused.contains("Nothing of it is drawn without --shift 1."),
        "{refused}"
    );
    assert!(!out.exists());
    let (_, code) = told(&["convert", text(&path), "--shift", "1", "-o", text(&out)]);
    assert_eq!(code, Some(0));
    let written = std::fs::read_to_string(&out).expect("written");
    assert!(
        written.contains("NC_000913.3\t2\t5\t+\tA\t\t\t\tGCTT"),
        "{written}"
    );
    let svg = folder.path().join("x.svg");
    let figure = [
        "figure",
        "--locus",
        "1-400",
        "--sites",
        text(&path),
        "-o",
        text(&svg),
    ];
    assert_eq!(told(&figure).1, Some(1));
    assert_eq!(told(&[&figure[..], &["--shift", "1"]].concat()).1, Some(0));
}

#[test]
fn columns_are_chosen_by_name_or_number() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, rows: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, rows).expect("written");
        path
    };
    let named = write(
        "named.tsv",
        "Protein\tVon\tBis\tBasen\nA\t0\t4\tAGCT\nB\t8\t12\tATTC\n",
    );
    let (asked, code) = told(&["inspect", text(&named)]);
    assert_eq!(code, Some(1));
    assert!(
        asked.contains("--columns tf=…") && asked.contains("Protein, Von, Bis, Basen"),
        "{asked}"
    );
    let columns = "tf=Protein,left=von,right=Bis,sequence=Basen";
    let (found, code) = told(&[
        "inspect",
        text(&named),
        "--columns",
        columns,
        "--zero-based",
    ]);
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(
        (line(&found, "sites"), line(&found, "matching")),
        ("2", "2")
    );
    let bare = write("bare.tsv", "A\t1\t4\t+\nB\t9\t12\t-\n");
    let (found, code) = told(&[
        "inspect",
        text(&bare),
        "--columns",
        "tf=1,left=2,right=3,strand=4",
    ]);
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(line(&found, "sites"), "2");
    let (found, code) = told(&["inspect", text(&bare), "--columns", "position=2,strand=4"]);
    assert_eq!((line(&found, "start_sites"), code), ("2", Some(0)));
    let (wrong, code) = told(&[
        "inspect",
        text(&bare),
        "--columns",
        "tf=Name,left=2,right=3",
    ]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("a column “Name”"), "{wrong}");
}

#[test]
fn a_genome_with_annotation_and_sites_of_other_names_is_used_whole() {
    let Some(genome) = shared("data/genome/NC_000964.3.fasta.gz") else {
        return;
    };
    let genes = shared("data/genome/AL009126.3.gff3.gz").expect("GFF3");
    let sites = shared("data/sites/DBTBS_Bsubtilis_NC_000964.3.tsv").expect("sites");
    let inputs = ["--genome", text(&genome), "--annotation", text(&genes)];
    let (found, code) = told(&[&["inspect", text(&sites)], &inputs[..]].concat());
    assert_eq!(code, Some(0), "{found}");
    assert!(
        line(&found, "check").starts_with("183 of 183 (100.0 %)"),
        "{found}"
    );
    let folder = tempfile::tempdir().expect("folder");
    let svg = folder.path().join("dnaA.svg");
    let figure = [
        "figure",
        "--locus",
        "dnaA",
        "--sites",
        text(&sites),
        "-o",
        text(&svg),
    ];
    let (told, code) = told(&[&figure[..], &inputs[..]].concat());
    assert_eq!(code, Some(0), "{told}");
    let drawn = std::fs::read_to_string(&svg).expect("SVG");
    assert!(drawn.contains(">dnaA<"));
}

#[test]
fn genbank_is_genome_and_annotation_in_one() {
    let Some(path) = shared("data/genome/NC_005816.gb") else {
        return;
    };
    let (found, code) = told(&["inspect", text(&path)]);
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(
        (line(&found, "bases"), line(&found, "genes")),
        ("9609", "10")
    );
    let svg = [
        "figure",
        "--genome",
        text(&path),
        "--locus",
        "YP_pPCP05",
        "-o",
        "-",
    ];
    let (drawn, code) = told(&svg);
    assert_eq!(code, Some(0));
    assert!(drawn.contains(">pst<"), "its gene name");
}

#[test]
fn aliases_are_given_and_checked() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let genome = write("g.fa", ">one\nACGTACGTAC\n>two\nACGTACGTAC\n");
    let sites = write("s.bed", "chrA\t2\t6\tX\t0\t+\n");
    let inputs = ["inspect", text(&sites), "--genome", text(&genome)];
    let (unknown, code) = told(&inputs);
    assert_eq!(code, Some(1));
    assert!(unknown.contains("as an alias"), "{unknown}");
    let (found, code) = told(&[&inputs[..], &["--alias", "two=chrA"]].concat());
    assert_eq!((line(&found, "sites"), code), ("1", Some(0)));
    for (alias, words) in [
        ("two=one", "already a name of one"),
        ("three=chrA", "is called “three”"),
        ("two", "names no alias"),
    ] {
        let (wrong, code) = told(&[&inputs[..], &["--alias", alias]].concat());
        assert_eq!(code.map(|code| code != 0), Some(true));
        assert!(wrong.contains(words), "{alias}: {wrong}");
    }
    // A file that says how long its sequence is cannot be pressed on one of another length.
    let gff = "##gff-version 3\n##sequence-region chrA 1 9\nchrA\tx\tgene\t1\t5\t.\t+\t.\tID=a\n";
    let gff = write("a.gff3", gff);
    let inputs = [
        "inspect",
        text(&gff),
        "--genome",
        text(&genome),
        "--alias",
        "two=chrA",
    ];
    let (refused, code) = told(&inputs);
    assert_eq!(code, Some(1));
    assert!(refused.contains("9 bp in this file and 10 bp"), "{refused}");
}

#[test]
fn intervals_are_converted_as_what_they_are() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let converted = |from: &Path, to: &str| -> String {
        let to = folder.path().join(to);
        let (said, code) = told(&["convert", text(from), "-o", text(&to)]);
        assert_eq!(code, Some(0), "{said}");
        std::fs::read_to_string(&to).expect("written")
    };
    let sites = "##gff-version 3\nchr\t.\tTF_binding_site\t5\t9\t.\t+\t.\ttf=X\n\
                 chr\t.\tTF_binding_site\t5\t9\t.\t-\t.\ttf=X\n";
    let sites = write("s.gff3", sites);
    assert!(converted(&sites, "s.tsv").contains("\nNC_000913.3\t5\t9\tboth\tX\t"));
    let bed = "NC_000913.3\t4\t9\tX\t0\t+\nNC_000913.3\t4\t9\tX\t0\t-\n";
    assert_eq!(converted(&sites, "s.bed"), bed);
    let starts = write("a.bed", "chr\t4\t5\ta\t0\t-\nchr\t9\t10\tb\t0\t+\n");
    assert!(converted(&starts, "a.gff3").contains("\tTSS\t5\t5\t.\t-\t"));
    let genes = "##gff-version 3\nchr\t.\tgene\t5\t190\t.\t+\t.\tID=g;Name=abcD;locus_tag=t1\n";
    let genes = write("g.gff3", genes);
    assert_eq!(
        converted(&genes, "g.bed"),
        "NC_000913.3\t4\t190\tabcD\t0\t+\n"
    );
    // A wide interval with a name is a gene in BED too.
    assert!(converted(&folder.path().join("g.bed"), "i.gff3").contains("\tgene\t5\t190\t"));
    assert!(converted(&genes, "h.gff3").contains("Name=abcD;locus_tag=t1"));
}

#[test]
fn a_site_on_both_strands_stays_on_both_through_convert() {
    let Some(path) = shared("data/sites/RegulonDB-13.0_TF-RISet.tsv") else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    for name in ["s.tsv", "s.bed", "s.gff3"] {
        let to = folder.path().join(name);
        let (said, code) = told(&["convert", text(&path), "-o", text(&to)]);
        assert_eq!(code, Some(0), "{said}");
        let (found, code) = told(&["inspect", text(&to)]);
        assert_eq!(code, Some(0), "{found}");
        assert_eq!(
            (line(&found, "sites"), line(&found, "on_both_strands")),
            ("3521", "382"),
            "{name}"
        );
    }
}

#[test]
fn inspect_tells_what_the_program_itself_wrote() {
    let folder = tempfile::tempdir().expect("folder");
    let sites = folder.path().join("sites.tsv");
    std::fs::write(&sites, "tf\tleft\tright\tstrand\nA\t1\t4\t+\n").expect("written");
    let figure = folder.path().join("lacZ.svg");
    let (_, code) = told(&["figure", "--locus", "366,305-366,400", "-o", text(&figure)]);
    assert_eq!(code, Some(0));
    let (said, code) = told(&["inspect", text(&figure)]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("kind: figure\n"), "{said}");
    assert!(said.contains("  NC_000913.3:366,305-366,400\n"), "{said}");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/figures/compare.toml");
    let (said, code) = told(&["inspect", page]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("kind: figure description\npanels: 1\n"),
        "{said}"
    );
    let workspace = folder.path().join("mine.headlight");
    let saved = serde_json::json!({
        "format": "headlight workspace",
        "version": 1,
        "files": [{
            "path": folder.path().join("gone.tsv"),
            "relative": "gone.tsv",
            "sha256": "0".repeat(64),
            "bytes": 1,
            "options": headlight::sites::read::SiteOptions::default(),
        }],
    });
    std::fs::write(&workspace, saved.to_string()).expect("written");
    let (said, code) = told(&["inspect", text(&workspace)]);
    assert_eq!(code, Some(2), "a file is missing: {said}");
    assert!(said.starts_with("kind: workspace\n"), "{said}");
    assert!(said.contains("gone.tsv: "), "{said}");
}
