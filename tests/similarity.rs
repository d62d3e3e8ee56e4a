//! Motif similarity and information content against published implementations. The numbers and the script
//! that made them are in `tests/data/similarity`.

use crate::shared::shared;
use headlight::analysis::similarity::{ColumnMetric, Match, Orientation, Targets};
use headlight::progress::{Cancel, Progress};
use headlight::sites::Correction;
use headlight::sites::motif::UNIFORM;
use headlight::sites::read::{motifs_from_bytes, read_motifs};
use std::collections::HashMap;
use std::path::Path;

fn kept(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/similarity");
    std::fs::read(folder.join(name)).expect("kept with the tests")
}

fn rows(name: &str) -> Vec<Vec<String>> {
    let text = String::from_utf8(kept(name)).expect("text");
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).map(cells).collect()
}

fn number(cell: &str) -> f64 {
    cell.parse().expect("a number")
}

/// memelite's Tomtom 0.5.0: Euclidean distance, complete scores, both orientations.
///
/// By definition the same: medians taken off, columns of both orientations as the null, the best of all
/// offsets and two orientations. By definition different, and seen only in digits: it has another way to
/// round scores (to 1/1000 of their range in the fine run, 1/100 by default; here 1/100), by default merges
/// like target columns, and would score a uniform column by its distance (these motifs have none).
#[test]
fn p_values_are_those_of_a_published_tomtom() {
    let (library, _) = motifs_from_bytes("motifs.meme", &kept("motifs.meme")).expect("motifs");
    let targets = Targets::new([&library], ColumnMetric::Euclidean);
    let index: HashMap<&str, usize> = library
        .motifs
        .iter()
        .enumerate()
        .map(|(index, motif)| (motif.name.as_str(), index))
        .collect();
    let ours: Vec<Vec<Match>> = library
        .motifs
        .iter()
        .map(|motif| targets.compare(&motif.probabilities))
        .collect();
    let references = rows("tomtom.tsv");
    assert_eq!(references.len(), ours.len().pow(2));
    let mut fine = Vec::new();
    let mut usual = Vec::new();
    let (mut alike, mut farthest) = (0, 0.0_f64);
    for cells in &references {
        let found = ours[index[&*cells[0]]][index[&*cells[1]]];
        let decades = |p: &str| (found.p / number(p)).log10().abs();
        fine.push(decades(&cells[2]));
        if number(&cells[2]) > 1e-12 {
            farthest = decades(&cells[2]).max(farthest);
        }
        usual.push(decades(&cells[6]));
        let reverse = found.orientation == Orientation::Reverse;
        let same = found.offset.to_string() == cells[3]
            && found.overlap.to_string() == cells[4]
            && reverse == (cells[5] == "1");
        alike += usize::from(same);
        if number(&cells[2]) < 1e-3 {
            assert!(same, "{cells:?} {found:?}");
        }
    }
    let share_alike = alike as f64 / references.len() as f64;
    for (found, decades) in [("fine", &mut fine), ("default", &mut usual)] {
        decades.sort_by(f64::total_cmp);
        let at = |share: f64| decades[((decades.len() - 1) as f64 * share) as usize];
        println!(
            "{found} decades apart: median {:.4}, 95 % {:.4}, 99 % {:.4}, most {:.4}",
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
        assert!(
            at(0.5) < 0.015 && at(0.95) < 0.08 && at(0.99) < 0.15,
            "{found}"
        );
    }
    println!("alignments alike: {share_alike:.4}");
    assert!(share_alike > 0.95);
    // Below, which columns share a step with the best one decides.
    assert!(farthest < 0.3, "{farthest}");
}

#[test]
fn every_motif_of_real_libraries_ranks_first_against_itself() {
    let mut tied = 0;
    for name in ["collectf.meme", "SwissRegulon_e_coli.meme"] {
        let Some(path) = shared(&format!("data/motifs/{name}")) else {
            return;
        };
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let (library, _) = read_motifs(&path, &progress, &cancel).expect("motifs");
        for metric in ColumnMetric::ALL {
            let targets = Targets::new([&library], metric);
            for (index, motif) in library.motifs.iter().enumerate() {
                let matches = targets.compare(&motif.probabilities);
                let least = matches.iter().map(|m| m.p).fold(1.0, f64::min);
                let own = matches[index];
                assert!(
                    own.p <= least,
                    "{name} {metric} {}: {own:?} {least}",
                    motif.name
                );
                tied += matches.iter().filter(|m| m.p <= own.p).count() - 1;
            }
        }
    }
    println!("{tied} ties");
}

/// logomaker 0.8.7, `transform_matrix(from_type="counts", to_type="information", pseudocount=0)`, which has
/// no small-sample correction.
#[test]
fn information_is_that_of_logomaker() {
    let (library, _) = motifs_from_bytes("counts.jaspar", &kept("counts.jaspar")).expect("counts");
    let pfm = library.motifs[0].whole_counts();
    let uniform = pfm.information(&UNIFORM, Correction::None);
    let skewed = pfm.information(&[0.3, 0.2, 0.2, 0.3], Correction::None);
    let references = rows("information.tsv");
    assert_eq!((references.len(), uniform.len()), (12, 12));
    for ((cells, uniform), skewed) in references.iter().zip(uniform).zip(skewed) {
        // Nine decimals are kept.
        assert!(
            (uniform - number(&cells[1])).abs() < 1e-8,
            "{cells:?} {uniform}"
        );
        assert!(
            (skewed - number(&cells[2])).abs() < 1e-8,
            "{cells:?} {skewed}"
        );
    }
}
