//! GenBank flat files: sequences with their features, one record after the other.
//!
//! ```text
//! LOCUS       NC_005816               9609 bp    DNA     circular BCT 21-JUL-2008
//! ACCESSION   NC_005816
//! VERSION     NC_005816.1  GI:45478711
//! FEATURES             Location/Qualifiers
//!      gene            87..1109
//!                      /locus_tag="YP_pPCP01"
//! ORIGIN
//!         1 tgtaacgaac ggtgcaatag tgatccacac ccaacgcctg …
//! //
//! ```
//! A contig is called as VERSION says; ACCESSION and LOCUS are its aliases. Features become what
//! the same features become in GFF3. Read line by line, with bounded nesting and numbered lines.

mod features;
pub mod location;
mod raw_feature;
mod record;

use super::error::{ReadError, quoted};
use super::report::ReadReport;
use super::seqids::{Seqids, UNKNOWN};
use super::text::Input;
use crate::genome::chunked::Chunked;
use crate::genome::contig::{Contig, Genome};
use crate::genome::contig_names::ContigNames;
use crate::genome::feature::FeatureSet;
use crate::genome::locus::grouped;
use crate::genome::sequence::GrowingSequence;
use features::{On, Placed};
use record::{Header, Records};

/// How the first line of a GenBank file begins.
pub(super) const FIRST_WORD: &str = "LOCUS ";

/// Reads a genome with its features.
///
/// # Errors
/// [`ReadError`] naming the line of what is no GenBank; a record that is cut short or has no
/// sequence.
pub fn read(input: &mut Input<'_>) -> Result<(Genome, FeatureSet, ReadReport), ReadError> {
    let mut report = ReadReport::new("GenBank");
    let mut features = Placed::default();
    let mut contigs = Chunked::default();
    let mut names = ContigNames::default();
    let mut records = Records::open(input);
    while let Some(header) = records.next_header()? {
        let on = On {
            contig: contigs.len(),
            length_bp: header.length_bp.unwrap_or(usize::MAX),
            circular: header.circular,
        };
        features.furthest = None;
        records.features(|feature, line| features.add(&feature, line, on, &mut report))?;
        let mut sequence = GrowingSequence::default();
        records.sequence(&header, Some(&mut sequence))?;
        let name = header.name();
        if sequence.is_empty() {
            return Err(records.problem(
                header.line,
                "bases under ORIGIN",
                format!("none for {}", quoted(name)),
                "At NCBI choose “GenBank (full)”, or switch on “Show sequence”, and download it again.",
            ));
        }
        if let Some((end, line)) = features.furthest.filter(|(end, _)| *end > sequence.len()) {
            return Err(records.problem(
                line,
                &format!(
                    "positions up to {}, the length of {name}",
                    grouped(sequence.len())
                ),
                grouped(end),
                "Correct the line.",
            ));
        }
        let contig = header.contig(sequence.finish());
        if let Err(contig) = names.push(contig, &mut contigs) {
            return Err(records.problem(
                header.line,
                "every sequence under its own name",
                format!("{} a second time", quoted(&contig.name)),
                "Rename or remove one of the two.",
            ));
        }
    }
    drop(names);
    let circular = |(index, contig): (usize, &Contig)| contig.circular.then_some(index);
    report.circular_contigs = contigs.iter().enumerate().filter_map(circular).collect();
    let features = features.finish(&mut report);
    let genome = Genome::new(&input.stem(), contigs);
    Ok((genome, FeatureSet::new(features), report))
}

/// Reads only the features, as annotation of an open `genome`; its sequences are passed over.
///
/// # Errors
/// As [`read`]; a feature outside its contig; none of the sequences is in the genome.
pub fn read_features(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(FeatureSet, ReadReport), ReadError> {
    let mut report = ReadReport::new("GenBank");
    let mut seqids = Seqids::new(genome);
    let mut features = Placed::default();
    let mut records = Records::open(input);
    while let Some(header) = records.next_header()? {
        let contig = contig_of(&header, &mut seqids, genome);
        if let Some(contig) = contig {
            let on = On {
                contig,
                length_bp: genome.contigs[contig].len(),
                circular: header.circular || genome.contigs[contig].circular,
            };
            if header.circular && !report.circular_contigs.contains(&contig) {
                report.circular_contigs.push(contig);
            }
            features.furthest = None;
            records.features(|feature, line| features.add(&feature, line, on, &mut report))?;
            if let Some((end, line)) = features.furthest {
                seqids.check_end(contig, end, records.input(), line)?;
            }
        } else {
            records.features(|_, line| report.skip(UNKNOWN, line))?;
        }
        records.sequence(&header, None)?;
    }
    seqids.require_match(input)?;
    report.take_names(&seqids);
    let features = features.finish(&mut report);
    Ok((FeatureSet::new(features), report))
}

/// The contig that a record is about: one of its names, or the only one of its length; the length
/// that LOCUS states must be that of the contig.
fn contig_of(header: &Header, seqids: &mut Seqids<'_>, genome: &Genome) -> Option<usize> {
    let name = header.name();
    if let Some(length_bp) = header.length_bp {
        seqids.declare(name, length_bp);
    }
    let contig = seqids.contig(name).or_else(|| {
        let named = |name: &String| seqids.named(name);
        header.aliases().iter().find_map(named)
    })?;
    let here = genome.contigs[contig].len();
    if let Some(length_bp) = header.length_bp.filter(|&length_bp| length_bp != here) {
        seqids.refuse(name, length_bp, contig);
        return None;
    }
    seqids.admit(name, contig);
    Some(contig)
}
