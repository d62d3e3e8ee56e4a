//! Reads a genome and says what it holds: `cargo run --release --example load_genome -- genome.fasta`.

use headlight::genome::locus::grouped;
use headlight::genome::read::read_genome;
use headlight::progress::{Cancel, Progress};
use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("Give the path of a FASTA or 2bit file.")?;
    let genome = read_genome(path.as_ref(), &Progress::default(), &Cancel::default())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}: {} bp", genome.name, grouped(genome.len()))?;
    for contig in &genome.contigs {
        writeln!(
            out,
            "{}\t{}\t{}",
            contig.name,
            grouped(contig.len()),
            contig.description()
        )?;
    }
    Ok(())
}
