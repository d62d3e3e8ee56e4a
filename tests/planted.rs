//! Names with known truth: a planted motif, a blind head, no motif at all.

use headlight::analysis::random::Random;
use headlight::genome::base::ACGT;
use headlight::genome::{Anchor, Base, Contig, Genome, Strand};
use headlight::job::train::{Event, MODEL, Task, split, train};
use headlight::model::Config;
use headlight::model::metadata::Metadata;
use headlight::model::train::{Processor, Settings};
use headlight::progress::{Cancel, Progress};
use std::path::{Path, PathBuf};

/// Not its own reverse complement.
const MOTIF: &[u8] = b"TTGACAGC";
/// What marks a label; as often it stands without the motif.
const MARK: &[u8] = b"CATGC";
/// From one label to the next.
const SPACING_BP: usize = 300;

/// A random genome and its labels.
///
/// On alternating strands the mark stands every 150 bases; every other one is a label and has the motif
/// before it: its first base 15 to 45 bases before the label.
fn planted(labels: usize, seed: u64) -> (Genome, Vec<Anchor>, Vec<usize>) {
    let mut random = Random::new(seed, 99);
    let length = labels * SPACING_BP;
    let mut bases: Vec<Base> = (0..length).map(|_| ACGT[random.below(4)]).collect();
    let (mut anchors, mut distances) = (Vec::new(), Vec::new());
    for index in 0..2 * labels {
        let position = index * SPACING_BP / 2 + SPACING_BP / 4;
        let strand = Strand::BOTH[index / 2 % 2];
        let mut write = |offset: isize, letters: &[u8]| {
            for (place, letter) in letters.iter().enumerate() {
                let base = Base::from_ascii(*letter).expect("a base");
                let offset = offset + place.cast_signed();
                match strand {
                    Strand::Forward => bases[position.strict_add_signed(offset)] = base,
                    Strand::Reverse => {
                        bases[position.strict_add_signed(-offset)] = base.complement();
                    }
                }
            }
        };
        write(0, MARK);
        if index % 2 == 0 {
            let distance = 15 + random.below(31);
            write(-distance.cast_signed(), MOTIF);
            distances.push(distance);
            anchors.push(Anchor {
                contig: 0,
                position,
                strand,
            });
        }
    }
    let contig = Contig {
        name: "planted".into(),
        circular: true,
        sequence: bases.into_iter().collect(),
        ..Contig::default()
    };
    (Genome::new("planted", vec![contig]), anchors, distances)
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Remakes the model of these tests: `cargo test --release planted::remake -- --ignored --nocapture`.
#[test]
#[ignore = "makes a file that is kept"]
fn remake_the_planted_model() {
    let (genome, labels, _) = planted(1_000, 1);
    let config = Config {
        layers: 1,
        heads: 3,
        d_model: 16,
        d_head: 16,
        kernel: 7,
        classes: 2,
        context: 64,
        label_shift: 3,
    };
    let settings = Settings {
        steps: 2_500,
        warm_up: 100,
        peak_rate: 5e-3,
        streams: 24,
        near_labels: 0.7,
        first_deviation: 0.1,
        validate_every: 250,
        ..Settings::published(config)
    };
    let folder = tempfile::tempdir().expect("a folder");
    let task = Task {
        genome: &genome,
        labels: &labels,
        split: &split(&genome, 0),
        settings: &settings,
        start: None,
        processor: Processor::Cpu,
        metadata: &Metadata {
            name: Some("planted".to_owned()),
            ..Metadata::default()
        },
        folder: folder.path(),
    };
    let mut tell = |event: &Event| println!("{event:?}");
    train(&task, &mut tell, &Progress::default(), &Cancel::default()).expect("trains");
    std::fs::copy(folder.path().join(MODEL), kept("planted.safetensors")).expect("copied");
}
