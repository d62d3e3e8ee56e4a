//! Finds a pattern of bases in a whole genome, on both strands.

use crate::genome::write::cell;
use crate::genome::{Genome, Interval, Locus, Pattern, Strand, base};
use crate::progress::{Cancel, Cancelled, Progress};
use std::io::{self, Write};

/// Hits that the window lists at most; the rest are only counted.
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
    /// The first ones, as many as were asked for.
    pub hits: Vec<SequenceHit>,
    /// How many there are in all.
    pub count: usize,
}

impl SequenceHits {
    /// The listed hits as people and files name them.
    pub fn rows<'a>(&'a self, genome: &'a Genome) -> impl Iterator<Item = HitRow<'a>> {
        self.hits.iter().filter_map(|hit| {
            let contig = genome.contigs.get(hit.locus.contig)?;
            let first = hit.locus.interval.start + 1;
            let last = match (first + hit.bases.len() - 1) % contig.len().max(1) {
                0 => contig.len(),
                last => last,
            };
            Some(HitRow {
                contig: &contig.name,
                first,
                last,
                strand: hit.locus.strand.map_or('.', Strand::sign),
                bases: &hit.bases,
            })
        })
    }

    /// As a table: contig, first and last base (1-based), strand, the bases.
    #[must_use]
    pub fn to_tsv(&self, genome: &Genome) -> String {
        use std::fmt::Write as _;
        let mut text = "contig\tfirst\tlast\tstrand\tbases\n".to_owned();
        for row in self.rows(genome) {
            let HitRow {
                contig,
                first,
                last,
                strand,
                bases,
            } = row;
            // Writing into a text does not fail.
            let _ = writeln!(text, "{contig}\t{first}\t{last}\t{strand}\t{bases}");
        }
        text
    }

    /// Writes BED with six columns: the name is the bases, the score 0. A hit across the origin of a circle is
    /// two lines.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_bed(&self, genome: &Genome, out: &mut impl Write) -> io::Result<()> {
        for (row, hit) in self.rows(genome).zip(&self.hits) {
            let contig = cell(row.contig);
            let Interval { start, end } = hit.locus.interval;
            let (strand, bases) = (row.strand, row.bases);
            writeln!(out, "{contig}\t{start}\t{end}\t{bases}\t0\t{strand}")?;
            if hit.across_origin {
                writeln!(out, "{contig}\t0\t{}\t{bases}\t0\t{strand}", row.last)?;
            }
        }
        out.flush()
    }
}

/// A hit as a line of a table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HitRow<'a> {
    /// Name of the contig.
    pub contig: &'a str,
    /// The leftmost base, 1-based.
    pub first: usize,
    /// The rightmost base, 1-based; before `first` where the hit goes across the origin of a circle.
    pub last: usize,
    /// `+`, `-`, or `.` where the pattern reads the same on both strands.
    pub strand: char,
    /// The bases as the pattern reads them.
    pub bases: &'a str,
}

/// Looks for `pattern` in every contig of `genome`, on both strands; lists `most` hits and counts all.
///
/// # Errors
/// [`Cancelled`] only.
pub fn find_sequence(
    genome: &Genome,
    pattern: &Pattern,
    most: usize,
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
            let room = most - found.hits.len();
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
        let found = find_sequence(
            &genome,
            &pattern,
            9,
            &Progress::default(),
            &Cancel::default(),
        )
        .expect("not cancelled");
        assert_eq!(
            found.to_tsv(&genome),
            "contig\tfirst\tlast\tstrand\tbases\nc\t13\t18\t-\tTTGACA\n"
        );
        let circle = self::genome("GACACCCCTTTT", true);
        let found = find_sequence(
            &circle,
            &pattern,
            9,
            &Progress::default(),
            &Cancel::default(),
        )
        .expect("not cancelled");
        assert!(found.hits[0].across_origin);
        assert_eq!(
            found.to_tsv(&circle),
            "contig\tfirst\tlast\tstrand\tbases\nc\t11\t4\t+\tTTGACA\n"
        );
        let mut bed = Vec::new();
        found.write_bed(&circle, &mut bed).expect("written");
        assert_eq!(
            String::from_utf8(bed).expect("text"),
            "c\t10\t12\tTTGACA\t0\t+\nc\t0\t4\tTTGACA\t0\t+\n"
        );
        let none = find_sequence(
            &circle,
            &pattern,
            0,
            &Progress::default(),
            &Cancel::default(),
        )
        .expect("not cancelled");
        assert_eq!((none.hits.len(), none.count), (0, 1));
    }

    #[test]
    fn it_stops_when_asked() {
        let cancel = Cancel::default();
        cancel.cancel();
        let pattern = Pattern::parse("A").expect("a pattern");
        let genome = genome("ACGT", false);
        assert_eq!(
            find_sequence(&genome, &pattern, 9, &Progress::default(), &cancel),
            Err(Cancelled)
        );
    }
}
