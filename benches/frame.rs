//! CPU time of a frame of the window, without its display: logic, layout, painting, tessellation.
//!
//! `cargo bench --bench frame` walks over the whole genome at several widths, idle and while the heads job
//! runs, and prints median, 99th percentile and maximum in milliseconds.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints its table and stops where it cannot"
)]

use headlight::gui::{App, Command, Place, Remembered, Saved, TableKind, ViewOptions};
use headlight::job::example;
use headlight::workspace::Workspace;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SCREEN: egui::Vec2 = egui::vec2(1400.0, 900.0);

struct Bench {
    ctx: egui::Context,
    app: App,
    frames: Vec<Duration>,
}

impl Bench {
    fn new() -> Self {
        let ctx = egui::Context::default();
        let workspace = Workspace::new(example::load().expect("the embedded example"));
        let app = App::new(
            &ctx,
            workspace,
            Remembered::default(),
            ViewOptions::default(),
            Saved::default(),
        )
        .expect("threads");
        Self {
            ctx,
            app,
            frames: Vec::new(),
        }
    }

    fn frame(&mut self, events: Vec<egui::Event>) {
        let input = egui::RawInput {
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, SCREEN)),
            events,
            ..Default::default()
        };
        // Of this thread alone, so that workers beside it do not count.
        let began = cpu_time::ThreadTime::now();
        let app = &mut self.app;
        let output = self.ctx.run_ui(input, |ui| {
            app.logic(ui.ctx());
            app.ui(ui);
        });
        let _ = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        self.frames.push(began.elapsed());
    }

    fn send(&mut self, command: Command) {
        self.app.send(command);
    }

    /// Frames until everything that is shown has been computed, or `longest` has passed.
    fn settle(&mut self, longest: Duration) {
        let began = Instant::now();
        while began.elapsed() < longest {
            self.frame(Vec::new());
            if self.app.is_settled() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// From the request for another kilobase to the frame that shows all of it, in wall time.
    fn jumps(&mut self, rounds: u32) {
        let mut waits = Vec::new();
        for round in 0..rounds {
            let start = 100_000.0 + 97_531.0 * f64::from(round);
            self.send(Command::Show {
                contig: 0,
                start,
                end: start + 1_000.0,
            });
            let began = Instant::now();
            self.frame(Vec::new());
            while !self.app.is_view_complete() {
                std::thread::sleep(Duration::from_millis(1));
                self.frame(Vec::new());
            }
            waits.push(began.elapsed());
        }
        waits.sort_unstable();
        let at =
            |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!(
            "jump to a kilobase, heads of the chosen strand, its map and both probabilities: median {:.0} ms, worst of {} {:.0} ms",
            at(0.5),
            waits.len(),
            at(1.0)
        );
    }

    /// Panning with every known site (RegulonDB's where it is at hand), a pin with its arcs, a selection
    /// and the table of the head rows.
    fn with_everything(&mut self, rounds: u32) {
        let sites = std::env::var_os("HEADLIGHT_SHARED").map(std::path::PathBuf::from);
        let sites = sites.map(|shared| shared.join("data/sites/RegulonDB-13.0_TF-RISet.tsv"));
        let mut named = "embedded sites";
        if let Some(path) = sites.filter(|path| path.exists()) {
            named = "all of RegulonDB";
            self.send(Command::Open(path));
            self.settle(Duration::from_mins(1));
        }
        for (name, width, table) in [
            ("4.6 Mb", 4_641_652.0, false),
            ("50 kb", 50_000.0, false),
            ("5 kb", 5_000.0, false),
            ("500 bp", 500.0, false),
            ("500 bp, with the table", 500.0, true),
        ] {
            if table {
                self.send(Command::Place(Place::Table(TableKind::HeadRows)));
            }
            self.frame(Vec::new());
            self.frames.clear();
            for round in 0..rounds {
                let start = 4_400_000.0 * f64::from(round) / f64::from(rounds);
                self.send(Command::Show {
                    contig: 0,
                    start,
                    end: start + width,
                });
                self.send(Command::Place(Place::SelectShown));
                self.frame(Vec::new());
                self.send(Command::Place(Place::PinStrongest));
                for _ in 0..5 {
                    self.send(Command::Pan(0.03));
                    self.frame(Vec::new());
                }
                self.settle(Duration::from_millis(60));
            }
            self.report(&format!("{named}, arcs: {name}"));
        }
        self.send(Command::Place(Place::Table(TableKind::HeadRows)));
        self.frame(Vec::new());
    }

    fn report(&mut self, name: &str) {
        self.frames.sort_unstable();
        let at = |share: f64| {
            let index = ((self.frames.len() - 1) as f64 * share).round() as usize;
            self.frames[index].as_secs_f64() * 1e3
        };
        println!(
            "{name:<44} {:>6} {:>8.2} {:>8.2} {:>8.2}",
            self.frames.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
        self.frames.clear();
    }
}

fn main() {
    // `cargo test` runs benches once to see that they work; the walk is for `cargo bench`.
    let rounds = if std::env::args().any(|argument| argument == "--bench") {
        40
    } else {
        1
    };
    let began = Instant::now();
    let mut bench = Bench::new();
    bench.frame(Vec::new());
    println!(
        "from nothing to the first frame of the embedded example: {:.2} s",
        began.elapsed().as_secs_f64()
    );
    while !bench.app.is_view_complete() {
        bench.frame(Vec::new());
        std::thread::sleep(Duration::from_millis(1));
    }
    println!(
        "until the first view is computed: {:.2} s",
        began.elapsed().as_secs_f64()
    );
    bench.settle(Duration::from_mins(2));
    bench.jumps(rounds);
    println!(
        "{:<44} {:>6} {:>8} {:>8} {:>8}",
        "frames, ms of CPU time", "n", "median", "99 %", "max"
    );
    bench.frames.clear();
    for _ in 0..10 * rounds {
        bench.frame(Vec::new());
    }
    bench.report("idle");
    for (name, width) in [
        ("4.6 Mb", 4_641_652.0),
        ("200 kb", 199_000.0),
        ("20 kb", 20_000.0),
        ("2 kb", 2_000.0),
        ("100 bp", 100.0),
    ] {
        for round in 0..rounds {
            let start = 4_400_000.0 * f64::from(round) / f64::from(rounds);
            bench.send(Command::Show {
                contig: 0,
                start,
                end: start + width,
            });
            for _ in 0..5 {
                bench.send(Command::Pan(0.03));
                bench.frame(Vec::new());
            }
            bench.settle(Duration::from_millis(60));
        }
        bench.report(&format!("panning over {name}, model running"));
    }
    bench.with_everything(rounds);
    bench.send(Command::SummariseHeads);
    for round in 0..rounds {
        let start = 4_400_000.0 * f64::from(round) / f64::from(rounds);
        bench.send(Command::Show {
            contig: 0,
            start,
            end: start + 20_000.0,
        });
        for _ in 0..5 {
            bench.send(Command::Zoom(0.8));
            bench.frame(Vec::new());
        }
        bench.settle(Duration::from_millis(60));
    }
    bench.report("jumping and zooming, heads job running");
}
