//! Finds a pattern of bases in a whole genome, on both strands.

use crate::genome::{Genome, Interval, Locus, Pattern, Strand, base};
use crate::progress::{Cancel, Cancelled, Progress};

/// Hits that are listed at most; the rest are only counted.
pub const LISTED_HITS: usize = 20_000;

/// Bases that are looked at before somebody may have asked to stop.
const STRETCH_BP: usize = 1 << 18;

/// One place where the pattern fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceHit {
    /// Where; the strand is `None` where the pattern reads the same on both. A hit across the
    /// origin of a circle ends with the contig.
    pub locus: Locus,
    /// The bases as the pattern reads them.
    pub bases: String,
    /// Whether it goes on at the start of the contig.
    pub across_origin: bool,
}

/// Where a pattern fits, by contig and position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceHits {
    /// The pattern in capitals.
    pub pattern: String,
    /// SHA-256 of the genome that was searched.
    pub genome_checksum: String,
    /// The first [`LISTED_HITS`].
    pub hits: Vec<SequenceHit>,
    /// How many there are in all.
    pub count: usize,
}

impl SequenceHits {
    /// As a table: contig, first and last base (1-based), strand, the bases.
    #[must_use]
    pub fn to_tsv(&self, genome: &Genome) -> String {
        use std::fmt::Write as _;
        let mut text = "contig\tfirst\tlast\tstrand\tbases\n".to_owned();
        for hit in &self.hits {
            let Some(contig) = genome.contigs.get(hit.locus.contig) else {
                continue;
            };
            let first = hit.locus.interval.start + 1;
            let last = match (first + hit.bases.len() - 1) % contig.len().max(1) {
                0 => contig.len(),
                last => last,
            };
            let strand = hit.locus.strand.map_or('.', Strand::sign);
            // Writing into a text does not fail.
            let _ = writeln!(
                text,
                "{}\t{first}\t{last}\t{strand}\t{}",
                contig.name, hit.bases
            );
        }
        text
    }
}

/// Looks for `pattern` in every contig of `genome`, on both strands.
///
/// # Errors
/// [`Cancelled`] only.
pub fn find_sequence(
    genome: &Genome,
    pattern: &Pattern,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<SequenceHits, Cancelled> {
    progress.set_total(genome.len() as u64);
    let mut found = SequenceHits {
        pattern: pattern.text().to_owned(),
        genome_checksum: genome.checksum.clone(),
        hits: Vec::new(),
        count: 0,
    };
    for (index, contig) in genome.contigs.iter().enumerate() {
        let mut start = 0;
        while start < contig.len() {
            cancel.check()?;
            let end = (start + STRETCH_BP).min(contig.len());
            let hits = pattern.hits(contig, Interval::new(start, end));
            found.count += hits.len();
            let room = LISTED_HITS - found.hits.len();
            found.hits.extend(hits.iter().take(room).map(|hit| {
                let interval = hit.interval(pattern, contig.len());
                let rest = pattern.len() - interval.len();
                let mut bases = contig.sequence.bases(interval);
                bases.extend(contig.sequence.bases(Interval::new(0, rest)));
                if hit.strand == Some(Strand::Reverse) {
                    bases = base::reverse_complement(&bases);
                }
                SequenceHit {
                    locus: Locus {
                        contig: index,
                        interval,
                        strand: hit.strand,
                    },
                    bases: base::text(&bases),
                    across_origin: rest > 0,
                }
            }));
            progress.advance((end - start) as u64);
            start = end;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Base, Contig};

    fn genome(text: &str, circular: bool) -> Genome {
        let contig = Contig {
            name: "c".to_owned(),
            sequence: text.bytes().filter_map(Base::from_ascii).collect(),
            circular,
            ..Contig::default()
        };
        Genome::new("test", vec![contig])
    }

    #[test]
    fn hits_say_where_and_what() {
        let genome = genome("ACACCCCTTGGGTGTCAACC", true);
        let pattern = Pattern::parse("TTGACR").expect("a pattern");
        let found = find_sequence(&genome, &pattern, &Progress::default(), &Cancel::default())
            .expect("not cancelled");
        assert_eq!(
            found.to_tsv(&genome),
            "contig\tfirst\tlast\tstrand\tbases\nc\t13\t18\t-\tTTGACA\n"
        );
        let circle = self::genome("GACACCCCTTTT", true);
        let found = find_sequence(&circle, &pattern, &Progress::default(), &Cancel::default())
            .expect("not cancelled");
        assert!(found.hits[0].across_origin);
        assert_eq!(
            found.to_tsv(&circle),
            "contig\tfirst\tlast\tstrand\tbases\nc\t11\t4\t+\tTTGACA\n"
        );
    }

    #[test]
    fn it_stops_when_asked() {
        let cancel = Cancel::default();
        cancel.cancel();
        let pattern = Pattern::parse("A").expect("a pattern");
        let genome = genome("ACGT", false);
        assert_eq!(
            find_sequence(&genome, &pattern, &Progress::default(), &cancel),
            Err(Cancelled)
        );
    }
}
