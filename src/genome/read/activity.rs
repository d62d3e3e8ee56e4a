//! Measured activity of promoters: a table with a header, or the layout of a reporter library.
//!
//! A table has the columns position (1-based, the +1 base), strand, activity and, where the genome
//! has several sequences, contig. A reporter library has no header and five columns: sequence,
//! activity, first base (0-based), end, and `name,TSS,strand` with a 1-based TSS; its sequences say
//! which assembly it is about, and positions of the other assembly of the genome are lifted.

use super::error::{ReadError, quoted};
use super::report::ReadReport;
use super::seqids::{Seqids, UNKNOWN};
use super::table::{Table, names, whole_number};
use super::text::Input;
use crate::genome::base::{Base, text};
use crate::genome::chunked::Chunked;
use crate::genome::lift::Lift;
use crate::genome::{Anchor, Genome, Interval, Strand};

/// Names of the column of measurements.
const ACTIVITY: &[&str] = &["activity", "expression", "strength"];

/// Least share of printed sequences that equal the genome.
const LEAST_MATCH: f64 = 0.95;

/// A start site and what its promoter was measured to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredPromoter {
    /// The start site.
    pub anchor: Anchor,
    /// Its activity in the unit of the file; finite.
    pub activity: f64,
}

/// Reads measured promoters on `genome`, in the order of the file.
///
/// # Errors
/// [`ReadError`] for another format, a line that is wrong, sequences that are not those of the
/// genome, or no promoter at all.
pub fn read(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(Vec<MeasuredPromoter>, ReadReport), ReadError> {
    let first = input.head().split(|&byte| byte == b'\n').next();
    let library =
        first.is_some_and(|line| LibraryRow::parse(&String::from_utf8_lossy(line)).is_some());
    let (promoters, mut report) = if library {
        from_library(input, genome)?
    } else {
        from_table(input, genome)?
    };
    if promoters.is_empty() {
        return Err(input.problem(
            None,
            "at least one start site with a measured activity",
            report.nothing(),
            "Check that this is the right file for the open genome.",
        ));
    }
    report.records = promoters.len();
    Ok((promoters, report))
}

type Found = (Vec<MeasuredPromoter>, ReadReport);

fn number(cell: &str) -> Option<f64> {
    cell.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

fn from_table(input: &mut Input<'_>, genome: &Genome) -> Result<Found, ReadError> {
    let mut report = ReadReport::new("table of measured promoters");
    let mut seqids = Seqids::new(genome);
    let mut promoters = Chunked::default();
    let mut table = Table::open(
        input,
        "a header with the columns position, strand and activity",
        |columns| {
            [names::POSITION, names::STRAND, ACTIVITY]
                .iter()
                .all(|any_of| columns.index(any_of).is_some())
        },
    )?;
    let [contig, position, strand, activity] =
        [names::CONTIG, names::POSITION, names::STRAND, ACTIVITY]
            .map(|any_of| table.columns.index(any_of));
    table.demand_contig(contig, genome)?;
    while let Some(row) = table.next_row()? {
        let line = row.line;
        let on = if contig.is_none() {
            Some(0)
        } else {
            seqids.contig(row.text(contig))
        };
        let Some(on) = on else {
            report.skip(UNKNOWN, line);
            continue;
        };
        let at = whole_number(row.cell(position)).and_then(|number| number.checked_sub(1));
        let Some(at) = at else {
            return Err(row.problem(
                "a position as a whole number from 1 on",
                quoted(row.cell(position)),
                "Correct the line.",
            ));
        };
        let value = number(row.cell(activity));
        match (
            row.strand(strand),
            value,
            seqids.beyond(on, at.saturating_add(1)),
        ) {
            (_, _, Some(reason)) => report.skip(reason, line),
            (None, _, _) => report.skip("no strand", line),
            (_, None, _) => report.skip("no activity", line),
            (Some(strand), Some(activity), None) => promoters.push(MeasuredPromoter {
                anchor: Anchor {
                    contig: on,
                    position: at,
                    strand,
                },
                activity,
            }),
        }
    }
    seqids.require_match(input)?;
    report.take_names(&seqids);
    Ok((promoters.into_vec(), report))
}

/// One member of a reporter library.
struct LibraryRow {
    line: usize,
    sequence: String,
    activity: f64,
    /// Where the sequence lies.
    interval: Interval,
    /// The start site, 0-based.
    position: usize,
    strand: Strand,
}

impl LibraryRow {
    /// A row about a place of the genome; `None` for controls and for anything else.
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.trim_end().split('\t').take(6).collect();
        let [sequence, activity, start, end, name] = cells[..] else {
            return None;
        };
        let mut ends = name.rsplitn(3, ',');
        let strand = Strand::from_sign(ends.next()?.trim())?;
        let position = whole_number(ends.next()?)?.checked_sub(1)?;
        ends.next()?;
        let (start, end) = (whole_number(start)?, whole_number(end)?);
        let is_sequence = sequence
            .bytes()
            .all(|letter| Base::from_ascii(letter).is_some());
        (is_sequence && end >= start && end - start == sequence.len()).then_some(Self {
            line: 0,
            sequence: sequence.to_ascii_uppercase(),
            activity: number(activity)?,
            interval: Interval::new(start, end),
            position,
            strand,
        })
    }
}

fn from_library(input: &mut Input<'_>, genome: &Genome) -> Result<Found, ReadError> {
    let mut report = ReadReport::new("reporter library");
    let mut rows = Chunked::default();
    let mut text = String::new();
    while let Some(line) = input.next_line(&mut text)? {
        match LibraryRow::parse(&text) {
            _ if text.trim().is_empty() => {}
            Some(row) => rows.push(LibraryRow { line, ..row }),
            None => report.skip("no measured place of a genome", line),
        }
    }
    let lifts = genome.contigs.iter().map(Lift::onto);
    let known = lifts
        .enumerate()
        .find_map(|(index, lift)| Some((index, lift?)));
    let contig = known.as_ref().map_or(0, |(index, _)| *index);
    if genome.contigs.len() > 1 && known.is_none() {
        return Err(input.problem(
            None,
            "a genome of one sequence, as the file names none",
            format!("{} sequences", genome.contigs.len()),
            "Open the sequence that was measured, or write a table with a column contig.",
        ));
    }
    let ways = [None, known.as_ref().map(|(_, lift)| lift)];
    let (mut best, mut promoters) = (0, Vec::new());
    let mut differing = Vec::new();
    for (index, way) in ways.into_iter().enumerate() {
        if index == 1 && way.is_none() {
            continue;
        }
        let place = |interval: Interval| match way {
            Some(lift) => lift.interval(interval),
            None => Some(interval),
        };
        let (mut found, mut wrong) = (Vec::new(), Vec::new());
        for row in &rows {
            let sites = (
                place(row.interval),
                place(Interval::new(row.position, row.position + 1)),
            );
            let (Some(interval), Some(start_site)) = sites else {
                wrong.push(row.line);
                continue;
            };
            if !is_there(genome, contig, row, interval) {
                wrong.push(row.line);
                continue;
            }
            found.push(MeasuredPromoter {
                anchor: Anchor {
                    contig,
                    position: start_site.start,
                    strand: row.strand,
                },
                activity: row.activity,
            });
        }
        if found.len() > best {
            best = found.len();
            (promoters, differing) = (found, wrong);
            report.notes.clear();
            if let Some(lift) = way {
                let note = format!(
                    "Positions were lifted from {} to {}.",
                    lift.from[0], lift.to[0]
                );
                report.notes.push(note);
            }
        }
    }
    if (promoters.len() as f64) < LEAST_MATCH * rows.len() as f64 {
        return Err(input.problem(
            None,
            "sequences that the open genome has at the stated places",
            format!("{best} of {} that are there", rows.len()),
            "Open the genome that was measured.",
        ));
    }
    for line in differing {
        report.skip("the genome has another sequence there", line);
    }
    Ok((promoters, report))
}

fn is_there(genome: &Genome, contig: usize, row: &LibraryRow, interval: Interval) -> bool {
    genome.contigs.get(contig).is_some_and(|contig| {
        interval.end <= contig.len() && text(&contig.bases(interval, row.strand)) == row.sequence
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Contig;
    use crate::genome::base::reverse_complement;
    use crate::progress::{Cancel, Progress};

    const SEQUENCE: &str = "ACGTTGCAAGGCTTAACCGGATATTTGCGCAA";

    fn genome() -> Genome {
        let contig = Contig {
            name: "c".to_owned(),
            sequence: SEQUENCE.bytes().filter_map(Base::from_ascii).collect(),
            ..Contig::default()
        };
        Genome::new("made", vec![contig])
    }

    fn read_text(content: &str) -> Result<Found, ReadError> {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut input = Input::from_bytes("a.tsv", content.as_bytes(), &progress, &cancel)?;
        read(&mut input, &genome())
    }

    #[test]
    fn tables_and_libraries_say_the_same() {
        let table =
            "contig\tposition\tstrand\tactivity\nc\t9\t+\t2.5\nc\t12\t-\t1e-3\nc\t5\t+\tNA\n";
        let (from_table, report) = read_text(table).expect("a table");
        assert_eq!(report.skipped["no activity"].lines, [4]);
        let bases: Vec<Base> = SEQUENCE[6..16]
            .bytes()
            .filter_map(Base::from_ascii)
            .collect();
        let library = format!(
            "{}\t2.5\t4\t14\ta_1,9,+\n{}\t0.001\t6\t16\tb,12,-\nACGT\t3\tNA\tNA\tcontrol\n",
            &SEQUENCE[4..14],
            text(&reverse_complement(&bases)),
        );
        let (from_library, report) = read_text(&library).expect("a library");
        assert_eq!(from_table, from_library);
        assert_eq!(from_library[1].anchor.position, 11);
        assert_eq!(report.skipped_count(), 1);
    }

    #[test]
    fn another_genome_and_wrong_lines_are_told() {
        let error = |content: &str| read_text(content).expect_err("wrong").to_string();
        let other = "AAAAAAAAAA\t2.5\t4\t14\ta,9,+\n";
        assert!(
            error(other).contains("0 of 1 that are there"),
            "{}",
            error(other)
        );
        let far = "ACGTTGCAAG\t2.5\t18446744073709551600\t18446744073709551610\ta,18446744073709551605,+\n";
        assert!(error(far).contains("0 of 1"), "{}", error(far));
        let zero = "position\tstrand\tactivity\n3\t+\t1\n0\t+\t1\n";
        assert!(error(zero).contains("line 3"), "{}", error(zero));
        let beyond = "position\tstrand\tactivity\n99\t+\t1\n";
        assert!(
            error(beyond).contains("at least one start site"),
            "{}",
            error(beyond)
        );
        assert!(error("x\ty\n1\t2\n").contains("position, strand and activity"));
    }
}
