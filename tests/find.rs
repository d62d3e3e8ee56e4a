//! `headlight find` as people run it.

use std::process::{Command, Output};

fn find(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headlight"))
        .arg("find")
        .args(arguments)
        .env_remove("DISPLAY")
        .output()
        .expect("the program starts")
}

fn text(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn a_sequence_is_found_on_both_strands() {
    let folder = tempfile::tempdir().expect("a folder");
    let genome = folder.path().join("g.fasta");
    // TTGACA, 17 bases, TATAAT from base 5 on; its reverse complement from base 45 on.
    let box_35 = format!("CCCCTTGACA{}TATAATCCCCC", "G".repeat(17));
    let other = format!("ATTATA{}TGTCAACC", "C".repeat(17));
    std::fs::write(&genome, format!(">c\n{box_35}{}{other}\n", "A".repeat(6))).expect("written");
    let path = genome.to_str().expect("a path");
    let found = find(&["TTGACAN17TATAAT", "--genome", path]);
    let bases = format!("TTGACA{}TATAAT", "G".repeat(17));
    let header = "contig\tfirst\tlast\tstrand\tbases";
    let (here, there) = (
        format!("c\t5\t33\t+\t{bases}"),
        format!("c\t45\t73\t-\t{bases}"),
    );
    assert_eq!(text(&found), format!("{header}\n{here}\n{there}\n"));
    let said = String::from_utf8_lossy(&found.stderr).into_owned();
    assert!(said.contains(": 2 hits in"), "{said}");
    let bed = text(&find(&["ttgaca n17 tataat", "--genome", path, "--bed"]));
    assert_eq!(
        bed,
        format!("c\t4\t33\t{bases}\t0\t+\nc\t44\t73\t{bases}\t0\t-\n")
    );
    let json = folder.path().join("hits.json");
    let to = json.to_str().expect("a path");
    text(&find(&[
        "TTGACAN17TATAAT",
        "--genome",
        path,
        "--most",
        "1",
        "-o",
        to,
    ]));
    let json = std::fs::read_to_string(&json).expect("written");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["count"], 2);
    assert_eq!(json["hits"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["hits"][0]["first"], 5);
}

#[test]
fn the_embedded_genome_is_searched_as_in_the_window() {
    // Both boxes of σ70 in full, 18 bases apart: the only place in the genome.
    let rows = text(&find(&["TTGACAN18TATAAT"]));
    let hit = "NC_000913.3\t3318382\t3318411\t-\tTTGACAAAATGTGGCGTGGATCACTATAAT\n";
    assert_eq!(rows, format!("contig\tfirst\tlast\tstrand\tbases\n{hit}"));
    // lacO1 lies at 366,323-366,343 and reads in lacZ's direction.
    let rows = text(&find(&["AATTGTGAGCGGATAACAATT"]));
    assert!(rows.contains("NC_000913.3\t366323\t366343\t-\t"), "{rows}");
}

#[test]
fn what_is_no_pattern_is_refused() {
    for wrong in ["", "TTGAXA", "NNN", "A0", "C129"] {
        let output = find(&[wrong]);
        assert!(!output.status.success(), "{wrong}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            said.starts_with("headlight: ") && !said.contains("panicked"),
            "{said}"
        );
    }
}
