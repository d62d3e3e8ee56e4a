//! Trains a small model of another task, where translation starts, from the genes of the embedded
//! annotation: `cargo run --release --example train_tiny -- FOLDER`. About a minute on two cores;
//! the folder then holds a model for `headlight view`, `evaluate` and all the rest.

use headlight::genome::{Anchor, Base, Interval, Strand};
use headlight::job::train::{Entry, Event, Task, split, train};
use headlight::job::{JobError, example};
use headlight::model::Config;
use headlight::model::metadata::Metadata;
use headlight::model::train::{Processor, Settings};
use headlight::progress::{Cancel, Progress};

fn main() -> Result<(), JobError> {
    let folder = std::env::args().nth(1).ok_or("Give a folder.")?;
    let genome = example::genome()?;
    let mut labels = Vec::new();
    for gene in example::features(&genome)?.all() {
        let (contig, strand) = (&genome.contigs[gene.contig], gene.strand);
        let strand = strand.unwrap_or(Strand::Forward);
        let along = strand.flip_interval(gene.interval, contig.len());
        let codon = Interval::new(along.start, along.start + 3);
        let codon = contig.bases(strand.flip_interval(codon, contig.len()), strand);
        // Genes of RNA do not begin with a start codon.
        if matches!(codon[..], [Base::A | Base::G | Base::T, Base::T, Base::G]) {
            labels.push(Anchor {
                contig: gene.contig,
                position: strand.flip(along.start, contig.len()),
                strand,
            });
        }
    }
    let config = Config {
        layers: 3,
        heads: 3,
        d_model: 16,
        d_head: 16,
        kernel: 7,
        classes: 2,
        context: 48,
        label_shift: 12,
    };
    let settings = Settings {
        steps: 3_000,
        warm_up: 100,
        peak_rate: 3e-3,
        streams: 24,
        near_labels: 0.5,
        first_deviation: 0.1,
        ..Settings::published(config)
    };
    let task = Task {
        genome: &genome,
        labels: &labels,
        split: &split(&genome, 0),
        settings: &settings,
        start: None,
        processor: Processor::Cpu,
        metadata: &Metadata::default(),
        folder: folder.as_ref(),
    };
    let mut tell = |event: &Event| match event {
        Event::Entry(entry @ Entry::Validation { .. }) => eprintln!("{entry:?}"),
        Event::Entry(_) | Event::Resumed(_) => {}
    };
    let trained = train(&task, &mut tell, &Progress::default(), &Cancel::default())?;
    eprintln!("{}", trained.model.display());
    Ok(())
}
