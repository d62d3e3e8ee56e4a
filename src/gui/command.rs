//! Everything that a user can ask for, with its words and its key, in one place.

use super::analyses::Analyse;
use super::figure_page::{FigureCommand, NewPanel};
use super::panes::explain::Topic;
use super::places::Place;
use super::preferences::ThemeChoice;
use super::state::Tab;
use super::table::TableKind;
use super::what_if::WhatIfCommand;
use crate::attention::Received;
use crate::job::analyse::Analysis;
use crate::job::figure::rule_explanation;
use egui::{Key, KeyboardShortcut, Modifiers};

/// The label of the heads job.
pub const HEADS_JOB: &str = "Profiles and logos of all heads";

/// What the label of a run over the whole genome begins with.
pub const GENOME_JOB: &str = "The whole genome, into";

/// What a pane or a key asks for. Panes send commands; only the app carries them out.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Ask for a file to open.
    OpenDialog,
    /// Open a file whose path was typed, dropped or given.
    Open(std::path::PathBuf),
    /// Open a file of sites or a table in a certain way.
    OpenWith(std::path::PathBuf, Box<crate::sites::read::SiteOptions>),
    /// Open the window in which a path is typed.
    TypePath,
    /// Ask where to save the genome view.
    ExportView,
    /// Ask where to save the selected head's logo.
    ExportLogo,
    /// Ask where to save the heads grid.
    ExportHeads,
    /// Save a picture to a path.
    Save(Picture, std::path::PathBuf),
    /// Go to the place that the text names.
    GoTo(String),
    /// Show this stretch of this contig.
    Show {
        /// Index of the contig.
        contig: usize,
        /// First shown base, 0-based, may be fractional.
        start: f64,
        /// End of the shown stretch.
        end: f64,
    },
    /// Zoom about the middle: below 1 is closer.
    Zoom(f64),
    /// Move by this share of the width; positive is to the right.
    Pan(f64),
    /// To the start of the contig.
    Home,
    /// To the end of the contig.
    End,
    /// To the next gene.
    NextFeature,
    /// To the gene before.
    PreviousFeature,
    /// Back to the place before.
    Back,
    /// Forward again.
    Forward,
    /// Put the cursor into the search box.
    Search,
    /// Select a head.
    SelectHead(crate::attention::HeadId),
    /// Read the other strand.
    SwitchStrand,
    /// Compute profiles and logos of all heads.
    SummariseHeads,
    /// Ask what to keep of a run over the whole genome, and where.
    RunGenomeDialog,
    /// Run the model over the whole genome.
    RunGenome(Vec<crate::attention::store::Statistic>, std::path::PathBuf),
    /// Stop a job.
    CancelJob(crate::job::JobId),
    /// Switch between joined segments and the original's borders.
    SwitchMode,
    /// Switch between dark and light.
    SwitchTheme,
    /// Take back the latest change of the view.
    Undo,
    /// Change it again.
    Redo,
    /// Colour the head rows by this rule.
    SetRule(crate::attention::Received),
    /// Show this tab below the genome view.
    ShowTab(super::state::Tab),
    /// Hide these transcription factors and no others.
    HideTfs(std::collections::BTreeSet<String>),
    /// Leave out the rows of these heads (0-based layer and head) and of no others.
    HideHeads(std::collections::BTreeSet<(usize, usize)>),
    /// Draw the attention of this query as arcs, or of none.
    Pin(Option<super::state::Pin>),
    /// Select a stretch, or nothing.
    Select(Option<super::state::Selection>),
    /// Show tracks in this order and so.
    SetTracks(Vec<super::state::TrackSetting>),
    /// Show the attention map so.
    SetMap(super::state::MapSetting),
    /// Give the selected stretch, or what is shown, a name; its place where none is given.
    Bookmark(Option<String>),
    /// Forget the place of this name.
    RemoveBookmark(String),
    /// Go to the place of this name.
    GoToBookmark(String),
    /// Something about places.
    Place(super::places::Place),
    /// Something about analyses and their tables.
    Analysis(super::analyses::Analyse),
    /// Something about changes of the sequence and of heads.
    WhatIf(super::what_if::WhatIfCommand),
    /// Something about the figure page.
    Figure(super::figure_page::FigureCommand),
    /// Something about training.
    Training(super::training::Train),
    /// Ask where to save the attention map.
    ExportMap,
    /// Ask where to save the selected bases.
    ExportSelection,
    /// Save the workspace where it was saved before; ask where if it was not.
    SaveWorkspace,
    /// Ask where to save the workspace.
    SaveWorkspaceAs,
    /// Save the workspace to a path.
    SaveWorkspaceTo(std::path::PathBuf),
    /// Open what was open when a window closed last.
    OpenLast,
    /// Ask for this file of a workspace that is being opened.
    FindFile(usize),
    /// Look for this file of a workspace, and the others, where it has been moved.
    Relocate(usize, std::path::PathBuf),
    /// Open a workspace with what has been found of it.
    OpenRelocated,
    /// Take up what a crash left.
    Restore,
    /// Give up what a crash left.
    ForgetLeftBehind,
    /// Show or hide the command palette.
    Palette,
    /// Show or hide the settings.
    Settings,
    /// Set light, dark, or what the system says.
    SetTheme(super::preferences::ThemeChoice),
    /// Give panels and windows their first sizes and places.
    ResetLayout,
    /// Show or hide the panel of what is open.
    LeftPanel,
    /// Show or hide the panel of the selected head.
    RightPanel,
    /// Show or hide what the program is and where it keeps its files.
    About,
    /// Close although work is running.
    QuitAnyway,
    /// Show or hide the tour.
    Tour,
    /// Show or hide the window of keys.
    Keys,
    /// Show or hide the window of data sources.
    Sources,
    /// Close.
    Quit,
}

impl Command {
    /// Whether it is part of a gesture, which is one step back as a whole; undoing is no step at all.
    #[must_use]
    pub fn is_gesture(&self) -> bool {
        matches!(self, Self::Zoom(_) | Self::Pan(_) | Self::Undo | Self::Redo)
    }
}

/// What can be saved as a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// The genome view as it stands.
    GenomeView,
    /// The logo of the selected head.
    Logo,
    /// The heads grid.
    HeadsGrid,
    /// The attention map.
    Map,
    /// The selected bases, as FASTA.
    Selection,
    /// The matrix of heads and transcription factors.
    Comparison,
    /// The same as a table.
    ComparisonTable,
    /// The open cell of it, as a table of one line.
    ComparisonRow,
    /// Every site of every cell of it.
    ComparedSites,
    /// Heads and the known motifs that they resemble, as a table.
    NamesTable,
    /// Novel sites, as TSV, BED or GFF3.
    NovelSites,
    /// The matrix of heads against one another.
    Similarity,
    /// The same as a table.
    SimilarityTable,
    /// Curves of how well models predict.
    Evaluation,
    /// The same in numbers.
    EvaluationTable,
    /// The points of the curves.
    EvaluationCurves,
    /// What changes do.
    WhatIf,
    /// The same in numbers.
    WhatIfTable,
    /// What every substitution does.
    Saturation,
    /// The same in numbers.
    Mutations,
    /// The list of changes, as text.
    EditList,
    /// The edited sequence, as FASTA.
    EditedFasta,
    /// The figure page.
    FigurePage,
    /// Its description.
    FigureDescription,
}

impl Picture {
    /// Whether it is a table rather than a picture.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(
            self,
            Self::ComparisonTable
                | Self::ComparisonRow
                | Self::ComparedSites
                | Self::NamesTable
                | Self::NovelSites
                | Self::SimilarityTable
                | Self::EvaluationTable
                | Self::EvaluationCurves
        )
    }
}

/// A command that menus and keys offer, with its words.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it does.
    pub command: Command,
    /// Its words in a menu.
    pub text: &'static str,
    /// What it does, in a sentence.
    pub tooltip: &'static str,
    /// Its key.
    pub shortcut: Option<KeyboardShortcut>,
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

fn analysis(analysis: Analysis, shortcut: Option<KeyboardShortcut>) -> Entry {
    let text = match analysis {
        Analysis::Names => "Heads against known motifs…",
        Analysis::Comparison => "Heads against known sites…",
        Analysis::Ablation => "The model without each head…",
        Analysis::Novel => "Novel sites…",
        Analysis::Redundancy => "Heads against one another…",
        Analysis::Evaluation => "How well the model predicts…",
    };
    Entry {
        command: Command::Analysis(Analyse::Dialog(analysis)),
        text,
        tooltip: analysis.explanation(),
        shortcut,
    }
}

fn export(picture: Picture, text: &'static str, tooltip: &'static str) -> Entry {
    Entry {
        command: Command::Analysis(Analyse::Export(picture)),
        text,
        tooltip,
        shortcut: None,
    }
}

/// Every command with fixed words. Menus, keys and the window of keys are made from this list.
#[allow(
    clippy::too_many_lines,
    reason = "one list, so that nothing is forgotten"
)]
#[must_use]
pub fn entries() -> Vec<Entry> {
    let entry = |command, text, tooltip, shortcut| Entry {
        command,
        text,
        tooltip,
        shortcut,
    };
    vec![
        entry(
            Command::OpenDialog,
            "Open…",
            "Open a genome, an annotation, sites, start sites, motifs or a model; what it is, is found out from its content",
            Some(ctrl(Key::O)),
        ),
        entry(
            Command::TypePath,
            "Open a typed path…",
            "Open a file by its path, where no file dialog is to be had",
            Some(ctrl_shift(Key::O)),
        ),
        entry(
            Command::SaveWorkspace,
            "Save the workspace",
            "Save which files are open, how they were read, and what is shown",
            Some(ctrl(Key::S)),
        ),
        entry(
            Command::SaveWorkspaceAs,
            "Save the workspace as…",
            "Save the workspace under another name",
            Some(ctrl_shift(Key::S)),
        ),
        entry(
            Command::OpenLast,
            "Open what was open last",
            "Take up what was open when a window closed, or before a workspace was opened",
            None,
        ),
        entry(
            Command::ExportView,
            "Save the genome view…",
            "Save this view as SVG or PNG",
            Some(ctrl(Key::E)),
        ),
        entry(
            Command::Figure(FigureCommand::Show),
            "Figure page",
            "Panels of the views on a page in millimetres, as it goes into a paper",
            Some(ctrl(Key::G)),
        ),
        entry(
            Command::Figure(FigureCommand::Add(NewPanel::GenomeView)),
            "Add the genome view to the figure page",
            NewPanel::GenomeView.explanation(),
            Some(ctrl_shift(Key::G)),
        ),
        entry(
            Command::Figure(FigureCommand::Add(NewPanel::Map)),
            "Add the attention map to the figure page",
            NewPanel::Map.explanation(),
            None,
        ),
        entry(
            Command::Figure(FigureCommand::Save),
            "Save the figure page…",
            "Save the page as SVG, PDF or PNG, or the numbers behind it as tables",
            None,
        ),
        entry(
            Command::Figure(FigureCommand::SaveDescription),
            "Save the figure description…",
            "Save the page as a text that `headlight figure` draws without a window",
            None,
        ),
        entry(
            Command::Figure(FigureCommand::OpenDescription),
            "Open a figure description…",
            "Open a page that was saved as a description, with the files that it is drawn from",
            None,
        ),
        entry(
            Command::Figure(FigureCommand::OpenFigure),
            "Open figure…",
            "Go back to what an SVG, PDF or PNG of this program shows",
            None,
        ),
        entry(
            Command::ExportLogo,
            "Save the head's logo…",
            "Save the selected head's logo as SVG or PNG",
            None,
        ),
        entry(
            Command::ExportHeads,
            "Save the heads grid…",
            "Save the grid of all heads as SVG or PNG",
            None,
        ),
        entry(
            Command::Quit,
            "Quit",
            "Close the window",
            Some(ctrl(Key::Q)),
        ),
        entry(
            Command::Palette,
            "Commands…",
            "Find any command, place, head or transcription factor by its name",
            Some(ctrl(Key::P)),
        ),
        entry(
            Command::Settings,
            "Settings…",
            "Theme, size, colours of the bases, threads, layout",
            Some(ctrl(Key::Comma)),
        ),
        entry(
            Command::Search,
            "Search",
            "Go to a locus, a gene, a transcription factor's site or a bookmark, or look for bases",
            Some(ctrl(Key::L)),
        ),
        entry(
            Command::Back,
            "Back",
            "To the place before",
            Some(alt(Key::ArrowLeft)),
        ),
        entry(
            Command::Forward,
            "Forward",
            "To the place after",
            Some(alt(Key::ArrowRight)),
        ),
        entry(
            Command::Undo,
            "Undo",
            "Take back the latest change of the view",
            Some(ctrl(Key::Z)),
        ),
        entry(
            Command::Redo,
            "Redo",
            "Do again what was taken back",
            Some(ctrl_shift(Key::Z)),
        ),
        entry(
            Command::Bookmark(None),
            "Bookmark this place",
            "Remember the selected stretch, or what is shown",
            Some(ctrl(Key::D)),
        ),
        entry(
            Command::Zoom(0.5),
            "Zoom in",
            "Show half as much",
            Some(key(Key::Plus)),
        ),
        entry(
            Command::Zoom(2.0),
            "Zoom out",
            "Show twice as much",
            Some(key(Key::Minus)),
        ),
        entry(
            Command::Pan(-0.25),
            "Left",
            "Move to the left",
            Some(key(Key::ArrowLeft)),
        ),
        entry(
            Command::Pan(0.25),
            "Right",
            "Move to the right",
            Some(key(Key::ArrowRight)),
        ),
        entry(
            Command::Pan(-0.9),
            "A page left",
            "Move to the left by nearly a width",
            Some(key(Key::PageUp)),
        ),
        entry(
            Command::Pan(0.9),
            "A page right",
            "Move to the right by nearly a width",
            Some(key(Key::PageDown)),
        ),
        entry(
            Command::Home,
            "Start of the contig",
            "Show the start of the contig",
            Some(key(Key::Home)),
        ),
        entry(
            Command::End,
            "End of the contig",
            "Show the end of the contig",
            Some(key(Key::End)),
        ),
        entry(
            Command::NextFeature,
            "Next gene",
            "Centre the next gene to the right",
            Some(key(Key::F)),
        ),
        entry(
            Command::PreviousFeature,
            "Previous gene",
            "Centre the next gene to the left",
            Some(key(Key::B)),
        ),
        entry(
            Command::SwitchStrand,
            "Other strand",
            "Read the other strand in the head rows",
            Some(key(Key::S)),
        ),
        entry(
            Command::SwitchMode,
            "Segment borders on or off",
            "With borders, the numbers are those of the original evaluation: every segment starts and ends in zero \
             padding. Without, convolutions see across, and no place depends on where segments happen to begin",
            None,
        ),
        entry(
            Command::SwitchTheme,
            "Dark or light",
            "Switch between the dark and the light theme",
            None,
        ),
        entry(
            Command::SetTheme(ThemeChoice::System),
            "Theme: as the system",
            "Dark or light as the system is set",
            None,
        ),
        entry(
            Command::SetTheme(ThemeChoice::Light),
            "Theme: light",
            "Dark text on a light page",
            None,
        ),
        entry(
            Command::SetTheme(ThemeChoice::Dark),
            "Theme: dark",
            "Light text on a dark page",
            None,
        ),
        entry(
            Command::LeftPanel,
            "Panel: what is open",
            "Show or hide the panel on the left",
            Some(key(Key::OpenBracket)),
        ),
        entry(
            Command::RightPanel,
            "Panel: selected head",
            "Show or hide the panel on the right",
            Some(key(Key::CloseBracket)),
        ),
        entry(
            Command::ShowTab(Tab::Map),
            "Tab: attention map",
            "Every weight of the selected head in this window",
            Some(ctrl(Key::Num1)),
        ),
        entry(
            Command::ShowTab(Tab::Heads),
            "Tab: heads",
            "Profile and logo of every head",
            Some(ctrl(Key::Num2)),
        ),
        entry(
            Command::ShowTab(Tab::Jobs),
            "Tab: jobs",
            "What is being computed",
            Some(ctrl(Key::Num3)),
        ),
        entry(
            Command::ShowTab(Tab::Hits),
            "Tab: hits",
            "Where the bases that were typed into the search box occur",
            Some(ctrl(Key::Num4)),
        ),
        entry(
            Command::ShowTab(Tab::Compare),
            "Tab: compare",
            "Heads against known binding sites",
            Some(ctrl(Key::Num5)),
        ),
        entry(
            Command::ShowTab(Tab::Novel),
            "Tab: novel sites",
            "Peaks of attention where nothing is known",
            Some(ctrl(Key::Num6)),
        ),
        entry(
            Command::ShowTab(Tab::Similar),
            "Tab: similar heads",
            "Heads against one another",
            Some(ctrl(Key::Num7)),
        ),
        entry(
            Command::ShowTab(Tab::WhatIf),
            "Tab: what if",
            "Change bases, switch heads off, and see what that does",
            Some(ctrl(Key::Num8)),
        ),
        entry(
            Command::ShowTab(Tab::Training),
            "Train a model",
            "Plan a training run, watch its curves, and use its model",
            Some(ctrl(Key::Num9)),
        ),
        entry(
            Command::ShowTab(Tab::Evaluation),
            "Evaluation of models",
            "ROC, precision over recall and calibration, with baselines",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Delete),
            "What if: delete the selected bases",
            "Take the selected bases out and see what that does",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Mask),
            "What if: mask the selected bases",
            "Hide the selected bases, or all that is shown, from the model and see what that does",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Saturate),
            "What if: mutate every base",
            "Change every selected base, or every base that is shown, to each of the others (saturation mutagenesis)",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Export(Picture::Saturation)),
            "Save the mutagenesis…",
            "Save what every substitution does as SVG or PNG",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Export(Picture::Mutations)),
            "Save the mutagenesis as numbers…",
            "Save every substitution with its effect, tab-separated",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Clear),
            "What if: remove all changes",
            "Forget all changes of bases and heads",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Export(Picture::WhatIf)),
            "Save what changes do…",
            "Save the picture of the what-if tab as SVG or PNG",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Export(Picture::WhatIfTable)),
            "Save what changes do as numbers…",
            "Save probability and head rows before and after, tab-separated",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Export(Picture::EditList)),
            "Save the list of changes…",
            "Save the changes as text, in the manner of HGVS",
            None,
        ),
        entry(
            Command::WhatIf(WhatIfCommand::Export(Picture::EditedFasta)),
            "Save the edited sequence…",
            "Save the edited sequence in view as FASTA",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::WhatIf)),
            "What am I looking at? What if",
            "Explains the what-if tab in plain words",
            None,
        ),
        entry(
            Command::ResetLayout,
            "Reset the layout",
            "Give panels and windows their first sizes and places",
            None,
        ),
        entry(
            Command::SetRule(Received::Mean),
            "Colour: received, mean",
            rule_explanation(Received::Mean),
            None,
        ),
        entry(
            Command::SetRule(Received::Weighted),
            "Colour: received, weighted by P(TSS)",
            rule_explanation(Received::Weighted),
            None,
        ),
        entry(
            Command::SetRule(Received::OverExpected),
            "Colour: weighted, over expected",
            rule_explanation(Received::OverExpected),
            None,
        ),
        entry(
            Command::HideTfs(std::collections::BTreeSet::new()),
            "Show all transcription factors",
            "Hide no transcription factor any more",
            None,
        ),
        entry(
            Command::HideHeads(std::collections::BTreeSet::new()),
            "Show all head rows",
            "Leave out the row of no head any more",
            None,
        ),
        entry(
            Command::Place(Place::HideHead),
            "Hide the selected head's row",
            "Leave out the row of the selected head in the genome view",
            None,
        ),
        entry(
            Command::Place(Place::HideLayer),
            "Hide the rows of the selected head's layer",
            "Leave out the rows of the selected head's layer in the genome view",
            None,
        ),
        entry(
            Command::Place(Place::OnlyLayer),
            "Show only the rows of the selected head's layer",
            "Leave out the rows of all layers but that of the selected head",
            None,
        ),
        entry(
            Command::Pin(None),
            "Unpin the query",
            "Draw no arcs of a pinned query any more",
            Some(KeyboardShortcut::new(Modifiers::SHIFT, Key::P)),
        ),
        entry(
            Command::Select(None),
            "Select nothing",
            "Forget the selected stretch",
            None,
        ),
        entry(
            Command::SummariseHeads,
            HEADS_JOB,
            "Run the model around start sites and cut a logo for each head, with its positional control",
            Some(ctrl(Key::H)),
        ),
        analysis(Analysis::Names, None),
        analysis(Analysis::Comparison, Some(ctrl_shift(Key::C))),
        analysis(Analysis::Ablation, None),
        analysis(Analysis::Novel, None),
        analysis(Analysis::Redundancy, None),
        entry(
            Command::Analysis(Analyse::SortByEffect),
            "Sort the cells by effect",
            "List heads and transcription factors with the largest effect first",
            None,
        ),
        entry(
            Command::Analysis(Analyse::OpenFirstCell),
            "Open the first cell",
            "Show the sites behind the first of the listed heads and transcription factors",
            None,
        ),
        entry(
            Command::Analysis(Analyse::ShowBestSite),
            "Go to the open cell's best site",
            "Show the site that gets the most attention for its place, with its promoter's output pinned",
            None,
        ),
        analysis(Analysis::Evaluation, None),
        export(
            Picture::Comparison,
            "Save the comparison's picture…",
            "Save the matrix of heads and transcription factors as SVG or PNG",
        ),
        export(
            Picture::ComparisonTable,
            "Save the comparison's table…",
            "Save every cell as TSV, with its provenance beside it",
        ),
        export(
            Picture::ComparisonRow,
            "Save the open cell's row…",
            "Save the numbers of the open head and transcription factor as TSV, with their provenance beside it",
        ),
        export(
            Picture::ComparedSites,
            "Save the compared sites…",
            "Save every site of every cell with its weight and rank as TSV",
        ),
        export(
            Picture::NamesTable,
            "Save the table of names…",
            "Save the heads with the known motifs that they resemble as TSV",
        ),
        export(
            Picture::NovelSites,
            "Save the novel sites…",
            "Save the novel sites as TSV, BED or GFF3",
        ),
        export(
            Picture::Similarity,
            "Save the picture of similar heads…",
            "Save the matrix of heads against one another as SVG or PNG",
        ),
        export(
            Picture::SimilarityTable,
            "Save the pairs of heads…",
            "Save how alike every two heads are as TSV",
        ),
        export(
            Picture::Evaluation,
            "Save the evaluation's curves as a picture…",
            "Save ROC, precision over recall and calibration as SVG, PDF or PNG",
        ),
        export(
            Picture::EvaluationTable,
            "Save the evaluation's numbers…",
            "Save what headlight evaluate prints as TSV, with its provenance beside it",
        ),
        export(
            Picture::EvaluationCurves,
            "Save the points of the evaluation's curves…",
            "Save the points as TSV, of which figures of the kind curves are drawn",
        ),
        entry(
            Command::RunGenomeDialog,
            "Run over the whole genome…",
            "Keep the probability and what every head looks at on both strands, as arrays on disk; wide views are drawn from it",
            None,
        ),
        entry(
            Command::ExportMap,
            "Save the attention map…",
            "Save the attention map of the selected head as SVG or PNG",
            None,
        ),
        entry(
            Command::ExportSelection,
            "Save the selected bases…",
            "Save the selected bases as FASTA",
            None,
        ),
        entry(
            Command::Place(Place::SelectShown),
            "Select what is shown",
            "Select all bases in view",
            None,
        ),
        entry(
            Command::Place(Place::ZoomToSelection),
            "Zoom to the selection",
            "Show the selected stretch and nothing else",
            Some(key(Key::Z)),
        ),
        entry(
            Command::Place(Place::CopySequence),
            "Copy the selected bases",
            "Copy the selected bases as they are read on the strand of the head rows",
            None,
        ),
        entry(
            Command::Place(Place::CopyFasta),
            "Copy the selection as FASTA",
            "Copy the selected bases as FASTA, with their place",
            None,
        ),
        entry(
            Command::Place(Place::PinStrongest),
            "Pin the strongest output",
            "Pin the output with the highest P(TSS) in view, and draw what the selected head looks at as arcs",
            Some(key(Key::P)),
        ),
        entry(
            Command::Place(Place::StepHit(true)),
            "Next hit",
            "Go to the next place where the pattern of bases was found",
            Some(key(Key::F3)),
        ),
        entry(
            Command::Place(Place::StepHit(false)),
            "Previous hit",
            "Go to the place before where the pattern of bases was found",
            Some(KeyboardShortcut::new(Modifiers::SHIFT, Key::F3)),
        ),
        entry(
            Command::Place(Place::SitesOverHeads),
            "Sites over the head rows",
            "Outline the known sites over the rows of the heads, or not",
            None,
        ),
        entry(
            Command::Place(Place::Table(TableKind::HeadRows)),
            TableKind::HeadRows.title(),
            "The numbers of the head rows, to read or to copy",
            Some(key(Key::T)),
        ),
        entry(
            Command::Place(Place::Table(TableKind::Map)),
            TableKind::Map.title(),
            "The numbers of the attention map, to read or to copy",
            None,
        ),
        entry(
            Command::Place(Place::Table(TableKind::Heads)),
            TableKind::Heads.title(),
            "The numbers of all heads, to read or to copy",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::GenomeView)),
            "What am I looking at? The genome view",
            "Explains the genome view in plain words",
            Some(key(Key::F1)),
        ),
        entry(
            Command::Place(Place::Explain(Topic::Map)),
            "What am I looking at? The attention map",
            "Explains the attention map in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Heads)),
            "What am I looking at? The heads",
            "Explains the heads in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::SelectedHead)),
            "What am I looking at? The selected head",
            "Explains the selected head in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Hits)),
            "What am I looking at? The hits",
            "Explains the hits in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Jobs)),
            "What am I looking at? The jobs",
            "Explains the jobs in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Compare)),
            "What am I looking at? The comparison",
            "Explains the comparison of heads and sites in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Novel)),
            "What am I looking at? Novel sites",
            "Explains the novel sites in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Similar)),
            "What am I looking at? Similar heads",
            "Explains the similarity of heads in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Training)),
            "What am I looking at? Training",
            "Explains training in plain words",
            None,
        ),
        entry(
            Command::Place(Place::Explain(Topic::Evaluation)),
            "What am I looking at? Evaluation",
            "Explains the evaluation in plain words",
            None,
        ),
        entry(
            Command::About,
            "About, log and data folder",
            "The version, and where the program keeps its log and its settings",
            None,
        ),
        entry(
            Command::Tour,
            "A tour in ten minutes",
            "What there is to see, step by step, with links that do each step",
            None,
        ),
        entry(
            Command::Keys,
            "Keys",
            "Show all keys",
            Some(key(Key::Questionmark)),
        ),
        entry(
            Command::Sources,
            "Data sources",
            "Where genomes, sites and motifs come from, which file to pick, and on what terms",
            None,
        ),
    ]
}

/// The entry of a command with fixed words.
#[must_use]
pub fn entry_of(command: &Command) -> Option<Entry> {
    entries()
        .into_iter()
        .find(|entry| entry.command == *command)
}

/// A key as it is written on the keyboard: `Ctrl+,` rather than `Ctrl+Comma`.
#[must_use]
pub fn key_text(ctx: &egui::Context, shortcut: KeyboardShortcut) -> String {
    let text = ctx.format_shortcut(&shortcut);
    let (held, last) = text.rsplit_once('+').unwrap_or(("", &text));
    let written = match last {
        "Comma" => ",",
        "OpenBracket" => "[",
        "CloseBracket" => "]",
        "Plus" => "+",
        "Minus" => "−",
        "Questionmark" => "?",
        "Left" => "←",
        "Right" => "→",
        other => other,
    };
    if held.is_empty() {
        written.to_owned()
    } else {
        format!("{held}+{written}")
    }
}

fn modifier_count(modifiers: Modifiers) -> u32 {
    [
        modifiers.command || modifiers.ctrl,
        modifiers.shift,
        modifiers.alt,
    ]
    .into_iter()
    .map(u32::from)
    .sum()
}

/// Commands whose keys were pressed in this frame. Bare keys count only while no text is being typed.
pub fn pressed(ctx: &egui::Context) -> Vec<Command> {
    let typing = ctx.text_edit_focused();
    // A question is answered before anything else; the window can always be closed.
    let asked = ctx.memory(|memory| memory.top_modal_layer().is_some());
    let mut commands = Vec::new();
    let mut with_keys = entries();
    // egui lets Ctrl+O match while Shift is held too: the key with more modifiers is asked first.
    with_keys.sort_by_key(|entry| {
        std::cmp::Reverse(
            entry
                .shortcut
                .map_or(0, |shortcut| modifier_count(shortcut.modifiers)),
        )
    });
    for entry in with_keys {
        let Some(shortcut) = entry.shortcut else {
            continue;
        };
        // What is being typed has its own steps back.
        let of_text = matches!(entry.command, Command::Undo | Command::Redo);
        if asked && !matches!(entry.command, Command::Quit | Command::Palette) {
            continue;
        }
        if typing && (shortcut.modifiers.is_none() || of_text) {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) {
            commands.push(entry.command);
        }
    }
    // `+` needs Shift on many keyboards and arrives as `=` on others.
    if !typing && !asked && ctx.input(|input| input.key_pressed(Key::Equals)) {
        commands.push(Command::Zoom(0.5));
    }
    commands
}
