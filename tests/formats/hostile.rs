//! Broken, foreign and malicious files: an error with a next step, never a panic.

use crate::memory::{BUFFERS_BYTES, BYTES_PER_BYTE, peak};
use flate2::{Compression, write::GzEncoder};
use headlight::genome::read::{
    Input, ReadError, anchors, annotation_from, genome_from, read_genome, sniff,
};
use headlight::genome::write::write_twobit;
use headlight::genome::{Base, Contig, Genome};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::sites_from;
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

fn input(bytes: &[u8]) -> Result<Input<'_>, ReadError> {
    Input::from_bytes("test", bytes, &Progress::default(), &Cancel::default())
}

fn small_genome() -> Genome {
    let contig = |name: &str, length| Contig {
        name: name.to_owned(),
        sequence: [Base::A, Base::C, Base::G, Base::T, Base::N]
            .into_iter()
            .cycle()
            .take(length)
            .collect(),
        ..Contig::default()
    };
    Genome::new("small", vec![contig("one", 1_000)])
}

fn two_bit() -> Vec<u8> {
    let mut bytes = Vec::new();
    write_twobit(&small_genome(), &mut bytes).expect("memory");
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// Every reader on the same bytes; what they say.
fn all_errors(bytes: &[u8]) -> Vec<String> {
    let genome = small_genome();
    let told = |result: Result<(), ReadError>| result.err().map(|error| error.to_string());
    [
        told(input(bytes).and_then(|mut i| genome_from(&mut i).map(drop))),
        told(input(bytes).and_then(|mut i| annotation_from(&mut i, &genome).map(drop))),
        told(input(bytes).and_then(|mut i| anchors::read(&mut i, &genome).map(drop))),
        told(input(bytes).and_then(|mut i| sites_from(&mut i, &genome).map(drop))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_reader_refuses_what_it_cannot_use() {
    let fasta = [b">one\n".to_vec(), vec![b'A'; 1_000]].concat();
    let gzipped = gzip(&fasta);
    for (bytes, words) in [
        (b"".to_vec(), "this file is empty"),
        (gzip(b""), "this file is empty"),
        (gzipped[..gzipped.len() / 2].to_vec(), "expected"),
        (b"\0\x01\x02binary".repeat(50), "binary data"),
        (
            b"PK\x03\x04some.xlsx\0\0".to_vec(),
            "a zip archive or spreadsheet",
        ),
        (b"\xff\xfet\0e\0x\0t\0".to_vec(), "text in UTF-16"),
        (
            b"<!DOCTYPE html>\n<html>not found</html>".to_vec(),
            "a web page",
        ),
        (
            b"hello\nworld, this is text\n".to_vec(),
            "text of an unknown format",
        ),
    ] {
        let errors = all_errors(&bytes);
        assert_eq!(errors.len(), 4, "{words}: {errors:?}");
        for error in errors {
            let expected = error.contains(words) || error.contains("end too early");
            assert!(expected, "{words}: {error}");
            assert!(error.ends_with('.') && !error.contains("  "), "{error}");
        }
    }
}

#[test]
fn files_that_cannot_be_opened_say_why() {
    let told = |path: &Path| {
        read_genome(path, &Progress::default(), &Cancel::default())
            .expect_err("no file")
            .to_string()
    };
    assert_eq!(
        told(Path::new("/nowhere/g.fa")),
        "/nowhere/g.fa: there is no such file. Check the name and the folder."
    );
    let folder = tempfile::tempdir().expect("folder");
    assert!(told(folder.path()).contains("this is a folder"));
    assert!(sniff(folder.path()).is_err());
}

#[test]
fn truncated_gzip_is_an_error_wherever_it_ends() {
    let lines: String = (0..20_000)
        .map(|i| {
            format!("{:x}\n", i * 2_654_435_761_u64).replace(|c: char| !"acgt".contains(c), "a")
        })
        .collect();
    let whole = gzip(format!(">one\n{lines}").as_bytes());
    for cut in [1, 2, 11, 30, whole.len() / 2, whole.len() - 1] {
        let result = input(&whole[..cut]).and_then(|mut i| genome_from(&mut i));
        assert!(result.is_err(), "{cut} of {}", whole.len());
    }
}

#[test]
fn wrong_columns_and_positions_are_told_with_their_line() {
    let genome = small_genome();
    let annotation = |text: &str| {
        input(text.as_bytes())
            .and_then(|mut i| annotation_from(&mut i, &genome))
            .expect_err(text)
            .to_string()
    };
    let good = "one\t.\tgene\t1\t9\t.\t+\t.\tID=a\n";
    assert_eq!(
        annotation(&format!("{good}one\t.\tgene\t1\t9\t.\t+\n")),
        "test, line 2: expected nine tab-separated columns, found 7. Save it as GFF3 with tabs."
    );
    assert!(
        annotation(&format!("{good}{}", good.replace("1\t9", "9\t1")))
            .contains("line 2: expected start")
    );
    assert!(
        annotation(&format!("{good}{}", good.replace('9', "9000"))).contains(
            "line 2: expected positions up to 1,000, the length of one, found 9,000. This file may"
        )
    );
    assert!(annotation(&good.replace("one", "two")).contains("(“one”), found “two”"));
    assert!(annotation("one\t5\t2\n").contains("expected annotation"));
    assert!(annotation("one\t5\t9\none\t9\n").contains("line 2: expected three to twelve"));
    assert!(annotation("one\t5\t2000\n").contains("line 1: expected positions up to"));

    let sites = |text: &str| {
        input(text.as_bytes())
            .and_then(|mut i| sites_from(&mut i, &genome))
            .expect_err(text)
            .to_string()
    };
    let header = "left\tright\tstrand\ttf\n";
    assert!(sites(header).contains("at least one site"));
    assert!(sites(&format!("{header}5\tx\t+\tA\n")).contains("line 2: expected left and right"));
    assert!(sites(&format!("{header}5\n")).contains("line 2: expected at least 4"));
    assert!(sites(&format!("{header}5\t2000\t+\tA\n")).contains("none (1 left out: beyond 1,000"));
    assert!(sites("tf\tleft\nA\t5\n").contains("tf, left and right"));

    let anchors = |text: &str| {
        input(text.as_bytes())
            .and_then(|mut i| anchors::read(&mut i, &genome))
            .expect_err(text)
            .to_string()
    };
    assert!(anchors("position\tstrand\nx\t+\n").contains("line 2: expected a position"));
    assert!(anchors("position\tstrand\n5\t.\n").contains("at least one position with a strand"));
    assert!(anchors("pos\tstrand\n1001\t+\n").contains("none (1 left out: beyond 1,000"));
}

#[test]
fn two_bit_counts_are_not_believed() {
    let whole = two_bit();
    let read = |bytes: &[u8]| input(bytes).and_then(|mut i| genome_from(&mut i));
    assert!(read(&whole).is_ok());
    for cut in 1..whole.len() {
        assert!(read(&whole[..cut]).is_err(), "{cut}");
    }
    // Every word of the header, index and record says four billion.
    for at in (4..whole.len().min(80)).step_by(1) {
        let mut giant = whole.clone();
        let end = (at + 4).min(giant.len());
        giant[at..end].fill(0xff);
        let _ = read(&giant);
    }
    let mut giant = whole.clone();
    giant[8..12].fill(0xff);
    assert!(read(&giant).is_err());
    let record = 16 + 1 + 3 + 4;
    giant = whole;
    giant[record..record + 4].fill(0xff);
    assert!(read(&giant).is_err());
}

#[test]
fn two_bit_sequences_may_not_share_their_bytes() {
    let mut bytes = vec![0x43, 0x27, 0x41, 0x1a, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0];
    let record = 16 + 200 * 8_u32;
    for index in 0..200 {
        bytes.push(3);
        bytes.extend(format!("{index:03}").bytes());
        bytes.extend(record.to_le_bytes());
    }
    let bases = 40_000_u32;
    bytes.extend([bases.to_le_bytes(), [0; 4], [0; 4], [0; 4]].concat());
    bytes.extend(vec![0; bases as usize / 4]);
    let error = input(&bytes)
        .and_then(|mut i| genome_from(&mut i))
        .expect_err("shared");
    assert!(error.to_string().contains("at its own place"), "{error}");
    // A long list of N under many names.
    let runs = 40_000_u32;
    let mut bytes = bytes[..record as usize].to_vec();
    bytes.extend([(2 * runs).to_le_bytes(), runs.to_le_bytes()].concat());
    bytes.extend((0..runs).flat_map(|run| (2 * run).to_le_bytes()));
    bytes.extend((0..runs).flat_map(|_| 1_u32.to_le_bytes()));
    bytes.extend([0; 8]);
    bytes.extend(vec![0; runs as usize / 2]);
    let (read, peak_bytes) = peak(|| input(&bytes).and_then(|mut i| genome_from(&mut i)));
    let error = read.expect_err("shared").to_string();
    assert!(error.contains("at its own place"), "{error}");
    assert!(peak_bytes <= BYTES_PER_BYTE * bytes.len() + BUFFERS_BYTES);
}

#[test]
fn cancelling_ends_every_reader() {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("g.fa");
    std::fs::write(&path, [b">g\n".to_vec(), vec![b'A'; 1 << 20]].concat()).expect("written");
    cancel.cancel();
    let result = read_genome(&path, &progress, &cancel);
    assert!(matches!(result, Err(ReadError::Cancelled(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        all_errors(&bytes);
    }

    #[test]
    fn no_table_makes_a_reader_panic(
        header in "(##gff-version 3|left\tright\ttf\tstrand|position\tstrand|1\\)riId\t4\\)regulatorName\t7\\)tfrsLeft\t8\\)tfrsRight|# headlight genes 1|>a)\n",
        body in "([a-z0-9.+%;=>#\t-]{0,30}\n){0,8}",
    ) {
        all_errors(format!("{header}{body}").as_bytes());
    }

    #[test]
    fn no_damage_to_two_bit_makes_it_panic(at in 0_usize..300, value in any::<u8>(), cut in 0_usize..400) {
        let mut bytes = two_bit();
        let at = at.min(bytes.len() - 1);
        bytes[at] = value;
        bytes.truncate(cut.max(1));
        all_errors(&bytes);
    }
}

/// What the fuzzers found, kept.
#[test]
fn a_dash_or_a_dot_in_bed_is_no_name() {
    let sites = |text: &str| {
        let mut input = input(text.as_bytes())?;
        sites_from(&mut input, &small_genome())
    };
    for name in ["-", "."] {
        let error = sites(&format!("one\t10\t31\t{name}\t0\t+\n")).expect_err(name);
        assert!(error.to_string().contains("no name"), "{error}");
    }
    let (set, report) = sites("one\t10\t31\t-\t0\t+\none\t40\t61\tCRP\t0\t+\n").expect("one site");
    assert_eq!((set.sites.len(), report.read.skipped_count()), (1, 1));
}

#[test]
fn motif_files_cut_anywhere_are_read_or_refused() {
    use headlight::sites::read::motifs_from_bytes;
    let jaspar = ">MA1 AGL3\nA [ 0 1.5 ]\nC [ 4 0 ]\nG [ 0 0.5 ]\nT [ 0 2 ]\n\n>MA2\n1\n1\n1\n1\n";
    let transfac =
        "VV  x\nXX\n//\nAC  M1\nXX\nID  a\nP0  A C G T\n01 0.5 1 2 0 S\n02 1 0 0 0\nXX\n//\n";
    let uniprobe = "Gata3\nA:\t0.1\t1\nC:\t0.2\t0\nG:\t0.3\t0\nT:\t0.4\t0\n";
    let pssm = "# c\nTranscription Factor ID: E1\nTranscription Factor Name: AcrR\nPSSM size: 2\n\n\
        TA\nA\t0\t1\nC\t0\t1\nG\t0\t0\nT\t2\t0\n";
    let meme = "MEME version 4\nBackground letter frequencies\nA 0.3 C 0.2 G 0.2 T 0.3\nMOTIF a b\n\
        letter-probability matrix: alength= 4 w= 2 nsites= 3\n1 0 0 0\n0 0.5 0.25 0.25\n";
    let mut read = 0;
    for text in [jaspar, transfac, uniprobe, pssm, meme] {
        assert!(
            motifs_from_bytes("whole", text.as_bytes()).is_ok(),
            "{text}"
        );
        for end in 0..text.len() {
            for byte in [None, Some(b'-'), Some(b'9'), Some(b'\n'), Some(0xc3)] {
                let mut bytes = text.as_bytes()[..end].to_vec();
                bytes.extend(byte);
                match motifs_from_bytes("cut", &bytes) {
                    Ok((library, report)) => {
                        assert!(!library.is_empty());
                        assert_eq!(report.records, library.len());
                        read += 1;
                    }
                    Err(error) => assert!(error.to_string().starts_with("cut"), "{error}"),
                }
            }
        }
    }
    assert!(read > 10, "some of them are whole motifs");
}
