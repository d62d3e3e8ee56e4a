//! File dialogs of the desktop, off the UI thread, and the window in which a path is typed instead.

use super::command::{Command, Picture};
use super::notices::{Notices, Weight};
use crate::job::saved::ENDING;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Dialogs that are open.
#[derive(Debug, Default)]
pub struct Dialogs {
    asked: Vec<Asked>,
    typed: Option<Typed>,
    /// What a save dialog of the workspace offers.
    workspace_name: String,
}

#[derive(Debug)]
struct Asked {
    answer: Receiver<Answer>,
    purpose: Purpose,
}

/// What a dialog gave, and how long it took: not until when a slow frame asked for it.
struct Answer {
    paths: Option<Vec<PathBuf>>,
    took: Duration,
}

/// Nobody opens, reads and cancels a dialog within this time.
const SOONEST_CANCEL: Duration = Duration::from_millis(800);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Open,
    Save(Picture),
    SaveWorkspace,
    Find(usize),
}

#[derive(Debug)]
struct Typed {
    purpose: Purpose,
    text: String,
    fresh: bool,
}

impl Purpose {
    fn command(self, path: PathBuf) -> Command {
        match self {
            Self::Open => Command::Open(path),
            Self::Save(picture) => Command::Save(picture, path),
            Self::SaveWorkspace => Command::SaveWorkspaceTo(path),
            Self::Find(index) => Command::Relocate(index, path),
        }
    }
}

/// Files that were chosen or dropped together, in the order in which they are opened: genomes first, because
/// everything else is read on the open genome, and opening one closes what belongs to the one before.
pub fn in_order(mut paths: Vec<PathBuf>) -> impl Iterator<Item = PathBuf> {
    const GENOMES: [&str; 10] = [
        "fa", "fas", "fasta", "fna", "gb", "gbk", "gbff", "genbank", "2bit", "ffn",
    ];
    let is_genome = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        plain
            .rsplit_once('.')
            .is_some_and(|(_, ending)| GENOMES.contains(&ending))
    };
    paths.sort_by_key(|path| !is_genome(path));
    paths.into_iter()
}

impl Dialogs {
    /// Asks for files to open.
    pub fn ask_open(&mut self) {
        self.ask(Purpose::Open, || {
            rfd::FileDialog::new()
                .set_title("Open in Headlight")
                .pick_files()
        });
    }

    /// Asks for a figure description, or for a figure to go back to.
    pub fn ask_open_figure(&mut self, description: bool) {
        self.ask(Purpose::Open, move || {
            let dialog = rfd::FileDialog::new();
            let dialog = if description {
                let dialog = dialog.set_title("Open a figure description");
                dialog.add_filter("Figure description", &["toml"])
            } else {
                let dialog = dialog.set_title("Go back to what a figure shows");
                dialog.add_filter("Figure", &["svg", "pdf", "png", "json"])
            };
            dialog.pick_file().map(|path| vec![path])
        });
    }

    /// Asks where to save a picture.
    pub fn ask_save(&mut self, picture: Picture, name: String) {
        self.ask(Purpose::Save(picture), move || {
            let dialog = rfd::FileDialog::new().set_file_name(name);
            if matches!(
                picture,
                Picture::WhatIfTable | Picture::Mutations | Picture::EditList
            ) {
                let dialog = dialog.set_title("Save as text");
                return dialog
                    .add_filter("Text", &["tsv", "txt"])
                    .save_file()
                    .map(|path| vec![path]);
            }
            if matches!(picture, Picture::Selection | Picture::EditedFasta) {
                let dialog = dialog.set_title("Save the bases");
                return dialog
                    .add_filter("FASTA", &["fasta", "fa"])
                    .save_file()
                    .map(|path| vec![path]);
            }
            if picture.is_table() {
                let mut dialog = dialog
                    .set_title("Save the table")
                    .add_filter("Tab-separated table", &["tsv"]);
                if picture == Picture::NovelSites {
                    dialog = dialog
                        .add_filter("BED", &["bed"])
                        .add_filter("GFF3", &["gff3"]);
                }
                return dialog.save_file().map(|path| vec![path]);
            }
            if picture == Picture::FigureDescription {
                let dialog = dialog.set_title("Save the figure description");
                return dialog
                    .add_filter("Figure description", &["toml"])
                    .save_file()
                    .map(|path| vec![path]);
            }
            let dialog = dialog
                .set_title("Save the picture")
                .add_filter("Scalable vector graphics", &["svg"])
                .add_filter("PDF document", &["pdf"])
                .add_filter("PNG picture", &["png"]);
            let dialog = if picture == Picture::FigurePage {
                dialog.add_filter("Tables of the numbers", &["tsv"])
            } else {
                dialog
            };
            dialog.save_file().map(|path| vec![path])
        });
    }

    /// Asks where to save the workspace.
    pub fn ask_save_workspace(&mut self, name: String) {
        self.workspace_name.clone_from(&name);
        self.ask(Purpose::SaveWorkspace, move || {
            let path = PathBuf::from(name);
            let mut dialog = rfd::FileDialog::new()
                .set_title("Save the workspace")
                .set_file_name(crate::job::open::file_name(&path))
                .add_filter("Headlight workspace", &[ENDING]);
            if let Some(folder) = path.parent().filter(|folder| folder.is_absolute()) {
                dialog = dialog.set_directory(folder);
            }
            dialog.save_file().map(|path| vec![path])
        });
    }

    /// Asks where file number `index` of a workspace is now.
    pub fn ask_find(&mut self, index: usize, name: &str) {
        let title = format!("Where is {name} now?");
        self.ask(Purpose::Find(index), move || {
            let dialog = rfd::FileDialog::new().set_title(title);
            dialog.pick_file().map(|path| vec![path])
        });
    }

    fn ask(
        &mut self,
        purpose: Purpose,
        dialog: impl FnOnce() -> Option<Vec<PathBuf>> + Send + 'static,
    ) {
        if self.asked.iter().any(|asked| asked.purpose == purpose) {
            return;
        }
        let (sender, answer) = channel();
        let thread = std::thread::Builder::new()
            .name("file dialog".to_owned())
            .spawn(move || {
                let began = Instant::now();
                let paths = dialog();
                let took = began.elapsed();
                // Nobody listens when the window was closed meanwhile.
                let _ = sender.send(Answer { paths, took });
            });
        if thread.is_ok() {
            self.asked.push(Asked { answer, purpose });
        } else {
            self.type_path(purpose, String::new());
        }
    }

    /// Opens the window in which the path of a file to open is typed.
    pub fn type_open(&mut self) {
        self.type_path(Purpose::Open, String::new());
    }

    fn type_path(&mut self, purpose: Purpose, text: String) {
        self.typed = Some(Typed {
            purpose,
            text,
            fresh: true,
        });
    }

    /// Commands of dialogs that were answered since the last frame.
    pub fn answers(&mut self, notices: &mut Notices) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut unanswerable = None;
        self.asked.retain(|asked| match asked.answer.try_recv() {
            Ok(Answer {
                paths: Some(paths), ..
            }) => {
                commands.extend(in_order(paths).map(|path| asked.purpose.command(path)));
                false
            }
            // The desktop says the same for "cancelled" and for "there is no dialog".
            Ok(Answer { paths: None, took }) => {
                if took < SOONEST_CANCEL {
                    unanswerable = Some(asked.purpose);
                }
                false
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => true,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                unanswerable = Some(asked.purpose);
                false
            }
        });
        if let Some(purpose) = unanswerable {
            notices.add(
                Weight::Hint,
                "This desktop offers no file dialog. Type the path instead.",
            );
            let text = match purpose {
                Purpose::Open | Purpose::Find(_) => String::new(),
                Purpose::Save(picture) => picture.file_name().to_owned(),
                Purpose::SaveWorkspace => self.workspace_name.clone(),
            };
            self.type_path(purpose, text);
        }
        commands
    }

    /// Whether a dialog of the desktop is waiting for its answer.
    #[must_use]
    pub fn waiting(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Draws the window in which a path is typed.
    pub fn show(&mut self, ctx: &egui::Context, commands: &mut Vec<Command>) {
        if self.waiting() {
            ctx.request_repaint_after(Duration::from_millis(100));
        }
        let Some(typed) = &mut self.typed else { return };
        let (title, verb) = match typed.purpose {
            Purpose::Open => ("Open a typed path", "Open"),
            Purpose::Save(_) | Purpose::SaveWorkspace => ("Save at a typed path", "Save"),
            Purpose::Find(_) => ("Where is the file now?", "Find"),
        };
        let mut done = false;
        let modal = egui::Modal::new(egui::Id::unique("typed path")).show(ctx, |ui| {
            ui.set_width(480.0);
            ui.heading(title);
            ui.add_space(8.0);
            let label = ui.label(match typed.purpose {
                Purpose::Open => {
                    "Genome, annotation, sites, start sites, motifs, model, workspace, figure or description:"
                }
                Purpose::SaveWorkspace => "Ending in .headlight:",
                Purpose::Find(_) => "Its path:",
                Purpose::Save(Picture::NovelSites) => "Ending in .tsv, .bed or .gff3:",
                Purpose::Save(picture) if picture.is_table() => "Ending in .tsv:",
                Purpose::Save(Picture::Selection | Picture::EditedFasta) => "Ending in .fasta:",
                Purpose::Save(Picture::WhatIfTable | Picture::Mutations | Picture::EditList) => {
                    "A text file:"
                }
                Purpose::Save(Picture::FigureDescription) => "Ending in .toml:",
                Purpose::Save(Picture::FigurePage) => "Ending in .svg, .pdf, .png or .tsv:",
                Purpose::Save(_) => "Ending in .svg, .pdf or .png:",
            });
            let edit = egui::TextEdit::singleline(&mut typed.text).desired_width(f32::INFINITY);
            let response = ui.add(edit).labelled_by(label.id);
            if std::mem::take(&mut typed.fresh) {
                response.request_focus();
            }
            let entered =
                response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if (ui.button(verb).clicked() || entered) && !typed.text.trim().is_empty() {
                    commands.push(typed.purpose.command(typed_path(&typed.text)));
                    done = true;
                }
                done |= ui.button("Cancel").clicked();
            });
        });
        if done || modal.should_close() {
            self.typed = None;
        }
    }
}

/// The path that somebody typed or pasted: in quotes, as an address of a file, or from the home folder.
fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    let quoted = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    let text = text.strip_prefix("file://").unwrap_or(text);
    match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

impl Picture {
    /// The name that a save dialog offers.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::GenomeView => "genome view.svg",
            Self::Logo => "logo.svg",
            Self::HeadsGrid => "heads.svg",
            Self::Map => "attention map.svg",
            Self::Selection => "selection.fasta",
            Self::Comparison => "comparison.svg",
            Self::ComparisonTable => "comparison.tsv",
            Self::ComparisonRow => "cell.tsv",
            Self::ComparedSites => "compared sites.tsv",
            Self::NamesTable => "names.tsv",
            Self::NovelSites => "novel sites.tsv",
            Self::Similarity => "similar heads.svg",
            Self::SimilarityTable => "similar heads.tsv",
            Self::Evaluation => "evaluation.svg",
            Self::EvaluationTable => "evaluation.tsv",
            Self::EvaluationCurves => "evaluation curves.tsv",
            Self::WhatIf => "what if.svg",
            Self::WhatIfTable => "what if.tsv",
            Self::Saturation => "mutagenesis.svg",
            Self::Mutations => "mutagenesis.tsv",
            Self::EditList => "changes.txt",
            Self::EditedFasta => "edited.fasta",
            Self::FigurePage => "figure.svg",
            Self::FigureDescription => "figure.toml",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_as_people_paste_them() {
        for text in [
            "/a b/c.fa",
            " /a b/c.fa ",
            "'/a b/c.fa'",
            "\"/a b/c.fa\"",
            "file:///a b/c.fa",
        ] {
            assert_eq!(typed_path(text), PathBuf::from("/a b/c.fa"), "{text}");
        }
        let home = std::env::home_dir().unwrap();
        assert_eq!(typed_path("~/c.fa"), home.join("c.fa"));
        assert_eq!(typed_path("c~/d"), PathBuf::from("c~/d"));
    }

    fn answered(dialogs: &mut Dialogs, notices: &mut Notices) -> Vec<Command> {
        let began = Instant::now();
        loop {
            let commands = dialogs.answers(notices);
            if !commands.is_empty() || dialogs.asked.is_empty() {
                return commands;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "no answer");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn files_of_one_dialog_open_genomes_first() {
        let (mut dialogs, mut notices) = (Dialogs::default(), Notices::default());
        let chosen = [
            "genes.gff3",
            "noise.bin",
            "Phage.FNA.gz",
            "sites.bed",
            "b.gbk",
        ];
        let chosen: Vec<PathBuf> = chosen.into_iter().map(PathBuf::from).collect();
        dialogs.ask(Purpose::Open, move || Some(chosen));
        let opened = answered(&mut dialogs, &mut notices);
        let order = [
            "Phage.FNA.gz",
            "b.gbk",
            "genes.gff3",
            "noise.bin",
            "sites.bed",
        ];
        assert_eq!(opened, order.map(|name| Command::Open(PathBuf::from(name))));
        assert!(notices.shown().is_empty() && dialogs.typed.is_none());
    }

    #[test]
    fn where_there_is_no_dialog_a_path_is_typed() {
        let (mut dialogs, mut notices) = (Dialogs::default(), Notices::default());
        dialogs.ask(Purpose::Open, || None);
        // A slow frame asks late.
        std::thread::sleep(SOONEST_CANCEL + Duration::from_millis(100));
        assert!(answered(&mut dialogs, &mut notices).is_empty());
        assert!(dialogs.typed.is_some());
        assert_eq!(notices.shown().len(), 1);
        // Whoever took time to cancel wanted nothing.
        let mut cancelled = Dialogs::default();
        cancelled.ask(Purpose::Open, || {
            std::thread::sleep(SOONEST_CANCEL + Duration::from_millis(100));
            None
        });
        assert!(answered(&mut cancelled, &mut notices).is_empty());
        assert!(cancelled.typed.is_none());
    }
}
