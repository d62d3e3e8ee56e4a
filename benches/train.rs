//! Positions a second of a training step (forward, backward and update) at the published sizes,
//! by the clock and by the processor time of all threads; `benches/pytorch_training.py` does the
//! same in `PyTorch`. `RAYON_NUM_THREADS=1 STEPS=10 cargo bench --bench train`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its numbers and may stop where it fails"
)]

use cpu_time::ProcessTime;
use headlight::model::train::{Adam, Example, Learner, Objective};
use headlight::model::{EXAMPLE, KernelPath, Overrides, read_checkpoint_bytes};
use std::time::Instant;

fn main() {
    let checkpoint = read_checkpoint_bytes("example", EXAMPLE, Overrides::default()).unwrap();
    let steps: usize = std::env::var("STEPS").map_or(20, |steps| steps.parse().unwrap());
    println!("{} threads", rayon::current_num_threads());
    for path in KernelPath::ALL {
        for (streams, length) in [(20, 128), (10, 512)] {
            let mut weights = checkpoint.weights.clone();
            let mut gradient = weights.clone();
            let mut adam = Adam::new(&weights);
            let Some(mut learner) = Learner::with_path(weights.config, length, path) else {
                continue;
            };
            let tokens: Vec<u8> = (0..streams * length)
                .map(|i| ((i * i * 7 + i / 3) % 4) as u8)
                .collect();
            let classes = vec![0; length];
            let batch: Vec<_> = tokens
                .chunks(length)
                .enumerate()
                .map(|(key, tokens)| Example {
                    tokens,
                    classes: &classes,
                    weights: &[],
                    key: key as u64,
                })
                .collect();
            let objective = Objective {
                gamma: 0.8,
                dropout: 0.1,
            };
            let (mut best, mut least) = (f64::INFINITY, f64::INFINITY);
            for step in 0..steps {
                let (start, busy) = (Instant::now(), ProcessTime::now());
                learner.gradient(&weights, &batch, objective, step as u64, &mut gradient);
                adam.update(&mut weights, &gradient, 1e-5, 0.25);
                best = best.min(start.elapsed().as_secs_f64());
                least = least.min(busy.elapsed().as_secs_f64());
            }
            println!(
                "{path} {streams} x {length}: {:.0} positions/s, {:.0} a second of processor time, best of {steps} steps",
                (streams * length) as f64 / best,
                (streams * length) as f64 / least
            );
        }
    }
}
