//! What is written reads back as it was.

use headlight::genome::read::{Input, annotation_from, genome_from};
use headlight::genome::write::{write_fasta, write_gene_table, write_twobit};
use headlight::genome::{
    Base, Contig, Feature, FeatureKind, FeatureNames, FeatureSet, Genome, Interval, Strand,
};
use headlight::progress::{Cancel, Progress};
use proptest::prelude::*;

pub fn input<'a>(name: &str, bytes: &'a [u8]) -> Input<'a> {
    Input::from_bytes(name, bytes, &Progress::default(), &Cancel::default()).expect("bytes")
}

fn genomes() -> impl Strategy<Value = Genome> {
    let sequence = "([ACGT]{1,40}N{0,9}){1,6}";
    proptest::collection::vec(sequence, 1..5).prop_map(|sequences| {
        let contigs = sequences
            .into_iter()
            .enumerate()
            .map(|(index, letters)| Contig {
                name: format!("contig_{index}"),
                sequence: letters.bytes().filter_map(Base::from_ascii).collect(),
                ..Contig::default()
            })
            .collect::<Vec<_>>();
        Genome::new("g", contigs)
    })
}

/// The same file with every 32-bit word of its header, index and records in the other byte order.
fn other_byte_order(bytes: &[u8], genome: &Genome) -> Vec<u8> {
    let mut swapped = bytes.to_vec();
    let mut swap = |at: usize| swapped[at..at + 4].reverse();
    (0..4).for_each(|word| swap(4 * word));
    let mut at = 16;
    for contig in &genome.contigs {
        at += 1 + contig.name.len();
        swap(at);
        at += 4;
    }
    for contig in &genome.contigs {
        let words = 4 + 2 * contig.sequence.unknown_runs().len();
        (0..words).for_each(|word| swap(at + 4 * word));
        at += 4 * words + contig.len().div_ceil(4);
    }
    swapped
}

pub fn strands() -> impl Strategy<Value = Option<Strand>> {
    prop_oneof![
        Just(None),
        Just(Some(Strand::Forward)),
        Just(Some(Strand::Reverse))
    ]
}

pub fn all_n(length: usize) -> Genome {
    Genome::new(
        "g",
        vec![Contig {
            name: "c".to_owned(),
            sequence: std::iter::repeat_n(Base::N, length).collect(),
            ..Contig::default()
        }],
    )
}

prop_compose! {
    pub fn places()(start in 0_usize..900, length in 1_usize..100) -> Interval {
        Interval::new(start, start + length)
    }
}

prop_compose! {
    fn genes()(
        name in "[a-z]{3}[A-Z]", tag in "b[0-9]{4}", interval in places(), strand in strands(),
        synonyms in proptest::collection::vec("[A-Z0-9]{3,6}", 0..3),
        product in "([a-z]+[ ,()/-]?){0,4}[a-z]",
    ) -> Feature {
        let names = FeatureNames { name: &name, synonyms: &synonyms, locus_tag: &tag, product: &product };
        Feature::new(FeatureKind::Gene, 0, interval, strand).with_names(names)
    }
}

proptest! {
    #[test]
    fn two_bit_in_either_byte_order(genome in genomes()) {
        let mut bytes = Vec::new();
        write_twobit(&genome, &mut bytes).expect("memory");
        let read = genome_from(&mut input("g.2bit", &bytes)).expect("2bit");
        prop_assert_eq!(&read, &genome);
        let swapped = other_byte_order(&bytes, &genome);
        prop_assert_eq!(&genome_from(&mut input("g.2bit", &swapped)).expect("2bit"), &genome);
    }

    #[test]
    fn fasta(genome in genomes()) {
        let mut bytes = Vec::new();
        write_fasta(&genome, &mut bytes).expect("memory");
        prop_assert_eq!(&genome_from(&mut input("g.fa", &bytes)).expect("FASTA"), &genome);
        let crlf = String::from_utf8(bytes).expect("text").replace('\n', "\r\n");
        let again = genome_from(&mut input("g.fa", crlf.as_bytes())).expect("FASTA");
        prop_assert_eq!(&again, &genome);
    }

    #[test]
    fn gene_tables(genes in proptest::collection::vec(genes(), 1..20)) {
        let genome = all_n(1_000);
        let features = FeatureSet::new(genes);
        let mut bytes = Vec::new();
        write_gene_table(&features, &genome, &mut bytes).expect("memory");
        let (read, report) = annotation_from(&mut input("g.tsv.gz", &bytes), &genome).expect("genes");
        prop_assert_eq!(read.all(), features.all());
        prop_assert_eq!(report.records, features.all().len());
    }
}
