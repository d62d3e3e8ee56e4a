//! A user who wanders about in the window for as long as it takes, and looks at what is kept meanwhile.
//!
//! One action is what a hand does in about a second: a jump, a pan, some notches of the wheel, another head,
//! other colours, a pin, a tab. After each the pages in view are computed for as long as the pace allows.

use headlight::analysis::random::Random;
use headlight::attention::HeadId;
use headlight::genome::Interval;
use headlight::gui::{
    App, Cache, Command, MapColors, MapSetting, Place, Remembered, Saved, Selection, Tab,
    TableKind, TrackSetting, ViewOptions,
};
use headlight::job::{example, figure::RULES};
use headlight::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A window without a display, and dice.
pub struct Walk {
    ctx: egui::Context,
    app: App,
    random: Random,
    screen: egui::Vec2,
    /// Frames that were drawn.
    pub frames: usize,
    /// The most of each cache that was ever held.
    pub most: Vec<Cache>,
}

impl Walk {
    /// A window on the embedded example, with RegulonDB's sites beside it where they are at hand.
    pub fn new(seed: u64, sites: Option<PathBuf>) -> Self {
        let ctx = egui::Context::default();
        let workspace = Workspace::new(example::load().expect("the embedded example"));
        let options = ViewOptions {
            files: sites.into_iter().collect(),
            without_heads: true,
            ..ViewOptions::default()
        };
        let app = App::new(
            &ctx,
            workspace,
            Remembered::default(),
            options,
            Saved::default(),
        );
        let mut walk = Self {
            ctx,
            app: app.expect("threads"),
            random: Random::new(seed, 0),
            screen: egui::vec2(1400.0, 900.0),
            frames: 0,
            most: Vec::new(),
        };
        walk.settle(Duration::from_mins(2));
        walk
    }

    fn frame(&mut self) {
        let input = egui::RawInput {
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, self.screen)),
            ..Default::default()
        };
        let app = &mut self.app;
        let output = self.ctx.run_ui(input, |ui| {
            app.logic(ui.ctx());
            app.ui(ui);
        });
        let _ = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        self.frames += 1;
    }

    /// Frames until everything in view is computed, or `longest` has passed.
    fn settle(&mut self, longest: Duration) {
        let began = Instant::now();
        loop {
            self.frame();
            if self.app.is_settled() || began.elapsed() >= longest {
                return;
            }
            std::thread::sleep(Duration::from_millis(4));
        }
    }

    fn share(&mut self) -> f64 {
        self.random.below(10_000) as f64 / 10_000.0
    }

    fn send(&mut self, command: Command) {
        self.app.send(command);
    }

    /// One action, then computing for at most `pace`.
    pub fn step(&mut self, pace: Duration) {
        let viewport = self.app.viewport();
        let contig_bp = viewport.contig_bp as f64;
        match self.random.below(24) {
            0..=5 => {
                // From 60 bases to all of them, every power of ten alike.
                let width = 10_f64.powf(1.8 + 4.9 * self.share()).min(contig_bp);
                let start = self.share() * (contig_bp - width).max(0.0);
                let end = start + width;
                self.send(Command::Show {
                    contig: 0,
                    start,
                    end,
                });
            }
            6..=8 => {
                let by = if self.random.below(2) == 0 { 0.2 } else { -0.2 };
                for _ in 0..4 {
                    self.send(Command::Pan(by));
                    self.frame();
                }
            }
            9 | 10 => {
                let factor = if self.random.below(2) == 0 { 0.7 } else { 1.4 };
                for _ in 0..5 {
                    self.send(Command::Zoom(factor));
                    self.frame();
                }
            }
            11 | 12 => {
                let (layer, head) = (self.random.below(6), self.random.below(6));
                self.send(Command::SelectHead(HeadId { layer, head }));
            }
            13 => {
                let rule = RULES[self.random.below(RULES.len())];
                self.send(Command::SetRule(rule));
            }
            14 => self.send(Command::SwitchStrand),
            15 => {
                self.send(Command::Place(Place::PinStrongest));
                self.frame();
                if self.random.below(3) == 0 {
                    self.send(Command::Pin(None));
                }
            }
            16 => self.looks(),
            17 => {
                let tabs = [
                    Tab::Map,
                    Tab::Map,
                    Tab::Heads,
                    Tab::Hits,
                    Tab::Jobs,
                    Tab::WhatIf,
                ];
                let tab = tabs[self.random.below(tabs.len())];
                self.send(Command::ShowTab(tab));
            }
            18 => self.filters(),
            19 => {
                for _ in 0..3 {
                    self.send(Command::Undo);
                    self.frame();
                }
                if self.random.below(2) == 0 {
                    self.send(Command::Redo);
                }
            }
            20 => self.map(),
            21 => {
                let start = (viewport.start + self.share() * viewport.width_bp()) as usize;
                let end = (start + 1 + self.random.below(200)).min(viewport.contig_bp);
                let interval = Interval::new(start.min(end - 1), end);
                let selection = Selection {
                    contig: 0,
                    interval,
                };
                self.send(Command::Select(Some(selection)));
            }
            22 => {
                let kinds = [
                    Command::Back,
                    Command::Forward,
                    Command::NextFeature,
                    Command::Home,
                    Command::End,
                ];
                let command = kinds[self.random.below(kinds.len())].clone();
                self.send(command);
            }
            _ => {
                let texts = ["lacZ", "araC", "crp", "TATAATG", "TGTGANNNNNNTCACA", "rpoD"];
                let text = texts[self.random.below(texts.len())];
                self.send(if text.starts_with('T') {
                    Command::Place(Place::FindSequence(text.to_owned()))
                } else {
                    Command::GoTo(text.to_owned())
                });
            }
        }
        self.settle(pace);
        self.look();
    }

    /// Theme, size, tables, borders, tracks.
    fn looks(&mut self) {
        match self.random.below(6) {
            0 => self.send(Command::SwitchTheme),
            1 => {
                let wide = self.random.below(2) == 0;
                self.screen = if wide {
                    egui::vec2(2560.0, 1440.0)
                } else {
                    egui::vec2(1000.0, 700.0)
                };
            }
            2 => self.send(Command::Place(Place::Table(TableKind::HeadRows))),
            3 => self.send(Command::SwitchMode),
            4 => {
                let height = 0.5 + self.random.below(6) as f32 / 2.0;
                self.send(Command::SetTracks(vec![TrackSetting {
                    track: "heads".to_owned(),
                    height,
                    ..TrackSetting::default()
                }]));
            }
            _ => {
                let heads = (0..self.random.below(20)).map(|i| (i / 6, i % 6));
                let heads: BTreeSet<_> = heads.collect();
                self.send(Command::HideHeads(heads));
            }
        }
    }

    /// Which factors are shown, and whose next site.
    fn filters(&mut self) {
        let sites = &self.app.workspace().sites;
        let all: BTreeSet<String> = sites
            .iter()
            .flat_map(|set| &set.sites)
            .map(|site| site.tf().to_owned())
            .collect();
        let chosen = all.iter().nth(self.random.below(all.len().max(1))).cloned();
        let Some(tf) = chosen else { return };
        let command = match self.random.below(4) {
            0 => Command::Place(Place::OnlyTf(tf)),
            1 => Command::HideTfs(BTreeSet::new()),
            2 => Command::Place(Place::SitesOverHeads),
            _ => Command::Place(Place::StepSite(tf, true)),
        };
        self.send(command);
    }

    fn map(&mut self) {
        let colors = MapColors::ALL[self.random.below(MapColors::ALL.len())];
        let free = self.random.below(3) == 0;
        let longest = self.random.below(2) == 0;
        self.send(Command::ShowTab(Tab::Map));
        let map = MapSetting {
            free: free.then(|| self.app.viewport()),
            longest_bp: longest.then_some(64),
            colors,
        };
        self.send(Command::SetMap(map));
    }

    /// Looks at what is kept.
    ///
    /// # Panics
    /// When a cache has outgrown its budget.
    fn look(&mut self) {
        let caches = self.app.caches();
        for cache in &caches {
            assert!(cache.held <= cache.budget, "{cache:?}");
        }
        if self.most.is_empty() {
            self.most.clone_from(&caches);
        }
        for (most, cache) in self.most.iter_mut().zip(caches) {
            most.held = most.held.max(cache.held);
        }
    }
}

/// Bytes of memory that the process holds at the moment, where the system says so.
pub fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
