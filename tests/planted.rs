//! Names with known truth: a planted motif, a blind head, no motif at all.

use headlight::analysis::consensus::MotifRule;
use headlight::analysis::control::Permutations;
use headlight::analysis::heads::reports;
use headlight::analysis::naming::{Names, NamingRule, name_heads};
use headlight::analysis::profile::{AnchorAttention, AnchorSink};
use headlight::analysis::random::Random;
use headlight::analysis::similarity::{ColumnMetric, Orientation, Targets};
use headlight::analysis::windows::Surroundings;
use headlight::attention::{AttentionSink, HeadShape, Tile};
use headlight::genome::base::{ACGT, text};
use headlight::genome::{Anchor, Base, Contig, Genome, Interval, Strand};
use headlight::job::heads::{HeadsResult, HeadsRule, summarise_against};
use headlight::job::train::{Event, MODEL, Task, split, train};
use headlight::model::metadata::Metadata;
use headlight::model::train::{Processor, Settings, initial_weights};
use headlight::model::{Config, Kernel, Overrides, read_checkpoint};
use headlight::progress::{Cancel, Progress};
use headlight::sites::MotifLibrary;
use headlight::sites::motif::{Ppm, UNIFORM};
use headlight::sites::read::motifs_from_bytes;
use headlight::sites::write::write_meme;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// The kept model, made by `remake_the_planted_model`.
fn planted_model() -> Kernel {
    let checkpoint =
        read_checkpoint(&kept("planted.safetensors"), Overrides::default()).expect("kept");
    assert_eq!(checkpoint.metadata.name.as_deref(), Some("planted"));
    Kernel::new(&checkpoint.weights)
}

/// A motif of sharp columns.
fn sharp(name: &str, letters: &[u8]) -> Ppm {
    let column = |letter: &u8| {
        let base = Base::from_ascii(*letter)
            .and_then(Base::index)
            .expect("a base");
        std::array::from_fn(|other| if other == base { 0.91 } else { 0.03 })
    };
    Ppm {
        name: name.to_owned(),
        probabilities: letters.iter().map(column).collect(),
        ..Ppm::default()
    }
}

/// Decoys of random letters, of 6 to 15 positions, and with them the given motifs.
fn library(decoys: usize, seed: u64, with: Vec<Ppm>) -> MotifLibrary {
    let mut random = Random::new(seed, 4);
    let mut motifs: Vec<Ppm> = (0..decoys)
        .map(|index| {
            let length = 6 + random.below(10);
            let letters: Vec<u8> = (0..length).map(|_| b"ACGT"[random.below(4)]).collect();
            let mut motif = sharp(&format!("decoy{index}"), &letters);
            for row in &mut motif.probabilities {
                // Some columns are weak, as in real libraries.
                let weak = random.below(3) as f64 / 4.0;
                *row = row.map(|share| share * (1.0 - weak) + 0.25 * weak);
            }
            motif
        })
        .collect();
    motifs.extend(with);
    MotifLibrary {
        name: "planted".to_owned(),
        format: "motifs".to_owned(),
        checksum: String::new(),
        background: UNIFORM,
        motifs,
    }
}

/// Names the heads of `kernel` over `anchors`.
fn named(
    kernel: &Kernel,
    genome: &Genome,
    anchors: &[Anchor],
    targets: &Targets,
    permutations: Permutations,
) -> (HeadsResult, Names) {
    let rule = HeadsRule {
        permutations,
        ..HeadsRule::default()
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let result = summarise_against(
        kernel,
        genome,
        anchors,
        rule,
        Some(targets),
        &progress,
        &cancel,
    )
    .expect("runs");
    let naming = NamingRule {
        kept: 2,
        ..NamingRule::default()
    };
    let names = name_heads(&result.reports, targets, naming, &UNIFORM, &cancel).expect("runs");
    (result, names)
}

#[test]
fn the_planted_motif_is_found_named_and_placed() {
    // Another genome than the one that was trained on.
    let (genome, labels, distances) = planted(400, 2);
    let kernel = planted_model();
    let targets = Targets::new(
        [&library(60, 3, vec![sharp("planted", MOTIF)])],
        ColumnMetric::Pearson,
    );
    let permutations = Permutations {
        count: 199,
        seed: 1,
    };
    let (result, names) = named(&kernel, &genome, &labels, &targets, permutations);
    for head in &names.heads {
        println!(
            "{} {} {:.2} bits, control p {:?}, library p {:?}, {:?}",
            head.head_name,
            head.consensus,
            head.bits,
            head.control.map(|test| test.p),
            head.library.map(|test| test.p),
            head.matches
                .iter()
                .map(|m| (&m.target, m.p, m.q))
                .collect::<Vec<_>>(),
        );
    }
    let found: Vec<_> = names
        .heads
        .iter()
        .zip(&result.reports)
        .filter(|(head, _)| head.named)
        .collect();
    assert!(!found.is_empty());
    for (head, _) in &found {
        // Whatever is named is named right.
        assert_eq!(head.name(), Some("planted"), "{head:?}");
    }
    let (head, report) = found
        .iter()
        .min_by(|(a, _), (b, _)| a.matches[0].p.total_cmp(&b.matches[0].p))
        .expect("one at least");
    // Consensus and strand: the motif as it was planted, read on the label's strand.
    let best = &head.matches[0];
    assert!(best.q < 0.01, "{best:?}");
    assert_eq!(best.orientation, Orientation::Forward);
    let letters = std::str::from_utf8(MOTIF).expect("letters");
    assert!(
        head.consensus.to_uppercase().contains(letters),
        "{}",
        head.consensus
    );
    // Distance: the planted motif's first base, window by window.
    let surroundings = &result.surroundings;
    let into = head
        .consensus
        .to_uppercase()
        .find(letters)
        .expect("just seen");
    let motif = &report.motif;
    let mut right = 0;
    for aligned in &motif.windows {
        let shift = aligned.shift + i8::try_from(motif.core.start + into).expect("short");
        let locus = surroundings
            .locus(&genome, aligned.window, shift, MOTIF.len())
            .expect("on the genome");
        let at = surroundings.tss_offset(aligned.window, shift).0;
        let near = labels.iter().zip(&distances).any(|(label, &distance)| {
            let first = match label.strand {
                Strand::Forward => label.position - distance,
                Strand::Reverse => label.position + distance + 1 - MOTIF.len(),
            };
            locus.strand == Some(label.strand)
                && locus.interval.start == first
                && at == -distance.cast_signed()
        });
        right += usize::from(near);
    }
    let share = right as f64 / motif.windows.len() as f64;
    println!(
        "{share:.3} of {} windows are the planted motif",
        motif.windows.len()
    );
    assert!(share > 0.8, "{share}");
    // The alignment that was tested covers the motif, and the tables keep it.
    assert!(best.overlap >= MOTIF.len() - 2, "{best:?}");
    let mut table = Vec::new();
    names.write_tsv(&mut table).expect("memory");
    let table = String::from_utf8(table).expect("text");
    assert_eq!(table.lines().count(), 1 + 2 * names.heads.len());
    let json = serde_json::to_string(&names).expect("finite");
    let back: Names = serde_json::from_str(&json).expect("the same");
    let name = |names: &Names| names.heads[0].name().map(str::to_owned);
    assert_eq!(name(&back), name(&names));
}

/// The motif at one distance before all anchors, positives and negatives alike, and heads that look there
/// whatever the sequence is: always at one place, or about it.
#[test]
fn blind_heads_are_not_named() {
    const CONTEXT: usize = 64;
    const PLACE: usize = 30;
    let mut random = Random::new(8, 8);
    let anchor_count = 300;
    let mut bases: Vec<Base> = (0..anchor_count * SPACING_BP)
        .map(|_| ACGT[random.below(4)])
        .collect();
    let mut anchors = Vec::new();
    for index in 0..anchor_count {
        let position = index * SPACING_BP + SPACING_BP / 2;
        let strand = Strand::BOTH[index % 2];
        for (place, letter) in MOTIF.iter().enumerate() {
            let base = Base::from_ascii(*letter).expect("a base");
            let before = PLACE + MOTIF.len() / 2 - place;
            match strand {
                Strand::Forward => bases[position - before] = base,
                Strand::Reverse => bases[position + before] = base.complement(),
            }
        }
        anchors.push(Anchor {
            contig: 0,
            position,
            strand,
        });
    }
    let contig = Contig {
        circular: true,
        sequence: bases.into_iter().collect(),
        ..Contig::default()
    };
    let genome = Genome::new("blind", vec![contig]);
    let shape = HeadShape {
        layers: 1,
        heads: 3,
    };
    let mut attention = AnchorAttention::new(shape, CONTEXT);
    for _ in &anchors {
        let mut sink = AnchorSink::new(shape, CONTEXT, vec![100]);
        let places = [PLACE, PLACE - 2 + random.below(5), random.below(CONTEXT)];
        for (head, distance) in shape.all().zip(places) {
            let mut weights = vec![0.25 / 63.0; CONTEXT];
            weights[CONTEXT - 1 - distance] = 0.75;
            sink.take(&Tile {
                head,
                first_query: 100,
                first_key: 101 - CONTEXT.cast_signed(),
                queries: 1,
                stride: CONTEXT,
                context: CONTEXT,
                weights: &weights,
            });
        }
        attention.append(&sink.into_attention());
    }
    let rule = MotifRule::default();
    let surroundings = Surroundings::new(&genome, &anchors, 0, CONTEXT, rule.flank());
    let targets = Targets::new(
        [&library(60, 3, vec![sharp("planted", MOTIF)])],
        ColumnMetric::Pearson,
    );
    let cancel = Cancel::default();
    let reports = reports(
        &surroundings,
        &attention,
        &rule,
        Some(&targets),
        Permutations {
            count: 199,
            seed: 1,
        },
        &Progress::default(),
        &cancel,
    )
    .expect("runs");
    let names =
        name_heads(&reports, &targets, NamingRule::default(), &UNIFORM, &cancel).expect("runs");
    // The logo is perfect, the library knows it for certain, and yet it proves nothing.
    let blind = &names.heads[0];
    let best = &blind.matches[0];
    assert!(best.target == "planted" && best.q < 0.01, "{best:?}");
    assert!(
        blind
            .control
            .is_some_and(|test| (test.p - 1.0).abs() < 1e-12)
    );
    assert!(
        blind
            .library
            .is_some_and(|test| (test.p - 1.0).abs() < 1e-12)
    );
    for head in &names.heads {
        assert!(!head.named && head.name().is_none(), "{head:?}");
    }
}

/// Labels that mean nothing, a hundred sets of them, on one model that has learned nothing.
///
/// 99 permutations are the fewest at which anything exceeds the 99th percentile: there p is at most 0.01
/// whatever their number, so that more would change no rate. Heads with small weights look anywhere; heads
/// with large ones follow letters that mean nothing, pass the control of information, and look alike over all
/// sets, so that each set has decoys of its own.
#[test]
fn without_a_motif_heads_are_not_named() {
    const SETS: usize = 100;
    let mut random = Random::new(21, 0);
    let length = 60_000;
    let contig = Contig {
        name: "random".into(),
        circular: true,
        sequence: (0..length).map(|_| ACGT[random.below(4)]).collect(),
        ..Contig::default()
    };
    let genome = Genome::new("random", vec![contig]);
    let config = planted_model().config().to_owned();
    for (deviation, follows) in [(0.02, false), (0.3, true)] {
        let kernel = Kernel::new(&initial_weights(config, 5, deviation));
        let (mut any_named, mut any_q, mut exceeding) = (0, 0, [0, 0]);
        for set in 0..SETS {
            let decoys = library(40, set as u64, Vec::new());
            let targets = Targets::new([&decoys], ColumnMetric::Pearson);
            let anchors: Vec<Anchor> = (0..150)
                .map(|index| Anchor {
                    contig: 0,
                    position: random.below(length),
                    strand: Strand::BOTH[index % 2],
                })
                .collect();
            let permutations = Permutations {
                count: 99,
                seed: set as u64,
            };
            let (_, names) = named(&kernel, &genome, &anchors, &targets, permutations);
            any_named += usize::from(names.heads.iter().any(|head| head.named));
            any_q += usize::from(names.heads.iter().any(|head| head.matches[0].q <= 0.05));
            for head in &names.heads {
                exceeding[0] += usize::from(head.control.is_some_and(|test| test.exceeds));
                exceeding[1] += usize::from(head.library.is_some_and(|test| test.exceeds));
            }
        }
        println!(
            "weights of {deviation}: of {SETS} sets {any_named} with a named head, {any_q} with q <= 0.05; of {} \
             heads {} exceed by information, {} by library",
            SETS * config.heads,
            exceeding[0],
            exceeding[1],
        );
        // At a family-wise 0.05, more than 11 of 100 has a probability of 0.004.
        assert!(any_named <= 11 && any_q <= 11, "{any_named} {any_q}");
        // Binomial(300, 0.01): more than 9 has a probability of 0.001.
        assert!(
            follows || exceeding.iter().all(|count| *count <= 9),
            "{exceeding:?}"
        );
        assert!(!follows || exceeding[0] > 50, "{exceeding:?}");
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "one file after the other")]
fn the_program_names_the_planted_motif() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (genome, labels, _) = planted(200, 5);
    let bases = genome.contigs[0].bases(Interval::new(0, genome.contigs[0].len()), Strand::Forward);
    std::fs::write(
        file("genome.fasta"),
        format!(">planted\n{}\n", text(&bases)),
    )
    .expect("written");
    let anchors: Vec<String> = labels
        .iter()
        .map(|label| {
            let (start, strand) = (label.position, label.strand);
            format!("planted\t{start}\t{}\tTSS\t0\t{strand}\n", start + 1)
        })
        .collect();
    std::fs::write(file("anchors.bed"), anchors.concat()).expect("written");
    let known = library(60, 3, vec![sharp("planted", MOTIF)]);
    let mut meme = Vec::new();
    write_meme(&mut meme, &known.motifs, &UNIFORM).expect("memory");
    std::fs::write(file("known.meme"), meme).expect("written");
    let name = |more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_headlight"))
            .args([
                "name",
                "--genome",
                &file("genome.fasta"),
                "--anchors",
                &file("anchors.bed"),
            ])
            .args([
                "--model",
                &kept("planted.safetensors").display().to_string(),
            ])
            .args(more)
            .output()
            .expect("the program starts")
    };
    let motifs = file("known.meme");
    let run = |more: &[&str]| {
        let mut arguments = vec!["--motifs", &motifs, "--permutations", "99"];
        arguments.extend_from_slice(more);
        let output = name(&arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{errors}");
        (String::from_utf8(output.stdout).expect("text"), errors)
    };
    let (meme, jaspar) = (file("heads.meme"), file("heads.jaspar"));
    let (windows, axis, table) = (file("windows.tsv"), file("axis.tsv"), file("names.tsv"));
    let more = [
        "--top",
        "2",
        "-o",
        &table,
        "--meme",
        &meme,
        "--jaspar",
        &jaspar,
        "--windows",
        &windows,
        "--axis",
        &axis,
    ];
    let (_, said) = run(&more);
    assert!(said.contains("Named: L1H1 (planted)"), "{said}");
    let read = |path: &str| std::fs::read_to_string(path).expect("written");
    let rows: Vec<Vec<String>> = read(&table)
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect();
    assert_eq!(rows.len(), 7);
    let cell = |row: usize, column: &str| {
        let at = rows[0]
            .iter()
            .position(|name| name == column)
            .expect("a column");
        rows[row][at].as_str()
    };
    for (column, right) in [
        ("layer", "1"),
        ("head", "1"),
        ("rank", "1"),
        ("target", "planted"),
        ("library", "known"),
        ("orientation", "+"),
        ("named", "true"),
        ("control_p", "0.01"),
        ("library_p", "0.01"),
    ] {
        assert_eq!(cell(1, column), right, "{column}");
    }
    assert!(cell(1, "q").parse::<f64>().is_ok_and(|q| q < 0.01));
    assert!(cell(1, "E").parse::<f64>().is_ok_and(|e| e > 0.0));
    assert_eq!(
        (cell(2, "rank"), cell(2, "named"), cell(3, "named")),
        ("2", "false", "false")
    );
    // What is drawn, tested and exported is one matrix.
    for path in [&meme, &jaspar] {
        let (motifs, _) = motifs_from_bytes(path, read(path).as_bytes()).expect("motifs");
        assert_eq!(motifs.len(), 3);
        assert_eq!(motifs.motifs[0].len(), cell(1, "consensus").len());
    }
    let windows = read(&windows);
    let first = windows.lines().nth(1).expect("a window");
    let cells: Vec<&str> = first.split('\t').collect();
    assert_eq!(cells.len(), 8);
    let left: usize = cells[3].parse().expect("a position");
    let right: usize = cells[4].parse().expect("a position");
    let strand = Strand::from_sign(cells[5]).expect("a strand");
    let there = genome.contigs[0].bases(Interval::new(left - 1, right), strand);
    assert_eq!(text(&there), cells[7]);
    // 64 keys and 21 bases around the query, for three heads.
    assert_eq!(read(&axis).lines().count(), 1 + 3 * (64 + 21));
    let (json, _) = run(&["--json", "--metric", "euclidean"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["names"]["heads"][0]["named"], true);
    assert_eq!(json["names"]["rule"]["metric"], "euclidean");
    assert_eq!(json["names"]["libraries"][0]["motifs"], 61);
    let checksum = json["names"]["libraries"][0]["sha256"]
        .as_str()
        .expect("text");
    assert_eq!(checksum.len(), 64);
    let matched = &json["names"]["heads"][0]["matches"][0];
    assert_eq!(matched["orientation"], "+");
    assert!(
        matched["motif"]
            .as_array()
            .is_some_and(|rows| rows.len() == MOTIF.len())
    );
    // What cannot be done is said.
    for (arguments, says) in [
        (["--motifs", "missing.meme"], "missing.meme"),
        (["--motifs", &file("genome.fasta")], "MEME"),
        (["--permutations", "9"], "--motifs"),
    ] {
        let output = name(&arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && errors.contains(says),
            "{errors}"
        );
        assert!(!errors.contains("panicked"), "{errors}");
    }
    let output = name(&["--motifs", &motifs, "--metric", "cosine"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("pearson, euclidean or kl"));
}
