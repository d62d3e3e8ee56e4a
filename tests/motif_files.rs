//! Motif libraries as their databases write them.

use crate::shared::shared;
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::meme;
use headlight::sites::write::write_meme;

/// Files with the number of their motifs; three hold log-odds beside the probabilities.
const LIBRARIES: [(&str, usize); 6] = [
    ("SwissRegulon_e_coli.meme", 97),
    ("dpinteract.meme", 68),
    ("prodoric.meme", 201),
    ("collectf.meme", 84),
    ("regtransbase.meme", 141),
    ("minimal_test.meme", 3),
];

#[test]
fn every_motif_of_every_library_is_read() {
    for (file, motifs) in LIBRARIES {
        let Some(path) = shared(&format!("data/motifs/{file}")) else {
            return;
        };
        let (set, report) =
            meme::read_motifs(&path, &Progress::default(), &Cancel::default()).expect(file);
        assert_eq!(
            (set.motifs.len(), report.records),
            (motifs, motifs),
            "{file}"
        );
        for motif in &set.motifs {
            assert!(!motif.is_empty() && !motif.name.is_empty());
            for row in &motif.probabilities {
                assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }
        let stated = std::fs::read_to_string(&path).expect("text");
        let names = stated
            .lines()
            .filter(|line| line.starts_with("MOTIF "))
            .count();
        assert_eq!(names, motifs, "{file}");
    }
}

#[test]
fn a_block_of_log_odds_is_not_taken_for_probabilities() {
    let Some(path) = shared("data/motifs/prodoric.meme") else {
        return;
    };
    let (set, _) =
        meme::read_motifs(&path, &Progress::default(), &Cancel::default()).expect("read");
    let first = &set.motifs[0];
    assert_eq!(
        (first.name.as_str(), first.alternative.as_str()),
        ("MX000001", "MexR")
    );
    assert_eq!((first.len(), first.sites), (15, Some(2.0)));
    assert_eq!(first.counts(2.0).consensus(), "GTTGAYCYWRTCAAC");
}

#[test]
fn libraries_survive_being_written_and_read() {
    let Some(path) = shared("data/motifs/dpinteract.meme") else {
        return;
    };
    let (read, cancel) = (Progress::default(), Cancel::default());
    let (set, _) = meme::read_motifs(&path, &read, &cancel).expect("read");
    assert!((set.background[0] - 0.304).abs() < 1e-9);
    let mut written = Vec::new();
    write_meme(&mut written, &set.motifs, &set.background).expect("memory");
    let (again, _) = meme::motifs_from_bytes("written", &written).expect("read again");
    assert_eq!(again.motifs.len(), set.motifs.len());
    for (a, b) in again.motifs.iter().zip(&set.motifs) {
        assert_eq!((&a.name, a.sites), (&b.name, b.sites));
        for (a, b) in a
            .probabilities
            .iter()
            .flatten()
            .zip(b.probabilities.iter().flatten())
        {
            assert!((a - b).abs() < 2e-6);
        }
    }
}
