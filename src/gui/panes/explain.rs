//! What am I looking at? Each view in plain words.

use crate::gui::app::App;
use egui::Window;

/// A view that can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The tracks in the centre.
    GenomeView,
    /// The attention map.
    Map,
    /// The cards of all heads.
    Heads,
    /// The panel of the selected head.
    SelectedHead,
    /// The list of hits.
    Hits,
    /// The list of jobs.
    Jobs,
    /// Heads against known sites.
    Compare,
    /// Novel sites.
    Novel,
    /// Heads against one another.
    Similar,
    /// The what-if tab.
    WhatIf,
    /// A training run.
    Training,
    /// How well models predict.
    Evaluation,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::GenomeView,
        Self::Map,
        Self::Heads,
        Self::SelectedHead,
        Self::Hits,
        Self::Jobs,
        Self::Compare,
        Self::Novel,
        Self::Similar,
        Self::WhatIf,
        Self::Training,
        Self::Evaluation,
    ];

    /// The name of the view.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::GenomeView => "The genome view",
            Self::Map => "The attention map",
            Self::Heads => "All heads as cards",
            Self::SelectedHead => "The selected head",
            Self::Hits => "Hits of a pattern",
            Self::Jobs => "Jobs",
            Self::Compare => "Heads against known sites",
            Self::Novel => "Novel sites",
            Self::Similar => "Heads against one another",
            Self::WhatIf => "What if",
            Self::Training => "Training",
            Self::Evaluation => "How well models predict",
        }
    }

    /// What it shows, paragraph by paragraph.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::GenomeView => &[
                "A stretch of the genome from left to right. The line above it stands for the whole contig; drag its frame to move.",
                "Genes are arrows in their direction of reading. Sites are places where transcription factors are known to bind, each factor in a look of its own (list at the left).",
                "P(TSS) is how likely the model thinks that a transcription start site lies a fixed distance upstream of the base: + upwards, − downwards.",
                "Below it each row is one attention head of the model. A bright base is one that the head looks at, on the strand that the bar at the top names. The legend says what the colours measure; the list at the top changes it.",
                "Attention shows where the model looks, not what it needs. From the second layer on every base has already mixed with its neighbours.",
                "To pin an output and see its arcs click into P(TSS), or press P. Hold Shift and drag to select bases. The wheel zooms, a drag pans.",
            ],
            Self::Map => &[
                "Every weight of one head. Each column is a base of the genome view as query: the place where the model stands. Each line down is one base farther back along the strand: the key that it looks at.",
                "A bright spot means: from this base the head looks back that far. A bright horizontal line is a head that looks at a fixed distance. A bright slanted line is one base that many queries look at.",
                "The lines +1, −10 and −35 mark the keys at these places relative to the start site that the query scores. Slanted outlines are known sites; genes and sites lie along the upper edge.",
                "Weight over expected divides by what the head gives to any key at that distance: what is left is what it sees in the sequence.",
                "Click a cell to pin its query: arcs in the genome view show where it looks.",
            ],
            Self::Heads => &[
                "One card for each head. The curve is where the head looks, by position relative to start sites. The letters are what lies at the base with the largest weight: tall letters are nearly always the same.",
                "A head that blindly looks 30 bases back shows letters too. So the head's own distances are dealt out at random among the start sites and cut again, many times: the logo passes if it holds more than nearly all of those. Grey cards do not pass.",
            ],
            Self::SelectedHead => &[
                "The head that was clicked in the genome view, in the map or among the cards.",
                "Where it looks: its mean weight by position relative to start sites. What is there: the bases at its largest weight, as a logo, with its numbers and whether it passes the positional control.",
                "The windows behind the logo lead to the places themselves.",
            ],
            Self::Hits => &[
                "Every place where the bases that were typed into the search box occur, on both strands. IUPAC codes stand for several bases: R is A or G, N is any.",
                "Click a line, or press F3 and Shift+F3, to go from one to the next.",
            ],
            Self::Compare => &[
                "Each row is a head, each column a transcription factor. The colour says how much of the attention the factor's sites get: for each site, the share of other promoters that get less at the same place, averaged over the sites (AUROC). 0.5 is chance; above it the head looks at the sites, below it away from them.",
                "A ring marks cells with q < 0.05: among all of these at most one in twenty is expected to be chance. A dot marks p_max < 0.05, which is stricter: how often chance alone makes a cell as extreme as this one anywhere in the table.",
                "Evidence, part, strand and region say what was compared: another choice brings other numbers, and is compared anew.",
                "Click a cell to list its sites, the one with the most attention for its place first; click a site to go there.",
                "That a head looks at sites does not show that the model needs it, or that it knows the factor: sites of several factors lie together, and at like distances from start sites.",
            ],
            Self::Novel => &[
                "Peaks of attention between genes that overlap no known site and no −10 or −35 box of a known or predicted promoter.",
                "The same search is done on genomes whose regions between genes were shuffled. The false discovery rate of a score is how many peaks of these reach it, over how many of the real ones do, head by head.",
                "A peak that passes is more than pairs of neighbouring bases explain. That a protein binds there is not shown.",
            ],
            Self::Similar => &[
                "How alike every two heads are: by where they look, by their motifs, and by how often they look at the same base. Heads that are alike stand together.",
                "Click a pair to select the one head and then the other. Heads that are alike may do the same work: removing one of them then shows little.",
            ],
            Self::WhatIf => &[
                "The sequence in view as it is and as you change it: bases replaced, put in, taken out or hidden from the model, and heads switched off. The genome itself stays as it is.",
                "Click a letter and type another one over it, or use the buttons. Bases are those of the forward strand. Both sequences are drawn one above the other; a column of its own stands for every base that was put in, and a dash for every one that was taken out.",
                "The grey area is P(TSS) before, the line after. The rows are the heads: red where a base is looked at more than before, blue where less.",
                "Changes stay in the list wherever you go. Each can be named, gone to and removed; Undo takes them back. What is saved as FASTA is the edited sequence; hidden bases are written as they are.",
                "Every substitution: what each of the four bases in each place does to the score of the strongest start site there. The latest eight maps are kept with the workspace.",
                "Only what the model makes of the sequence is shown, not what a cell would. A base can matter through its neighbours, and an untrained-for sequence can be judged wrongly.",
            ],
            Self::Training => &[
                "A model learns from the labels of the training part of the genome. The line of the training loss says how well it fits what it has just read; that of the validation loss how well it does on a part that it does not learn from.",
                "Each validation keeps the model where its loss is the lowest so far. When the validation loss rises again while the training loss falls, the model learns its examples by heart.",
                "ROC AUC and average precision are measured on the validation part. The test part is never read: it is there for one evaluation at the end.",
                "Stop saves where the run is; Go on continues in the same folder, bit for bit as if it had not been stopped. The folder is the one that headlight train writes: either can go on with what the other began.",
            ],
            Self::Evaluation => &[
                "Every position of a region, on both strands, is ranked by the model's score. ROC: the share of labels found over the share of other positions taken along, from the top of the ranking downwards. Precision over recall: the share of labels among what was taken. Labels are rare, so that precision says more.",
                "Beside the model: a position-weight matrix counted on the training part, and a random order. Intervals are the middle 95 % of 2,000 draws of blocks of 20 kb, because neighbouring positions are not independent.",
                "Calibration: positions whose probability is alike, and the share of labels among them. On the dashed line a probability means what it says. Axes are logarithmic.",
                "The test part is for the number that is reported at the end. Who chooses between models by it has no test part any more: choose by the validation part.",
                "Against another model: both are scored on the same positions, and the difference has its interval from the same draws of blocks for both. Where the interval holds 0, neither is shown to be better.",
                "Earlier evaluations stay, and are drawn together, each with its own baselines. Numbers and curves are saved of the marked line.",
            ],
            Self::Jobs => &[
                "Long computations that run in the background, with how far they have come. Each can be stopped; nothing else waits for them.",
            ],
        }
    }
}

/// Draws the window while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    let Some(topic) = app.explained else { return };
    let mut open = true;
    Window::new(format!("What am I looking at? {}", topic.title()))
        .id(egui::Id::unique("explained"))
        .open(&mut open)
        .collapsible(false)
        .default_pos(super::WINDOW_AT)
        .default_width(460.0)
        .show(ctx, |ui| {
            for words in topic.words() {
                ui.label(*words);
                ui.add_space(6.0);
            }
        });
    if !open {
        app.explained = None;
    }
}
