//! What readers take of memory, counted by every allocation: at most 20 bytes a byte of input, as
//! the fuzz targets ask for too, also for files of nothing but the shortest possible lines.

use super::round_trip::{all_n, input};
use crate::memory::{BUFFERS_BYTES, BYTES_PER_BYTE, peak};
use headlight::genome::read::anchors::AnchorOptions;
use headlight::genome::read::preview::TablePreview;
use headlight::genome::read::{
    ReadError, activity, anchor_groups, anchors, annotated_genome_from, annotation_from, promoters,
};
use headlight::genome::{Genome, Remedy};
use headlight::sites::read::{SiteOptions, sites_from, sites_with, track_from};
use std::fmt::Write;

/// How many bytes a hostile file has.
const FILE_BYTES: usize = 1_000_000;

/// Some text that is different for every number, and as short as can be.
fn name(mut number: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    loop {
        name.push(char::from(LETTERS[number % LETTERS.len()]));
        number /= LETTERS.len();
        if number == 0 {
            return name;
        }
    }
}

/// A file of `first`, then a line for every number.
fn file(first: &str, line: impl Fn(usize) -> String) -> Vec<u8> {
    let mut text = first.to_owned();
    for number in 0.. {
        if text.len() >= FILE_BYTES {
            break;
        }
        let _ = writeln!(text, "{}", line(number));
    }
    text.into_bytes()
}

/// What a reader makes of the bytes, thrown away once the most that was in use has been counted.
type Read = fn(&[u8], &Genome) -> Result<usize, ReadError>;

fn annotation(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    Ok(annotation_from(&mut input("f", bytes), genome)?
        .0
        .all()
        .len())
}

fn sites(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    Ok(sites_from(&mut input("f", bytes), genome)?.0.sites.len())
}

fn track(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    let track = track_from(&mut input("f", bytes), genome, Remedy::default())?;
    Ok(track.features?.0.all().len())
}

fn start_sites(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    Ok(anchors::read(&mut input("f", bytes), genome)?.0.len())
}

fn sequences(bytes: &[u8], _: &Genome) -> Result<usize, ReadError> {
    let read = annotated_genome_from(&mut input("f", bytes))?;
    let features = read
        .features
        .map_or(0, |(features, _)| features.all().len());
    Ok(read.genome.contigs.len() + features)
}

fn mapped_sites(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    let options = SiteOptions {
        columns: "tf=1,left=2,right=3".parse().ok(),
        ..SiteOptions::default()
    };
    Ok(sites_with(&mut input("f", bytes), genome, &options)?
        .0
        .sites
        .len())
}

fn mapped_anchors(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    let columns = "position=1,strand=2".parse().ok();
    let options = AnchorOptions {
        columns: columns.as_ref(),
        ..AnchorOptions::default()
    };
    Ok(anchors::read_with(&mut input("f", bytes), genome, options)?
        .0
        .len())
}

fn groups(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    Ok(anchor_groups::read(&mut input("f", bytes), genome)?.len())
}

fn promoter_rows(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    Ok(promoters::read(&mut input("f", bytes), genome)?.len())
}

fn measured(bytes: &[u8], genome: &Genome) -> Result<usize, ReadError> {
    Ok(activity::read(&mut input("f", bytes), genome)?.0.len())
}

fn table(bytes: &[u8], _: &Genome) -> Result<usize, ReadError> {
    Ok(TablePreview::read(&mut input("f", bytes))?.map_or(0, |table| table.row_count))
}

/// A 2bit file of sequences of one base each: A, or N.
fn one_base_two_bit(unknown: bool) -> Vec<u8> {
    let record_bytes = if unknown { 25 } else { 17 };
    let count = FILE_BYTES / (8 + record_bytes);
    let names: Vec<String> = (0..count).map(name).collect();
    let word = |bytes: &mut Vec<u8>, number: usize| {
        bytes.extend_from_slice(&u32::try_from(number).expect("small").to_le_bytes());
    };
    let mut bytes = Vec::new();
    for number in [0x1a41_2743, 0, count, 0] {
        word(&mut bytes, number);
    }
    let index_bytes: usize = names.iter().map(|name| 5 + name.len()).sum();
    for (number, name) in names.iter().enumerate() {
        bytes.push(u8::try_from(name.len()).expect("short"));
        bytes.extend_from_slice(name.as_bytes());
        word(&mut bytes, 16 + index_bytes + number * record_bytes);
    }
    let record: &[usize] = if unknown {
        &[1, 1, 0, 1, 0, 0]
    } else {
        &[1, 0, 0, 0]
    };
    let mut one = Vec::new();
    for &number in record {
        word(&mut one, number);
    }
    one.push(0b1000_0000);
    bytes.extend(one.repeat(count));
    bytes
}

/// Sequences in every way to write them shortly. A table of names grows by doubling, so files of
/// just beyond a doubling are here too.
fn sequence_cases() -> Vec<(&'static str, Vec<u8>)> {
    let cut = |mut bytes: Vec<u8>, records: usize| {
        let is_end = |(_, byte): &(usize, &u8)| **byte == b'>';
        let end = bytes.iter().enumerate().filter(is_end).nth(records);
        let end = end.map_or(bytes.len(), |(index, _)| index);
        bytes.truncate(end);
        bytes
    };
    let accession = |n: usize| {
        let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).expect("a letter"));
        let (digit, version) = (n / 676 % 10, n / 6_760);
        format!("{}{}{digit}.{version}", letter(n), letter(n / 26))
    };
    vec![
        ("FASTA", file("", |n| format!(">{}\nA", name(n)))),
        ("FASTA of N", file("", |n| format!(">{}\nN", name(n)))),
        (
            "FASTA of N, just grown",
            cut(file("", |n| format!(">{}\nN", name(n))), 114_689),
        ),
        (
            "FASTA with CRLF",
            file("", |n| format!(">{}\r\nN\r", name(n))),
        ),
        (
            "FASTA in lower case",
            file("", |n| format!(">{}\nn", name(n))),
        ),
        (
            "FASTA with descriptions",
            file("", |n| format!(">{} d\nA", name(n))),
        ),
        (
            "FASTA of N with descriptions",
            file("", |n| format!(">{} d\nN", name(n))),
        ),
        (
            "FASTA of two lines each",
            file("", |n| format!(">{}\nA\nN", name(n))),
        ),
        (
            "FASTA, no letter like its neighbours",
            file("", |n| format!(">{}\nNANANANAN", name(n))),
        ),
        (
            "FASTA of accessions",
            file("", |n| format!(">{}\nN", accession(n))),
        ),
        (
            "FASTA of accessions in old headers",
            file("", |n| format!(">gb|{}\nN", accession(n))),
        ),
        (
            "FASTA of circles",
            file("", |n| format!(">{} circular=true\nN", name(n))),
        ),
        ("FASTA of one line, NANANA…", {
            let letters = "NA".repeat(FILE_BYTES / 2);
            format!(">a\n{letters}\n").into_bytes()
        }),
        (
            "FASTA of many lines, NANANA…",
            file(">a\n", |_| "NA".to_owned()),
        ),
        ("FASTA of one base a line", file(">a\n", |_| "A".to_owned())),
        (
            "GenBank records",
            file("", |n| format!("LOCUS {}\nORIGIN\nn\n//", name(n))),
        ),
        (
            "GenBank records with a length",
            file("", |n| format!("LOCUS {} 1 bp\nORIGIN\nn", name(n))),
        ),
        (
            "GenBank records with other names",
            file("", |n| {
                format!("LOCUS a\nVERSION {}\nORIGIN\nn\n//", accession(n))
            }),
        ),
        (
            "GenBank records with a feature",
            file("", |n| {
                format!("LOCUS {} 1 bp\nFEATURES\n a 1\nORIGIN\nn", name(n))
            }),
        ),
        ("2bit", one_base_two_bit(false)),
        ("2bit of N", one_base_two_bit(true)),
    ]
}

#[test]
fn the_shortest_sequences_take_little_memory() {
    let cases = sequence_cases().into_iter();
    little(cases.map(|(case, bytes)| (case, bytes, vec![sequences as Read])));
}

#[allow(clippy::too_many_lines, reason = "a table of cases")]
#[test]
fn the_shortest_lines_take_little_memory() {
    let regulon_db = "1)riId\tregulatorName\ttfrsLeft\ttfrsRight\n";
    let gene_table = "# headlight genes 1\n\
                      contig\tleft\tright\tstrand\tname\tlocus_tag\tsynonyms\tproduct\n";
    let gen_bank = "LOCUS       c 1000 bp DNA\nFEATURES             Location/Qualifiers\n";
    let ten_bases = "LOCUS       c 10 bp DNA\nFEATURES             Location/Qualifiers\n";
    let binding_site_set = "ECK12\tx\ty\t1\t2\tforward\t\tt\t\t\t\tACGT\t\t\n";
    let bare = |line: &'static str| move |_: usize| line.to_owned();
    // A place for every number, in as few digits as there are places.
    let place = |n: usize| (n % 900, n % 900 + 1 + n / 900 % 90);
    let cases: Vec<(&'static str, Vec<u8>, Vec<Read>)> = vec![
        (
            "BED3",
            file("", bare("c\t0\t1")),
            vec![annotation as Read, track],
        ),
        (
            "BED3 with spaces",
            file("", bare("c 0 1")),
            vec![annotation as Read],
        ),
        (
            "BED4",
            file("", bare("c\t0\t1\tx")),
            vec![annotation as Read, sites, track],
        ),
        (
            "BED4, each another",
            file("", |n| {
                format!("c\t{}\t{}\t{}", place(n).0, place(n).1, name(n % 52))
            }),
            vec![annotation as Read, sites, track],
        ),
        (
            "BED4, each another name",
            file("", |n| format!("c\t0\t1\t{}", name(n))),
            vec![annotation as Read, sites, track],
        ),
        (
            "BED6",
            file("", bare("c\t0\t1\t\t\t+")),
            vec![annotation as Read, start_sites],
        ),
        (
            "GFF3",
            file("##gff-version 3\n", bare("c\t\t\t1\t1\t\t\t\t")),
            vec![annotation as Read, track],
        ),
        (
            "GFF3 of TSSs",
            file("##gff-version 3\n", bare("c\t\tTSS\t1\t1\t\t+\t\t")),
            vec![annotation as Read, start_sites],
        ),
        (
            "GFF3 with identifiers",
            file("##gff-version 3\n", |n| {
                format!("c\t\tgene\t1\t1\t\t\t\tID={}", name(n))
            }),
            vec![annotation as Read, track],
        ),
        (
            "GFF3 with parents",
            file("##gff-version 3\n", |n| {
                format!("c\t\tCDS\t1\t1\t\t\t\tID={};Parent=a;product=b", name(n))
            }),
            vec![annotation as Read],
        ),
        (
            "GFF3 with locus tags",
            file("##gff-version 3\n", |n| {
                format!("c\t\tgene\t1\t1\t\t\t\tlocus_tag={}", name(n))
            }),
            vec![annotation as Read],
        ),
        (
            "GFF3 of sites",
            file(
                "##gff-version 3\n",
                bare("c\t\tbinding_site\t1\t1\t\t\t\ttf=x"),
            ),
            vec![sites as Read, track],
        ),
        (
            "GFF3 of other sequences",
            file("##gff-version 3\nc\t\t\t1\t1\t\t\t\t\n", |n| {
                format!("{}\t\t\t1\t1\t\t\t\t", name(n))
            }),
            vec![annotation as Read],
        ),
        (
            "sites",
            file("tf\tleft\tright\n", bare("x\t1\t1")),
            vec![sites as Read, mapped_sites],
        ),
        (
            "sites, each another",
            file("tf\tleft\tright\n", |n| {
                format!("{}\t{}\t{}", name(n % 52), place(n).0 + 1, place(n).1)
            }),
            vec![sites as Read],
        ),
        (
            "sites, each of another factor",
            file("tf\tleft\tright\n", |n| format!("{}\t1\t1", name(n))),
            vec![sites as Read],
        ),
        (
            "sites with all else",
            file(
                "tf\tleft\tright\tstrand\teffect\tevidence\ttargets\tsequence\treferences\n",
                bare("x\t1\t1\t+\t+\ts\ta|b|c\tA\t1"),
            ),
            vec![sites as Read],
        ),
        (
            "RISet",
            file(regulon_db, bare("\tx\t1\t1")),
            vec![sites as Read],
        ),
        (
            "BindingSiteSet",
            file(binding_site_set, bare("\tx\t\t1\t1")),
            vec![sites as Read],
        ),
        (
            "gene table",
            file(gene_table, bare("c\t1\t1")),
            vec![annotation as Read],
        ),
        (
            "gene table with synonyms",
            file(gene_table, bare("c\t1\t1\t\t\t\ta|b|c|d|e|f|g|h")),
            vec![annotation as Read],
        ),
        (
            "anchors",
            file("position\tstrand\n", bare("1\t+")),
            vec![start_sites as Read, mapped_anchors],
        ),
        (
            "anchors, each another",
            file("position\tstrand\n", |n| {
                format!("{}\t{}", 1 + n / 2 % 999, ["+", "-"][n % 2])
            }),
            vec![start_sites as Read],
        ),
        (
            "promoters",
            file("position\tstrand\tsigma\n", bare("1\t+\ta")),
            vec![start_sites as Read, groups, promoter_rows],
        ),
        (
            "promoters of many factors",
            file(
                "position\tstrand\tsigma\n",
                bare("1\t+\ta,b,c,d,e,f,g,h,i,j"),
            ),
            vec![groups as Read, promoter_rows],
        ),
        (
            "promoters, each of another factor",
            file("position\tstrand\tsigma\n", |n| {
                format!("1\t+\t{}", name(n))
            }),
            vec![groups as Read, promoter_rows],
        ),
        (
            "measured promoters",
            file("position\tstrand\tactivity\n", bare("1\t+\t1")),
            vec![measured as Read],
        ),
        (
            "a reporter library",
            file("", bare("N\t1\t0\t1\tx,1,+")),
            vec![measured as Read],
        ),
        ("any table", file("a\tb\n", bare("\t")), vec![table as Read]),
        (
            "GenBank",
            file(gen_bank, bare(" a 1")),
            vec![annotation as Read],
        ),
        (
            "GenBank with sequence",
            [
                &file(ten_bases, bare(" a 1"))[..],
                b"ORIGIN\n        1 nnnnnnnnnn\n//\n",
            ]
            .concat(),
            vec![sequences as Read],
        ),
        (
            "GenBank with genes",
            file(gen_bank, |n| {
                format!(" gene 1\n{:21}/locus_tag={}", "", name(n))
            }),
            vec![annotation as Read],
        ),
    ];
    little(cases.into_iter());
}

/// Runs the readers, each on its own, and fails where one takes too much.
fn little(cases: impl Iterator<Item = (&'static str, Vec<u8>, Vec<Read>)>) {
    let genome = all_n(1_000);
    let mut told = String::new();
    let mut too_much = 0;
    for (case, bytes, readers) in cases {
        for (index, read) in readers.into_iter().enumerate() {
            let (result, peak_bytes) = peak(|| read(&bytes, &genome));
            let share = peak_bytes.saturating_sub(BUFFERS_BYTES) as f64 / bytes.len() as f64;
            let records = match result {
                Ok(records) => records,
                Err(error) => panic!("{case}, reader {index}: {error}"),
            };
            let _ = writeln!(
                told,
                "{share:5.1}  {case}, reader {index}: {records} records"
            );
            too_much += usize::from(share > BYTES_PER_BYTE as f64);
        }
    }
    println!("{told}");
    assert_eq!(too_much, 0, "bytes of memory a byte of input:\n{told}");
}
