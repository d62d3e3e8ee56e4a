//! Motif libraries as their databases write them, and round trips of those that are written here.

use crate::shared::shared;
use headlight::genome::Base;
use headlight::genome::read::{FileKind, Input, sniff};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::{jaspar, motifs_from_bytes, read_motifs};
use headlight::sites::write::{write_jaspar, write_meme};
use headlight::sites::{MotifLibrary, Pfm, Ppm, UNIFORM};
use proptest::prelude::*;

fn library(file: &str) -> Option<MotifLibrary> {
    let path = shared(&format!("data/motifs/{file}"))?;
    let (library, report) =
        read_motifs(&path, &Progress::default(), &Cancel::default()).expect(file);
    assert_eq!((report.records, report.skipped_count()), (library.len(), 0));
    Some(library)
}

/// A motif of a real library: identifier, other name, sites and consensus, worked out from the
/// files by other code.
struct Expected(&'static str, &'static str, Option<f64>, &'static str);

/// File, kind, SHA-256's first digits, number of motifs, first and last motif.
const LIBRARIES: [(&str, FileKind, &str, usize, Expected, Expected); 9] = [
    (
        "RegulonDB_PSSM-Dataset-v4.0.txt",
        FileKind::RegulonDbPssm,
        "f48e3839",
        92,
        Expected("ECK120015994", "AcrR", Some(5.0), "YWCATWCATTTGWG"),
        Expected("ECK125228843", "YjjQ", Some(7.0), "TAAGATTTTYCTTATaKY"),
    ),
    (
        "SwissRegulon_e_coli.meme",
        FileKind::Meme,
        "9855dbc4",
        97,
        Expected("Ada_28-0", "", Some(3.0), "CGCAAAACATTGCDGCDBAAGAATGTTT"),
        Expected("XylR_17-3", "", Some(4.0), "CDATTAHGDTWTTTBAY"),
    ),
    (
        "collectf.meme",
        FileKind::Meme,
        "8469828d",
        84,
        Expected(
            "EXPREG_00000020",
            "LexA_C.glutamicum",
            Some(40.0),
            "tTCGAACAWRTKTTCGA",
        ),
        Expected(
            "EXPREG_00001810",
            "CcpA_S.suis",
            Some(76.0),
            "tWaWGAAAAnKTTTtSAAAAann",
        ),
    ),
    (
        "dpinteract.meme",
        FileKind::Meme,
        "3a500b7c",
        68,
        Expected("ada", "", Some(3.0), "TCVDCGAHAAGAATDTDADAGCAADVTBBTT"),
        Expected("tyrR", "", Some(17.0), "KgTGTAWAKAnAaaTTTACRcW"),
    ),
    (
        "minimal_test.meme",
        FileKind::Meme,
        "0d63dfe9",
        3,
        Expected("KRP", "", Some(17.0), "TGTGAnnnWGnTCACAYWW"),
        Expected("IFXA_no_nsites_no_evalue", "", None, "TACTGTATATAHAWMCAG"),
    ),
    (
        "prodoric.meme",
        FileKind::Meme,
        "e581cb85",
        201,
        Expected("MX000001", "MexR", Some(2.0), "GTTGAYCYWRTCAAC"),
        Expected("MX000211", "SdpR", Some(2.0), "WSAAAWW"),
    ),
    (
        "regtransbase.meme",
        FileKind::Meme,
        "5541e374",
        141,
        Expected(
            "ABC0302_Bacilliales",
            "",
            Some(22.0),
            "AAATAACAACGTTGTTAWWA",
        ),
        Expected("YvdE_Bacilli", "", Some(22.0), "TTYTGTTACCGKTAACAKgT"),
    ),
    (
        "regulonDB_2025-05.tf",
        FileKind::Transfac,
        "fe9da731",
        109,
        Expected("Ada", "", Some(4.0), "VRAnMRVAATDTDDDHGCAAD"),
        Expected("Zur", "", Some(4.0), "GTTATATTATAACATTWCAB"),
    ),
    (
        "transfac.dat",
        FileKind::Transfac,
        "3efd9682",
        2,
        Expected("motif1", "", Some(5.0), "SRACAGGTGKYG"),
        Expected("motif2", "", Some(5.0), "RSCAGAGGTY"),
    ),
];

#[test]
fn every_motif_of_every_library_is_read() {
    for (file, kind, checksum, count, first, last) in LIBRARIES {
        let Some(library) = library(file) else { return };
        let path = shared(&format!("data/motifs/{file}")).expect("it was read");
        assert_eq!(sniff(&path).expect(file), kind, "{file}");
        assert_eq!(library.len(), count, "{file}");
        assert!(
            library.checksum.starts_with(checksum),
            "{file}: {}",
            library.checksum
        );
        assert!(!library.is_empty());
        for (motif, expected) in [
            (&library.motifs[0], first),
            (&library.motifs[count - 1], last),
        ] {
            let consensus = motif.counts(motif.sites.unwrap_or(1.0)).consensus();
            assert_eq!(
                (motif.name.as_str(), motif.alternative.as_str()),
                (expected.0, expected.1),
                "{file}"
            );
            assert_eq!(
                (motif.sites, consensus.as_str()),
                (expected.2, expected.3),
                "{file}"
            );
        }
        for motif in &library.motifs {
            assert!(!motif.is_empty() && !motif.name.is_empty());
            for row in &motif.probabilities {
                assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn a_block_of_log_odds_is_not_taken_for_probabilities() {
    for file in ["prodoric.meme", "dpinteract.meme", "regtransbase.meme"] {
        let Some(path) = shared(&format!("data/motifs/{file}")) else {
            return;
        };
        let text = std::fs::read_to_string(&path).expect("text");
        let blocks = |name| text.lines().filter(|line| line.starts_with(name)).count();
        let library = library(file).expect("it is there");
        assert_eq!(blocks("log-odds matrix"), library.len(), "{file}");
        assert_eq!(blocks("letter-probability matrix"), library.len(), "{file}");
        let widths = text
            .lines()
            .filter_map(|line| line.strip_prefix("letter-probability matrix: alength= 4 w= "))
            .map(|rest| rest.split_whitespace().next().and_then(|w| w.parse().ok()));
        for (motif, width) in library.motifs.iter().zip(widths) {
            assert_eq!(Some(motif.len()), width, "{file} {}", motif.name);
        }
    }
}

#[test]
fn the_background_is_the_stated_one() {
    for (file, expected) in [
        ("dpinteract.meme", [0.304, 0.196, 0.196, 0.304]),
        ("regtransbase.meme", [0.39, 0.11, 0.11, 0.39]),
        ("prodoric.meme", [0.25; 4]),
        ("regulonDB_2025-05.tf", [0.25; 4]),
    ] {
        let Some(library) = library(file) else { return };
        for (found, right) in library.background.iter().zip(expected) {
            assert!((found - right).abs() < 1e-9, "{file}");
        }
    }
    // 0.303 + 0.183 + 0.209 + 0.306 = 1.001
    let Some(minimal) = library("minimal_test.meme") else {
        return;
    };
    assert!((minimal.background[0] - 0.303 / 1.001).abs() < 1e-12);
}

#[test]
fn regulondb_matrices_are_the_counts_of_their_alignments() {
    let file = "RegulonDB_PSSM-Dataset-v4.0.txt";
    let Some(library) = library(file) else { return };
    let text = std::fs::read_to_string(shared(&format!("data/motifs/{file}")).expect("read"));
    let text = text.expect("text");
    let records: Vec<&str> = text.split("Transcription Factor ID:").skip(1).collect();
    assert_eq!(records.len(), library.len());
    for (motif, record) in library.motifs.iter().zip(records) {
        let windows: Vec<Vec<Base>> = record
            .lines()
            .filter(|line| !line.is_empty() && line.bytes().all(|b| b"ACGT".contains(&b)))
            .map(|line| line.bytes().filter_map(Base::from_ascii).collect())
            .collect();
        let windows = windows.iter().map(Vec::as_slice);
        let counted = Pfm::from_windows(&motif.name, motif.len(), windows);
        assert_eq!(Some(counted.sites()), motif.sites, "{}", motif.name);
        let expected = counted.probabilities(0.0, &UNIFORM).probabilities;
        assert_eq!(motif.probabilities, expected, "{}", motif.name);
    }
}

#[test]
fn one_database_says_the_same_in_two_formats() {
    let (Some(tf), Some(mut packed)) = (
        library("regulonDB_2025-05.tf"),
        shared("data/motifs/regulonDB_2025-05.tf").and_then(|path| std::fs::read(path).ok()),
    ) else {
        return;
    };
    // As JASPAR, and the same TRANSFAC with other line ends, packed.
    let counts: Vec<Pfm> = tf
        .motifs
        .iter()
        .map(|motif| motif.counts(motif.sites.expect("counts")))
        .collect();
    let mut written = Vec::new();
    write_jaspar(&mut written, &counts).expect("memory");
    let (jaspar, _) = motifs_from_bytes("regulonDB.jaspar", &written).expect("read");
    assert_eq!(
        (jaspar.format.as_str(), jaspar.len()),
        ("JASPAR motifs", 109)
    );
    for (a, b) in jaspar.motifs.iter().zip(&tf.motifs) {
        assert_eq!(a.name, b.name);
        for (a, b) in a
            .probabilities
            .iter()
            .flatten()
            .zip(b.probabilities.iter().flatten())
        {
            assert!((a - b).abs() < 1e-12);
        }
    }
    packed = String::from_utf8(packed)
        .expect("text")
        .replace('\n', "\r\n")
        .into_bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, &packed).expect("memory");
    let (again, _) = motifs_from_bytes("x.tf.gz", &gzip.finish().expect("memory")).expect("read");
    assert_eq!((again.name.as_str(), &again.motifs), ("x", &tf.motifs));
}

/// Names that the formats keep: words for MEME, anything on one line for JASPAR.
fn word() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(b"aZ09_.:-$/#>".as_slice()), 1..12)
        .prop_map(|bytes| bytes.into_iter().map(char::from).collect())
}

fn ppm() -> impl Strategy<Value = Ppm> {
    let row = proptest::array::uniform4(0_u32..1000)
        .prop_filter("a position with a count", |row| row.iter().any(|&n| n > 0))
        .prop_map(|row| {
            let total: u32 = row.iter().sum();
            row.map(|n| f64::from(n) / f64::from(total))
        });
    let sites = proptest::option::of((0_u32..1_000_000).prop_map(|n| f64::from(n) / 8.0));
    let alternative = proptest::option::of(word());
    (
        word(),
        alternative,
        proptest::collection::vec(row, 1..40),
        sites,
    )
        .prop_map(|(name, alternative, probabilities, sites)| Ppm {
            name,
            alternative: alternative.unwrap_or_default(),
            probabilities,
            sites,
        })
}

fn pfm() -> impl Strategy<Value = Pfm> {
    let count = prop_oneof![
        (0_u32..100_000).prop_map(f64::from),
        0.0..1e6,
        proptest::num::f64::POSITIVE.prop_filter("believable", |count| *count < 1e300),
    ];
    let rows = proptest::collection::vec(proptest::array::uniform4(count), 1..40);
    let name = proptest::collection::vec(word(), 1..4);
    (name, rows).prop_map(|(name, counts)| Pfm {
        name: name.join(" "),
        counts,
    })
}

proptest! {
    #[test]
    fn what_is_written_as_meme_is_read_back(
        motifs in proptest::collection::vec(ppm(), 1..8),
        shares in proptest::array::uniform4(1_u32..100),
    ) {
        let total: u32 = shares.iter().sum();
        let background = shares.map(|n| f64::from(n) / f64::from(total));
        let mut written = Vec::new();
        write_meme(&mut written, &motifs, &background).expect("memory");
        let (library, report) = motifs_from_bytes("written.meme", &written).expect("read");
        prop_assert_eq!(library.name, "written");
        prop_assert_eq!(report.skipped_count(), 0);
        prop_assert_eq!(library.background.map(f64::to_bits), background.map(f64::to_bits));
        prop_assert_eq!(library.motifs, motifs);
    }

    #[test]
    fn what_is_written_as_jaspar_is_read_back(motifs in proptest::collection::vec(pfm(), 1..8)) {
        let mut written = Vec::new();
        write_jaspar(&mut written, &motifs).expect("memory");
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut input = Input::from_bytes("written", &written, &progress, &cancel).expect("text");
        prop_assert_eq!(jaspar::counts_from(&mut input).expect("read"), motifs);
        prop_assert_eq!(FileKind::of(&written), FileKind::Jaspar);
    }
}
