//! Pages of panels from their descriptions: the shipped examples, and what is said about wrong ones.

use super::assert_clean;
use super::files::{assert_words_live, told_by};
use headlight::attention::Received;
use headlight::figure::pdf::pdf;
use headlight::figure::png::{png, size_px};
use headlight::figure::scene::{Scene, Shape};
use headlight::figure::svg::svg;
use headlight::genome::Strand;
use headlight::job::figure_page::describe::InputsDescription;
use headlight::job::figure_page::{Description, Sidecar, Sources, render};
use headlight::progress::{Cancel, Progress};
use std::path::{Path, PathBuf};
use std::process::Command;

const EXAMPLES: [(&str, f32); 4] = [
    ("lac", 180.0),
    ("heads", 180.0),
    ("head", 180.0),
    ("compare", 85.0),
];

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/figures")
        .join(name)
        .with_extension("toml")
}

fn sources() -> Sources {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    Sources::open(&InputsDescription::default(), &progress, &cancel).expect("the example")
}

/// No text under 6 pt, no line under 0.25 pt, no words on one another, nothing outside the page.
fn assert_fit_for_print(name: &str, scene: &Scene) {
    assert_clean(name, scene);
    let (mut words, mut lines) = (0, 0);
    for element in &scene.elements {
        match &element.shape {
            Shape::Text { size, text, .. } => {
                words += 1;
                assert!(*size >= 6.0 - 1e-3, "{name}: '{text}' is {size} pt");
            }
            Shape::Line { stroke, .. }
            | Shape::Rect {
                stroke: Some(stroke),
                ..
            } => {
                lines += 1;
                assert!(
                    stroke.width >= 0.25,
                    "{name}: a line of {} pt",
                    stroke.width
                );
            }
            _ => {}
        }
    }
    assert!(
        words > 10 && lines > 5,
        "{name}: {words} words, {lines} lines"
    );
}

#[test]
fn the_example_pages_are_fit_for_print_and_always_the_same() {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let mut sources = sources();
    let folder = tempfile::tempdir().expect("a folder");
    for (name, width_mm) in EXAMPLES {
        let description = Description::open(&example(name)).expect("readable");
        let first = render(&description, &mut sources, &progress, &cancel).expect("a page");
        let again = render(&description, &mut sources, &progress, &cancel).expect("a page");
        let scene = &first.scene;
        assert!((scene.width - width_mm * 72.0 / 25.4).abs() < 0.01);
        assert_fit_for_print(name, scene);
        let text = svg(scene, &first.provenance);
        assert_eq!(text, svg(&again.scene, &again.provenance), "{name}");
        let document = pdf(scene, &first.provenance).expect("a document");
        assert_eq!(
            document,
            pdf(&again.scene, &again.provenance).expect("a document"),
            "{name}"
        );
        let picture = png(scene, 100.0, &first.provenance).expect("a picture");
        assert_eq!(
            picture,
            png(&again.scene, 100.0, &again.provenance).expect("a picture"),
            "{name}"
        );
        assert_eq!(first.tables, again.tables);
        assert_eq!(first.tables.len(), description.panels.len());
        for (file, table) in &first.tables {
            let mut widths = table.lines().map(|line| line.split('\t').count());
            let width = widths.next().expect("a header");
            assert!(
                width > 3 && widths.all(|other| other == width),
                "{name}: {file}"
            );
            assert!(table.lines().count() > 5, "{name}: {file}");
        }
        assert_words_live(name, scene, &document);
        let path = folder.path().join(format!("{name}.svg"));
        std::fs::write(&path, &text).expect("written");
        told_by("xmllint", &["--noout", "--nonet"], &path);
        assert!(text.contains("genome sha256") && text.contains("sites sha256"));
    }
}

#[test]
fn the_command_writes_all_forms_with_their_origin_and_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |stem: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headlight"));
        command.arg("figure").arg(example("compare")).args(more);
        command.arg("--data").arg(folder.path().join(stem));
        for ending in ["svg", "pdf", "png"] {
            command
                .arg("-o")
                .arg(folder.path().join(stem).with_extension(ending));
        }
        let ran = command.output().expect("it runs");
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    };
    run("one", &[]);
    run("two", &[]);
    run("clear", &["--transparent", "--dpi", "150", "--no-sidecar"]);
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("there");
    for ending in ["svg", "pdf", "png", "figure.json"] {
        assert!(
            read(&format!("one.{ending}")) == read(&format!("two.{ending}")),
            "{ending} differs"
        );
    }
    let table = String::from_utf8(read("one/1-compare-matrix.tsv")).expect("text");
    assert_eq!(table.lines().count(), 37);
    let sidecar = Sidecar::open(&folder.path().join("one.pdf")).expect("beside it");
    assert!(
        sidecar
            .value("model sha256")
            .is_some_and(|sum| sum.len() == 64)
    );
    let command = sidecar.value("command").expect("the command");
    assert!(
        command.starts_with("headlight figure ") && !command.contains("one"),
        "{command}"
    );
    assert!(
        sidecar
            .description
            .is_some_and(|text| text.contains("compare.tsv"))
    );
    assert!(!folder.path().join("clear.figure.json").exists());
    let opaque = image::load_from_memory(&read("one.png"))
        .expect("PNG")
        .into_rgba8();
    let clear = image::load_from_memory(&read("clear.png"))
        .expect("PNG")
        .into_rgba8();
    assert_eq!(
        (opaque.get_pixel(0, 0).0, clear.get_pixel(0, 0).0[3]),
        ([255; 4], 0)
    );
    assert_eq!(opaque.width(), (85.0_f32 / 25.4 * 300.0).round() as u32);
    assert!(clear.width() * 2 >= opaque.width() - 1 && clear.width() * 2 <= opaque.width() + 1);
}

/// What is said about a description.
fn refusal(text: &str) -> String {
    Description::parse(Path::new("fig3.toml"), text)
        .expect_err("refused")
        .to_string()
}

#[test]
fn wrong_descriptions_are_refused_by_line_and_key() {
    let panel = "[[panel]]\nkind = \"logo\"\n";
    for (text, said) in [
        ("[page", "fig3.toml:1: this is no TOML: "),
        (
            "[page]\nwidth = \"wide\"\n",
            "fig3.toml:2: page, key `width`: expected \"single\" or \"double\", found \"wide\"",
        ),
        (
            "[page]\nwidth = 3\n",
            "fig3.toml:2: page, key `width`: expected a number from 30 to 2000 mm, found 3",
        ),
        (
            "[page]\n\nfont = 5.5\n",
            "fig3.toml:3: page, key `font`: expected a number from 6 to 24 pt, found 5.5",
        ),
        (
            "[page]\nwitdh = 85\n",
            "fig3.toml:2: page: there is no key `witdh`: expected `width`, `height`,",
        ),
        (
            "colour = 1\n",
            "fig3.toml:1: the file: there is no key `colour`: expected `page`, `inputs` or `panel`",
        ),
        (
            "",
            "fig3.toml:1: the file: the key `panel` is missing: expected 1 to 26 tables",
        ),
        (
            "[[panel]]\nkind = \"pie\"\n",
            "fig3.toml:2: panel 1, key `kind`: expected \"genome-view\", \"attention-map\",",
        ),
        (
            panel,
            "fig3.toml:1: panel 1 (logo): the key `head` is missing: expected a head such as \"L1H3\"",
        ),
        (
            &format!("{panel}head = [\"L1H1\", \"H9\"]\n"),
            "fig3.toml:3: panel 1 (logo), key `head`: expected a head such as \"L1H3\", found \"H9\"",
        ),
        (
            &format!("{panel}head = \"L1H1\"\nspan = 2\n"),
            "fig3.toml:4: panel 1 (logo), key `span`: expected a whole number from 1 to 1, found 2",
        ),
        (
            "[[panel]]\nkind = \"genome-view\"\nlocus = \"lacZ\"\nscale-bar = 1\n",
            "fig3.toml:4: panel 1 (genome-view), key `scale-bar`: expected true or false, found 1",
        ),
        (
            "panel = 3\n",
            "fig3.toml:1: the file, key `panel`: expected tables, each under [[panel]]",
        ),
    ] {
        let found = refusal(text);
        assert!(found.starts_with(said), "{text}\n{found}\n{said}");
    }
    let nowhere = Description::open(Path::new("/no/such.toml")).expect_err("refused");
    assert!(nowhere.to_string().starts_with("/no/such.toml: "));
}

#[test]
fn panels_say_which_of_them_cannot_be_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sources = sources();
    let mut said = |text: &str| {
        let path = folder.path().join("fig.toml");
        let description = Description::parse(&path, text).expect("readable");
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let error = render(&description, &mut sources, &progress, &cancel).expect_err("refused");
        let mut words = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        words.replace(&format!("{}/", folder.path().display()), "")
    };
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    let panel = |kind: &str, rest: &str| format!("[[panel]]\nkind = \"{kind}\"\n{rest}\n");
    let words = said(&panel("genome-view", "locus = \"lacQ\""));
    assert!(
        words.starts_with("fig.toml:1: panel A (genome-view): nothing here is called"),
        "{words}"
    );
    let words = said(&panel("profile", "head = \"L9H1\""));
    assert!(
        words.contains("the model has no head L9H1: expected L1H1 to L6H6"),
        "{words}"
    );
    let words = said(&panel(
        "attention-map",
        "locus = \"1-100000\"\nhead = \"L1H1\"",
    ));
    assert!(
        words.contains("too long for an attention map: expected at most 21,845 bp"),
        "{words}"
    );
    let words = said(&panel("compare-matrix", "data = \"none.tsv\""));
    assert!(
        words.contains("none.tsv: the table cannot be read"),
        "{words}"
    );
    write("a.tsv", "layer\thead\ttf\n1\t1\tCRP\n");
    let words = said(&panel("compare-matrix", "data = \"a.tsv\""));
    assert!(
        words.contains("a.tsv:1: expected a column 'effect', found"),
        "{words}"
    );
    write("b.tsv", "curve\tx\ty\nmodel\t0.1\t7\n");
    let words = said(&panel("curves", "data = \"b.tsv\""));
    assert!(
        words.contains("b.tsv:2: column 'y': expected a share from 0 to 1, found '7'"),
        "{words}"
    );
    write(
        "c.tsv",
        "position\ttss\tref\talt\teffect\n1\t5\tA\tC\tmuch\n",
    );
    let words = said(&panel("mutagenesis", "data = \"c.tsv\""));
    assert!(
        words.contains("c.tsv:2: column 'effect': expected a number, found 'much'"),
        "{words}"
    );
    write("d.tsv", "curve\tx\ty\nmodel\t0\t0\nmodel\t1\t1\n");
    let tall = format!(
        "[page]\nheight = 40\n{}",
        panel("curves", "data = \"d.tsv\"")
    );
    let words = said(&tall);
    assert!(
        words.contains("the page needs 77.0 mm in height, and has 40.0 mm"),
        "{words}"
    );
}

#[test]
fn tables_become_panels_with_their_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    let mut changes = "position\tend\ttss\tref\talt\teffect\n".to_owned();
    for (position, there) in (366_330..366_350).zip("TATAATGTGTGGAATTGTGA".chars()) {
        for alt in "ACGT".chars().filter(|alt| *alt != there) {
            let effect = f64::from(position - 366_340) / 7.0;
            let row = [
                position.to_string(),
                position.to_string(),
                "366345".to_owned(),
                there.to_string(),
                alt.to_string(),
                effect.to_string(),
            ];
            changes += &(row.join("\t") + "\n");
        }
    }
    changes += "366331\t366333\t366345\tATA\t\t-3\n366331\t366331\t7\tA\tC\t-9\n";
    write("mutate.tsv", &changes);
    write(
        "curves.tsv",
        "curve\tx\ty\nmodel\t0\t0\nmodel\t0.5\t1\nmodel\t1\t1\nmatrix\t0\t0\nmatrix\t1\t1\n",
    );
    let text = "[page]\nwidth = \"single\"\n\n[[panel]]\nkind = \"mutagenesis\"\ndata = \"mutate.tsv\"\n\
                title = \"What changes do\"\n\n[[panel]]\nkind = \"curves\"\ndata = \"curves.tsv\"\n";
    let description = Description::parse(&folder.path().join("fig.toml"), text).expect("readable");
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let page = render(&description, &mut sources(), &progress, &cancel).expect("a page");
    assert_fit_for_print("tables", &page.scene);
    let (name, numbers) = &page.tables[0];
    assert_eq!(
        (name.as_str(), numbers.lines().count()),
        ("A-mutagenesis.tsv", 21)
    );
    assert!(
        numbers.contains("366330\tT\t-1.4285715\t-1.4285715\t-1.4285715\t0"),
        "{numbers}"
    );
    let text = svg(&page.scene, &page.provenance);
    assert!(text.contains("model, area 0.750") && text.contains("matrix, area 0.500"));
    assert!(text.contains("id=\"panel-A\"") && text.contains("id=\"panel-B\""));
    assert!(text.contains("start site"));
    let (width, height) = size_px(&page.scene, 72.0);
    assert!(width == 241 && height > 200);
}

#[test]
fn a_sidecar_leads_back_to_the_view() {
    let folder = tempfile::tempdir().expect("a folder");
    let figure = folder.path().join("lac.svg");
    let ran = Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args([
            "figure",
            "--locus",
            "366300-366400",
            "--strand",
            "-",
            "--color",
            "over-expected",
        ])
        .arg("-o")
        .arg(&figure)
        .output()
        .expect("it runs");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let sidecar = Sidecar::open(&figure).expect("beside it");
    let [view] = sidecar.views.as_slice() else {
        panic!("one view: {:?}", sidecar.views);
    };
    assert_eq!(view.locus, "NC_000913.3:366,300-366,400");
    assert_eq!(
        (view.strand, view.rule),
        (Strand::Reverse, Received::OverExpected)
    );
}
