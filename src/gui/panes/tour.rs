//! The ten-minute tour: a page whose links do each step.

use super::explain::Topic;
use crate::attention::{HeadId, Received};
use crate::gui::analyses::Analyse;
use crate::gui::command::Command;
use crate::gui::places::Place;
use crate::gui::state::Tab;
use crate::gui::what_if::WhatIfCommand;
use crate::job::analyse::Analysis;
use crate::job::whatif::picture::Panels;
use egui::{RichText, ScrollArea, Window};

/// One step: what to look at, and links that do it.
pub struct Step {
    /// Its heading.
    pub title: &'static str,
    /// What there is to see.
    pub words: &'static str,
    /// Words of a link, and what it does, in order.
    pub links: Vec<(&'static str, Vec<Command>)>,
}

/// The steps, on the embedded example.
#[must_use]
#[allow(clippy::too_many_lines, reason = "one list of steps")]
pub fn steps() -> Vec<Step> {
    let step = |title, words, links| Step {
        title,
        words,
        links,
    };
    let go = |place: &str| Command::GoTo(place.to_owned());
    let change = |text: &str| Command::WhatIf(WhatIfCommand::Change(text.to_owned()));
    let head = HeadId { layer: 3, head: 4 };
    vec![
        step(
            "A gene and its promoter",
            "Genes and known sites lie above, the probability of a start site in the middle, and one row for each attention head below. Wheel and drag zoom and pan.",
            vec![
                ("Go to lacZ", vec![go("lacZ")]),
                ("Zoom to its promoter", vec![go("366301-366420")]),
            ],
        ),
        step(
            "What the colours mean",
            "The legend names the rule. Over expected parts what a head sees in the sequence from where it always looks.",
            vec![
                (
                    "Weighted by P(TSS)",
                    vec![Command::SetRule(Received::Weighted)],
                ),
                (
                    "Over expected",
                    vec![Command::SetRule(Received::OverExpected)],
                ),
                (
                    "Explain the view",
                    vec![Command::Place(Place::Explain(Topic::GenomeView))],
                ),
            ],
        ),
        step(
            "One head in full",
            "The map has a column for each query and a line for each distance. A pinned output draws as arcs which bases the head looks at from there.",
            vec![
                (
                    "Map of L4H5",
                    vec![Command::SelectHead(head), Command::ShowTab(Tab::Map)],
                ),
                (
                    "Pin the strongest output",
                    vec![Command::Place(Place::PinStrongest)],
                ),
            ],
        ),
        step(
            "All heads",
            "A profile, a logo and a positional control for each head, over many start sites. It takes about a minute; nothing else waits for it.",
            vec![
                ("Compute them", vec![Command::SummariseHeads]),
                ("Show the heads", vec![Command::ShowTab(Tab::Heads)]),
            ],
        ),
        step(
            "Find a pattern",
            "Bases in IUPAC codes are found on both strands; F3 goes from hit to hit.",
            vec![(
                "Find TTGACA",
                vec![Command::Place(Place::FindSequence("TTGACA".to_owned()))],
            )],
        ),
        step(
            "Which head is CRP?",
            "Known sites against every head: the dialog says what they are compared with and how long that takes. Effect and q answer; a cell leads to its sites, a site to its place.",
            vec![
                (
                    "Compare with the CRP sites",
                    vec![Command::Analysis(Analyse::Dialog(Analysis::Comparison))],
                ),
                (
                    "Sort by effect",
                    vec![Command::Analysis(Analyse::SortByEffect)],
                ),
                (
                    "Open the first cell",
                    vec![Command::Analysis(Analyse::OpenFirstCell)],
                ),
                (
                    "Go to its best site",
                    vec![Command::Analysis(Analyse::ShowBestSite)],
                ),
            ],
        ),
        step(
            "Change the sequence",
            "Hide the −10 box of lacZ from the model and see its start site fade, and every head change with it.",
            vec![
                (
                    "Mask the −10 box",
                    vec![
                        go("366301-366420"),
                        change("g.366350_366355mask"),
                        Command::WhatIf(WhatIfCommand::Panels(Panels::Difference)),
                    ],
                ),
                ("Switch L4H5 off", vec![change("L4H5:off")]),
                (
                    "Remove all changes",
                    vec![Command::WhatIf(WhatIfCommand::Clear)],
                ),
            ],
        ),
        step(
            "Change every base",
            "Saturation mutagenesis: what each of the four bases in each place does to the score of the start site.",
            vec![(
                "Mutate the promoter",
                vec![
                    go("366301-366420"),
                    Command::Select(None),
                    Command::WhatIf(WhatIfCommand::Saturate),
                ],
            )],
        ),
        step(
            "Take it with you",
            "Every picture can be saved as it is seen; Undo takes back any step of this tour.",
            vec![
                ("Save the genome view", vec![Command::ExportView]),
                ("Undo", vec![Command::Undo]),
                ("Show all keys", vec![Command::Keys]),
            ],
        ),
        step(
            "Your own data",
            "Genomes, annotations, known sites, start sites, motifs and models; what a file is, is found out from its content.",
            vec![
                ("Open a file", vec![Command::OpenDialog]),
                ("Where data come from", vec![Command::Sources]),
            ],
        ),
    ]
}

/// Draws the page while it is open.
pub fn show(shown: &mut bool, ctx: &egui::Context, commands: &mut Vec<Command>) {
    Window::new("A tour in ten minutes")
        .id(egui::Id::unique("tour"))
        .open(shown)
        .collapsible(true)
        .default_size([380.0, 520.0])
        .show(ctx, |ui| {
            ui.weak("On the embedded example. Each link does its step; look, then go on.");
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                for (index, step) in steps().into_iter().enumerate() {
                    ui.add_space(8.0);
                    ui.label(RichText::new(format!("{}. {}", index + 1, step.title)).strong());
                    ui.label(step.words);
                    ui.horizontal_wrapped(|ui| {
                        for (words, does) in step.links {
                            if ui.link(words).clicked() {
                                commands.extend(does);
                            }
                        }
                    });
                }
            });
        });
}
