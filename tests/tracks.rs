//! Values along a genome in every form they leave in, read back by other readers.

use bigtools::BigWigRead;
use headlight::attention::write::{
    Array, Piece, TrackError, write_bedgraph, write_bigwig, write_npy, write_safetensors,
};
use headlight::genome::read::{Input, anchors};
use headlight::genome::write::anchors::{
    AnchorRow, write_anchor_bed, write_anchor_gff, write_anchor_table,
};
use headlight::genome::{Anchor, Base, Contig, Genome, Strand};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::sites_from;
use headlight::sites::write::write_site_gff;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const LENGTHS: [usize; 3] = [400, 90, 2_500];

/// Contigs whose order is not that of their names.
fn genome() -> Genome {
    let contigs = ["plasmid_9", "plasmid_10", "Ä"].into_iter().zip(LENGTHS);
    let contig = |(name, length): (&str, usize)| Contig {
        name: name.to_owned(),
        sequence: std::iter::repeat_n(Base::A, length).collect(),
        ..Contig::default()
    };
    Genome::new("g", contigs.map(contig).collect::<Vec<_>>())
}

/// A value a base: runs of equal values, of none, and of anything.
fn values() -> impl Strategy<Value = Vec<f32>> {
    let run = prop_oneof![
        (Just(f32::NAN), 1_usize..30),
        (Just(0.0_f32), 1_usize..60),
        (0.0_f32..1.0, 1_usize..4),
        (proptest::num::f32::NORMAL, 1_usize..3),
        (Just(-0.0_f32), 1_usize..3),
    ];
    proptest::collection::vec(run, 1..20).prop_map(|runs| {
        runs.into_iter()
            .flat_map(|(value, count)| std::iter::repeat_n(value, count))
            .collect()
    })
}

/// Pieces of the genome that do not overlap, in any order.
fn pieces() -> impl Strategy<Value = Vec<(usize, usize, Vec<f32>)>> {
    let piece = (0_usize..3, 0_usize..200, values());
    proptest::collection::vec(piece, 1..6).prop_map(|drawn| {
        let mut ends = [0; 3];
        let mut placed = Vec::new();
        for (contig, gap, mut values) in drawn {
            let first = ends[contig] + gap;
            values.truncate(LENGTHS[contig].saturating_sub(first));
            if !values.is_empty() {
                ends[contig] = first + values.len();
                placed.push((contig, first, values));
            }
        }
        placed.reverse();
        placed
    })
}

type Bases = BTreeMap<(String, usize), u32>;

/// Bits of the value of every base that has one.
fn expected(pieces: &[(usize, usize, Vec<f32>)], genome: &Genome) -> Bases {
    let mut bases = Bases::new();
    for (contig, first, values) in pieces {
        for (offset, value) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            let key = (genome.contigs[*contig].name.clone(), first + offset);
            bases.insert(key, value.to_bits());
        }
    }
    bases
}

fn borrowed(pieces: &[(usize, usize, Vec<f32>)]) -> Vec<Piece<'_>> {
    pieces
        .iter()
        .map(|(contig, first, values)| Piece {
            contig: *contig,
            first: *first,
            values,
        })
        .collect()
}

fn bigwig_bases(path: &Path) -> Bases {
    let mut read = BigWigRead::open_file(path).expect("a bigWig file");
    let chroms: Vec<(String, u32)> = read
        .chroms()
        .iter()
        .map(|chrom| (chrom.name.clone(), chrom.length))
        .collect();
    let mut bases = Bases::new();
    for (name, length) in chroms {
        let runs = read.get_interval(&name, 0, length).expect("indexed");
        for run in runs {
            let run = run.expect("a block");
            for base in run.start..run.end {
                bases.insert((name.clone(), base as usize), run.value.to_bits());
            }
        }
    }
    bases
}

fn bedgraph_bases(text: &str) -> Bases {
    let mut bases = Bases::new();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("track type=bedGraph name=\"a  b\""));
    for line in lines {
        let columns: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| columns[at].parse::<usize>().expect("a number");
        let value: f32 = columns[3].parse().expect("a number");
        for base in number(1)..number(2) {
            let before = bases.insert((columns[0].to_owned(), base), value.to_bits());
            assert_eq!(before, None, "each base once");
        }
    }
    bases
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn tracks_are_read_back_to_the_bit(pieces in pieces()) {
        let genome = genome();
        let expected = expected(&pieces, &genome);
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("x.bw");
        let file = std::fs::File::create(&path).expect("file");
        let bigwig = write_bigwig(file, &borrowed(&pieces), &genome);
        let mut text = Vec::new();
        let bedgraph = write_bedgraph(&mut text, "a \"b", &borrowed(&pieces), &genome);
        if expected.is_empty() {
            let refused = |result: &Result<(), TrackError>| matches!(result, Err(TrackError::Empty { .. }));
            prop_assert!(refused(&bigwig) && refused(&bedgraph));
        } else {
            bigwig.expect("written");
            bedgraph.expect("written");
            prop_assert_eq!(&bigwig_bases(&path), &expected);
            let text = String::from_utf8(text).expect("text");
            prop_assert_eq!(&bedgraph_bases(&text), &expected);
            // The same values give the same bytes.
            let again = folder.path().join("again.bw");
            let file = std::fs::File::create(&again).expect("file");
            write_bigwig(file, &borrowed(&pieces), &genome).expect("written");
            prop_assert_eq!(std::fs::read(&path).expect("bytes"), std::fs::read(&again).expect("bytes"));
        }
    }

    #[test]
    fn arrays_are_read_back_to_the_bit(rows in 1_usize..5, columns in 0_usize..40, seed in 0_u32..) {
        let values: Vec<f32> = (0..rows * columns)
            .map(|at| f32::from_bits(seed.wrapping_mul(2_654_435_761).wrapping_add(at as u32 * 40_503_001)))
            .collect();
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let array = Array { name: "a:+".to_owned(), shape: vec![rows, columns], values: values.clone() };
        let mut npy = Vec::new();
        write_npy(&mut npy, &array).expect("memory");
        let read = npyz::NpyFile::new(npy.as_slice()).expect("npy");
        prop_assert_eq!(read.shape(), &[rows as u64, columns as u64]);
        prop_assert_eq!(read.order(), npyz::Order::C);
        prop_assert_eq!(bits(&read.into_vec::<f32>().expect("f4")), bits(&values));
        let other = Array { name: "b".to_owned(), shape: vec![1], values: vec![f32::NAN] };
        let mut file = Vec::new();
        write_safetensors(&mut file, &[array, other], "{\"x\":1}").expect("memory");
        let (_, header) = safetensors::SafeTensors::read_metadata(&file).expect("header");
        let words = header.metadata().clone().expect("metadata");
        prop_assert_eq!(words.get("headlight").map(String::as_str), Some("{\"x\":1}"));
        let tensors = safetensors::SafeTensors::deserialize(&file).expect("safetensors");
        let tensor = tensors.tensor("a:+").expect("named");
        prop_assert_eq!(tensor.shape(), &[rows, columns]);
        let read: Vec<u32> = tensor.data().chunks_exact(4)
            .map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four")))
            .collect();
        prop_assert_eq!(read, bits(&values));
        prop_assert!(tensors.tensor("b").is_ok());
    }

    #[test]
    fn anchors_are_read_back_from_every_format(
        drawn in proptest::collection::btree_set((0_usize..3, 0_usize..90, any::<bool>()), 1..30),
        probabilities in proptest::collection::vec(proptest::option::of(0.0_f32..1.0), 30),
    ) {
        let genome = genome();
        let rows: Vec<AnchorRow> = drawn.iter().zip(&probabilities)
            .map(|(&(contig, position, forward), &probability)| AnchorRow {
                anchor: Anchor {
                    contig, position,
                    strand: if forward { Strand::Forward } else { Strand::Reverse },
                },
                probability,
            })
            .collect();
        let mut anchors: Vec<Anchor> = rows.iter().map(|row| row.anchor).collect();
        anchors.sort_unstable();
        let (mut bed, mut gff, mut table) = (Vec::new(), Vec::new(), Vec::new());
        write_anchor_bed(&rows, &genome, &mut bed).expect("memory");
        write_anchor_gff(&rows, &genome, &mut gff).expect("memory");
        write_anchor_table(&rows, &genome, &mut table).expect("memory");
        for bytes in [&bed, &gff, &table] {
            let (progress, cancel) = (Progress::default(), Cancel::default());
            let mut input = Input::from_bytes("x", bytes, &progress, &cancel).expect("text");
            let (read, report) = anchors::read(&mut input, &genome).expect("anchors");
            prop_assert_eq!(&read, &anchors);
            prop_assert_eq!(report.skipped_count(), 0);
        }
        // Both text forms keep the probability in full.
        let column = |text: &[u8], at: usize| -> Vec<Option<f32>> {
            let text = String::from_utf8_lossy(text).into_owned();
            text.lines().skip(1).map(|line| line.split('\t').nth(at).and_then(|p| p.parse().ok())).collect()
        };
        let expected: Vec<Option<f32>> = rows.iter().map(|row| row.probability).collect();
        prop_assert_eq!(column(&gff, 5), expected.clone());
        prop_assert_eq!(column(&table, 3), expected);
    }

    #[test]
    fn sites_are_read_back_from_gff3(
        drawn in proptest::collection::btree_map(
            (0_usize..3, 0_usize..60, 1_usize..30, "[A-Z][a-z]{2}[A-Z;=, %&]?[0-9]"),
            (0_usize..3, 0_usize..4, 0_usize..4, proptest::collection::btree_set("[a-z]{3}[A-Z,;= ]?p", 0..3)),
            1..20,
        ),
    ) {
        let genome = genome();
        let mut text = "contig\ttf\tleft\tright\tstrand\teffect\tevidence\ttargets\tsequence\n".to_owned();
        for ((contig, start, length, tf), (strand, effect, evidence, targets)) in &drawn {
            let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
            let row = [
                genome.contigs[*contig].name.clone(),
                tf.clone(),
                (start + 1).to_string(),
                (start + length).to_string(),
                [".", "+", "-"][*strand].to_owned(),
                ["", "+", "-", "+-"][*effect].to_owned(),
                ["", "weak", "strong", "confirmed"][*evidence].to_owned(),
                targets.join("|"),
                "A".repeat(*length),
            ];
            text.push_str(&row.join("\t"));
            text.push('\n');
        }
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let read = |bytes: &[u8]| {
            let mut input = Input::from_bytes("x", bytes, &progress, &cancel).expect("text");
            sites_from(&mut input, &genome).expect("sites").0.sites
        };
        let sites = {
            let mut input = Input::from_bytes("x", text.as_bytes(), &progress, &cancel).expect("text");
            sites_from(&mut input, &genome).expect("sites").0
        };
        prop_assert_eq!(sites.sites.len(), drawn.len());
        let mut gff = Vec::new();
        write_site_gff(&sites, &genome, &mut gff).expect("memory");
        let again = read(&gff);
        prop_assert_eq!(again.len(), sites.sites.len());
        for (a, b) in again.iter().zip(&sites.sites) {
            prop_assert_eq!((a.tf(), a.contig(), a.interval, a.strand), (b.tf(), b.contig(), b.interval, b.strand));
            prop_assert_eq!((&a.effect, a.evidence), (&b.effect, b.evidence));
            prop_assert!(a.targets().eq(b.targets()) && a.sequence() == b.sequence());
        }
    }
}

#[test]
fn values_in_the_wrong_place_are_refused() {
    let genome = genome();
    let some = [1.0; 50];
    let piece = |contig, first| Piece {
        contig,
        first,
        values: &some,
    };
    for (pieces, says) in [
        (
            vec![piece(1, 60)],
            "plasmid_10: expected a stretch within its 90 bp",
        ),
        (vec![piece(0, 10), piece(0, 59)], "from base 60 to 109"),
        (vec![piece(7, 0)], "within its 0 bp"),
        (vec![], "found none in 0 pieces"),
    ] {
        let error = write_bedgraph(&mut Vec::new(), "x", &pieces, &genome).expect_err(says);
        assert!(error.to_string().contains(says), "{error}");
    }
    let wrong = Array {
        name: "a".to_owned(),
        shape: vec![2, 3],
        values: vec![0.0; 5],
    };
    let error = write_npy(&mut Vec::new(), &wrong).expect_err("shape");
    assert!(error.to_string().contains("expected 6 values"), "{error}");
    let mut spaced = genome;
    spaced.contigs[0].name = "a b".to_owned();
    let file = tempfile::tempfile().expect("file");
    let error = write_bigwig(file, &[piece(0, 0)], &spaced).expect_err("name");
    assert!(error.to_string().contains("the contig a b"), "{error}");
}

fn headlight(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("utf-8");
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(!err.contains("panicked"), "{err}");
    (output.status.success(), out, err)
}

fn succeeds(arguments: &[&str]) -> String {
    let (success, out, err) = headlight(arguments);
    assert!(success, "{arguments:?}: {err}");
    out
}

/// Position (0-based) and value of the rows of a table whose last column is a number.
fn table(text: &str, position: usize) -> Vec<(usize, f32)> {
    text.lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let value = columns.last().expect("columns").parse().expect("a number");
            (
                columns[position].parse::<usize>().expect("a number") - 1,
                value,
            )
        })
        .collect()
}

#[test]
fn predictions_are_the_same_in_every_form() {
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let locus = ["predict", "--at-tss", "--locus", "366200-366500"];
    let run = |more: &[&str]| succeeds(&[&locus, more].concat());
    let printed = table(&run(&["--strand", "-"]), 1);
    assert_eq!(printed.len(), 301);
    run(&["--strand", "-", "-o", &path("p.bw")]);
    let bases = bigwig_bases(Path::new(&path("p.bw")));
    let expected: Vec<_> = printed.iter().map(|&(at, p)| (at, p.to_bits())).collect();
    let found: Vec<_> = bases.iter().map(|((_, at), bits)| (*at, *bits)).collect();
    assert_eq!(found, expected);
    run(&["-o", &path("p.npy")]);
    let bytes = std::fs::read(path("p.npy")).expect("written");
    let npy = npyz::NpyFile::new(bytes.as_slice()).expect("npy");
    assert_eq!(npy.shape(), [2, 301]);
    let values = npy.into_vec::<f32>().expect("f4");
    let reverse: Vec<f32> = printed.iter().map(|row| row.1).collect();
    assert_eq!(values[301..], reverse);
    run(&["-o", &path("p.safetensors")]);
    let bytes = std::fs::read(path("p.safetensors")).expect("written");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("safetensors");
    let names = ["NC_000913.3:366200-366500:+", "NC_000913.3:366200-366500:-"];
    for (at, name) in names.iter().enumerate() {
        let data = tensors.tensor(name).expect("named").data();
        let bytes: Vec<u8> = values[301 * at..301 * (at + 1)]
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        assert_eq!(data, bytes);
    }
    // The peak is where the highest probability stands, in all three forms.
    let best = printed
        .iter()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("rows");
    for name in ["p.bed", "p.gff3", "p.tsv"] {
        run(&[
            "--strand",
            "-",
            "--peaks",
            "--count",
            "1",
            "--threshold",
            "0",
            "-o",
            &path(name),
        ]);
        let text = std::fs::read_to_string(path(name)).expect("written");
        let at = if name == "p.bed" { best.0 } else { best.0 + 1 };
        let line = text.lines().last().expect("a peak");
        assert!(line.contains(&format!("\t{at}\t")), "{name}: {line}");
        assert!(
            name == "p.bed" || line.contains(&best.1.to_string()),
            "{line}"
        );
    }
}

#[test]
fn a_failure_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("folder");
    let fasta = folder.path().join("n.fasta");
    std::fs::write(&fasta, format!(">n\n{}\n", "N".repeat(300))).expect("folder");
    let (fasta, kept) = (fasta.display().to_string(), folder.path().join("kept.bw"));
    std::fs::write(&kept, "before").expect("folder");
    let target = kept.display().to_string();
    let predict = ["predict", "--genome", &fasta, "-o", &target];
    let (success, _, error) = headlight(&[&predict[..], &["--strand", "+"]].concat());
    assert!(!success && error.contains("at least one value"), "{error}");
    let (success, _, error) = headlight(&predict);
    assert!(!success && error.contains("holds one strand"), "{error}");
    assert_eq!(std::fs::read(&kept).expect("kept"), b"before");
    let names: Vec<String> = std::fs::read_dir(folder.path())
        .expect("folder")
        .map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(names.len(), 2, "no half-written file: {names:?}");
    let folder_name = folder.path().display().to_string();
    let (success, _, error) = headlight(&[
        "attention",
        "--locus",
        "500-501",
        "--strand",
        "+",
        "--head",
        "L1H1",
        "-o",
        "x.bw",
    ]);
    assert!(!success && error.contains("two axes"), "{error}");
    let (success, _, error) = headlight(&[
        "predict",
        "--locus",
        "500-600",
        "--strand",
        "+",
        "-o",
        &format!("{folder_name}/no/p.bw"),
    ]);
    assert!(
        !success && error.contains("could not be written"),
        "{error}"
    );
}

#[test]
fn tracks_of_heads_are_what_their_names_say() {
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name);
    let run = |format: &str, more: &[&str]| {
        let output = path(format).display().to_string();
        let start = [
            "tracks",
            "--locus",
            "366200-366400",
            "--heads",
            "L2H1,L1H6",
            "-o",
            &output,
        ];
        succeeds(&[&start[..], &["--format", format], more].concat());
    };
    run("bigwig", &[]);
    run("bedgraph", &["--strand", "+"]);
    run("npy", &[]);
    run("safetensors", &["--rule", "mean"]);
    let about = std::fs::read_to_string(path("bigwig").join("tracks.json")).expect("written");
    let about: serde_json::Value = serde_json::from_str(&about).expect("json");
    assert_eq!(about["heads"], serde_json::json!(["L2H1", "L1H6"]));
    assert_eq!(about["first_base"], 366_200);
    assert_eq!(about["files"].as_array().map(Vec::len), Some(6));
    let bytes = std::fs::read(path("npy").join("heads.plus.npy")).expect("written");
    let npy = npyz::NpyFile::new(bytes.as_slice()).expect("npy");
    assert_eq!(npy.shape(), [2, 201]);
    let values = npy.into_vec::<f32>().expect("f4");
    for (row, head) in ["L2H1", "L1H6"].iter().enumerate() {
        let bases = bigwig_bases(&path("bigwig").join(format!("{head}.plus.bw")));
        let found: Vec<u32> = bases.into_values().collect();
        let expected: Vec<u32> = values[201 * row..201 * (row + 1)]
            .iter()
            .map(|value| value.to_bits())
            .collect();
        assert_eq!(found, expected, "{head}");
    }
    let text = std::fs::read_to_string(path("bedgraph").join("probability.plus.bedgraph"));
    let text =
        text.expect("written")
            .replacen("probability +: P(TSS) at the model's output", "a  b", 1);
    let of_browser = bigwig_bases(&path("bigwig").join("probability.plus.bw"));
    assert_eq!(bedgraph_bases(&text), of_browser);
    // The probability is that of the command for it, in the same mode.
    let printed = succeeds(&[
        "predict",
        "--locus",
        "366200-366400",
        "--strand",
        "+",
        "--mode",
        "seamless",
    ]);
    for ((at, value), ((_, base), bits)) in table(&printed, 1).into_iter().zip(of_browser) {
        assert_eq!(at, base);
        assert!((value - f32::from_bits(bits)).abs() < 1e-5);
    }
    let bytes = std::fs::read(path("safetensors").join("tracks.safetensors")).expect("written");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("safetensors");
    let mut names = tensors.names();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "heads.minus",
            "heads.plus",
            "probability.minus",
            "probability.plus"
        ]
    );
}

#[test]
fn weights_are_the_same_as_an_array() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("w.npy").display().to_string();
    let start = [
        "attention",
        "--locus",
        "366243-366246",
        "--strand",
        "-",
        "--head",
        "L2H3",
    ];
    let printed = succeeds(&start);
    succeeds(&[&start[..], &["-o", &path]].concat());
    let bytes = std::fs::read(&path).expect("written");
    let npy = npyz::NpyFile::new(bytes.as_slice()).expect("npy");
    assert_eq!(npy.shape(), [4, 128]);
    let values = npy.into_vec::<f32>().expect("f4");
    let rows: Vec<Vec<&str>> = printed
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), 4 * 128);
    for row in rows {
        let number = |at: usize| row[at].parse::<usize>().expect("a number");
        let (query, key) = (number(1), number(2));
        // On the reverse strand a key lies to the right of its query.
        let value = values[(query - 366_243) * 128 + (key - query)];
        let printed: f32 = row[4].parse().expect("a number");
        assert_eq!(printed.to_bits(), value.to_bits());
    }
}
