//! Names of one sequence in different databases, and what its name says about its shape.
//!
//! Two names mean the same sequence only where the length agrees too. A sequence is taken as
//! circular where this table or its header states it (`[topology=circular]`, `circular=true`).
//! “Complete genome” in a description proves nothing: *Borrelia*, *Streptomyces* and most phages
//! have complete linear chromosomes. Annotation may state it later (GFF3's `Is_circular`).

use super::chunked::Chunked;
use super::contig::Contig;
use super::contig_names::ContigNames;
use super::locus::grouped;
use std::collections::HashSet;

/// A published assembly of one sequence.
struct Known {
    names: &'static [&'static str],
    length_bp: usize,
    organism: &'static str,
    circular: bool,
}

const KNOWN: [Known; 5] = [
    Known {
        names: &["NC_000913.3", "U00096.3"],
        length_bp: 4_641_652,
        organism: "Escherichia coli K-12 MG1655",
        circular: true,
    },
    Known {
        names: &["NC_000913.2", "U00096.2"],
        length_bp: 4_639_675,
        organism: "Escherichia coli K-12 MG1655 (assembly of 2004)",
        circular: true,
    },
    Known {
        names: &["NC_000964.3", "AL009126.3"],
        length_bp: 4_215_606,
        organism: "Bacillus subtilis 168",
        circular: true,
    },
    Known {
        names: &["NC_005816.1", "AE017046.1"],
        length_bp: 9_609,
        organism: "Yersinia pestis 91001 plasmid pPCP1",
        circular: true,
    },
    Known {
        names: &["NC_001422.1", "J02482.1"],
        length_bp: 5_386,
        organism: "Phage phiX174",
        circular: true,
    },
];

/// What the only sequence of a genome is called where no database named it.
const SINGLE: [&str; 3] = ["chr", "Chromosome", "chromosome"];

/// Adds aliases and marks circular sequences by name, header and length.
pub(super) fn complete(contigs: &mut Chunked<Contig>) {
    let single = contigs.len() == 1;
    // Most drafts have nothing but names, which then need not be looked up.
    let mut names: Option<ContigNames> = None;
    for index in 0..contigs.len() {
        let mut aliases = aliases(&contigs[index], single);
        if !aliases.is_empty() {
            let names = names.get_or_insert_with(|| ContigNames::of(contigs));
            aliases.retain(|alias| !names.contains(alias, contigs));
            contigs[index].set_aliases(aliases.iter().map(String::as_str));
        }
        let contig = &mut contigs[index];
        if let Some(known) = known(contig) {
            contig.circular |= known.circular;
            if contig.description().is_empty() {
                contig.set_description(known.organism);
            }
        }
        contig.circular |= states_circular(contig.description());
    }
}

/// The names that a contig may have besides its own, each once.
fn aliases(contig: &Contig, single: bool) -> Vec<String> {
    let mut aliases: Vec<String> = contig.aliases().map(str::to_owned).collect();
    aliases.extend(accession_within(&contig.name).map(str::to_owned));
    if let Some(known) = known_as(contig, &aliases.iter().map(String::as_str)) {
        aliases.extend(known.names.iter().map(|&name| name.to_owned()));
    }
    let versionless: Vec<String> = std::iter::once(&contig.name)
        .chain(&aliases)
        .filter_map(|name| without_version(name))
        .map(str::to_owned)
        .collect();
    aliases.extend(versionless);
    if single {
        aliases.extend(SINGLE.map(str::to_owned));
    }
    let mut seen = HashSet::new();
    aliases.retain(|alias| seen.insert(alias.clone()));
    aliases
}

/// The organism of a genome of one known sequence.
pub(super) fn organism(contigs: &Chunked<Contig>) -> Option<&'static str> {
    let only = contigs.first().filter(|_| contigs.len() == 1);
    only.and_then(known).map(|known| known.organism)
}

/// Sequences that bear a published name but have not its length.
pub(super) fn doubts(contigs: &Chunked<Contig>) -> Vec<String> {
    contigs
        .iter()
        .filter_map(|contig| {
            let known = KNOWN
                .iter()
                .find(|k| k.names.iter().any(|&name| contig.is_called(name)))?;
            let (here, published) = (grouped(contig.len()), grouped(known.length_bp));
            (contig.len() != known.length_bp).then(|| {
                format!(
                    "{} has {here} bases here and {published} in the database: the file may be cut \
                     short or edited.",
                    contig.name
                )
            })
        })
        .collect()
}

fn known(contig: &Contig) -> Option<&'static Known> {
    known_as(contig, &contig.aliases())
}

/// The published sequence of its length that `contig` may be, if `aliases` are its other names.
fn known_as<'n>(
    contig: &Contig,
    aliases: &(impl Iterator<Item = &'n str> + Clone),
) -> Option<&'static Known> {
    let called = |wanted: &str| {
        let same = |name: &str| {
            name == wanted || SINGLE.contains(&name) || without_version(wanted) == Some(name)
        };
        same(&contig.name) || aliases.clone().any(same)
    };
    KNOWN
        .iter()
        .find(|k| k.length_bp == contig.len() && k.names.iter().any(|name| called(name)))
}

/// `NC_000913` for `NC_000913.3`: an accession ends in digits, its version is a number.
fn without_version(name: &str) -> Option<&str> {
    let (accession, version) = name.rsplit_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let letters = accession.bytes().next()?.is_ascii_uppercase();
    let word = accession
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    (letters && word && is_number(version) && accession.ends_with(|c: char| c.is_ascii_digit()))
        .then_some(accession)
}

/// The accession in NCBI's older headers: `gi|45478711|ref|NC_005816.1|`.
fn accession_within(name: &str) -> Option<&str> {
    let mut fields = name.split('|');
    while let Some(field) = fields.next() {
        if matches!(field, "ref" | "gb" | "emb" | "dbj" | "lcl") {
            return fields.next().filter(|name| !name.is_empty());
        }
    }
    None
}

fn states_circular(description: &str) -> bool {
    let lower = description.to_ascii_lowercase();
    lower.contains("topology=circular") || lower.contains("circular=true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Base;

    fn contig(name: &str, length_bp: usize) -> Contig {
        Contig {
            name: name.to_owned(),
            sequence: std::iter::repeat_n(Base::A, length_bp).collect(),
            ..Contig::default()
        }
    }

    #[test]
    fn names_of_one_sequence_need_its_length() {
        let mut contigs = Chunked::from(vec![contig("U00096.3", 4_641_652)]);
        complete(&mut contigs);
        for name in ["NC_000913.3", "U00096", "NC_000913", "chr", "Chromosome"] {
            assert!(contigs[0].is_called(name), "{name}");
        }
        assert!(contigs[0].circular);
        let mut contigs = Chunked::from(vec![contig("U00096.3", 4_641_651)]);
        complete(&mut contigs);
        assert!(!contigs[0].is_called("NC_000913.3") && !contigs[0].circular);
        assert!(doubts(&contigs)[0].starts_with("U00096.3 has 4,641,651 bases here and 4,641,652"));
    }

    #[test]
    fn a_bare_chromosome_of_known_length_is_known() {
        let mut contigs = Chunked::from(vec![contig("Chromosome", 4_641_652)]);
        complete(&mut contigs);
        assert!(contigs[0].is_called("NC_000913.3"));
        assert_eq!(organism(&contigs), Some("Escherichia coli K-12 MG1655"));
    }

    #[test]
    fn old_headers_and_stated_topology_are_read() {
        let mut contigs = Chunked::from(vec![
            contig("gi|45478711|ref|NC_005816.1|", 9_609),
            contig("p1", 5),
        ]);
        contigs[1].set_description("plasmid [topology=circular]");
        complete(&mut contigs);
        assert!(contigs[0].is_called("NC_005816") && contigs[0].circular);
        assert!(contigs[1].circular && !contigs[1].is_called("chr"));
    }

    #[test]
    fn complete_genome_proves_no_circle() {
        let mut contigs = Chunked::from(vec![contig("NC_001318.1", 5)]);
        contigs[0].set_description("Borreliella burgdorferi B31, complete genome");
        complete(&mut contigs);
        assert!(!contigs[0].circular);
    }
}
