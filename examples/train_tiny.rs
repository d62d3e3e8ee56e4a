//! Trains a small model of another task, where translation starts, from the genes of the embedded
//! annotation that have a start codon: `cargo run --release --example train_tiny -- FOLDER`.

use headlight::genome::{Anchor, Base, Interval, Strand};
use headlight::job::train::{Task, split, train};
use headlight::job::{JobError, example};
use headlight::model::metadata::Metadata;
use headlight::model::train::{Processor, Settings};
use headlight::model::{Config, Overrides};
use headlight::progress::{Cancel, Progress};

fn main() -> Result<(), JobError> {
    let genome = example::genome()?;
    let mut labels = Vec::new();
    for gene in example::features(&genome)?.all() {
        let (bases, strand) = (&genome.contigs[gene.contig()], gene.strand);
        let (strand, length) = (strand.unwrap_or(Strand::Forward), bases.len());
        let start = strand.flip_interval(gene.interval, length).start;
        let codon = strand.flip_interval(Interval::new(start, start + 3), length);
        let codon = bases.bases(codon, strand);
        if matches!(codon[..], [Base::A | Base::G | Base::T, Base::T, Base::G]) {
            labels.push(Anchor {
                contig: gene.contig(),
                position: strand.flip(start, length),
                strand,
            });
        }
    }
    let settings = Settings {
        steps: 3_000,
        warm_up: 100,
        peak_rate: 3e-3,
        streams: 24,
        near_labels: 0.5,
        first_deviation: 0.1,
        ..Settings::published(Config {
            layers: 3,
            heads: 3,
            d_model: 16,
            d_head: 16,
            context: 48,
            label_shift: 12,
            ..*example::model(Overrides::default())?.config()
        })
    };
    let task = Task {
        genome: &genome,
        labels: &labels,
        split: &split(&genome, 0),
        settings: &settings,
        start: None,
        processor: Processor::Cpu,
        metadata: &Metadata::default(),
        folder: &std::path::PathBuf::from(std::env::args().nth(1).ok_or("Give a folder.")?),
    };
    let mut tell = |event: &_| eprintln!("{event:?}");
    train(&task, &mut tell, &Progress::default(), &Cancel::default())?;
    Ok(())
}
