//! Numbers on screen against those that the subcommands write for the same input: heads, profiles, ablation,
//! novel sites and saturation mutagenesis, with a small network that was trained on a small genome.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::too_many_lines, reason = "one story from its start to its end")]

use crate::gui::{send, step_until, steps};
use crate::gui_training::{headlight, opened, written};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use headlight::attention::HeadId;
use headlight::genome::{Interval, Strand, TssOffset};
use headlight::gui::{Analyse, App, Command, Picture, Selection, Tab, WhatIfCommand};
use headlight::job::analyse::{Analysis, Asked};
use headlight::job::evaluate::{OtherModel, Region};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What window and command line read.
struct Files {
    folder: tempfile::TempDir,
    genome: PathBuf,
    labels: PathBuf,
}

impl Files {
    /// A genome of 12 kb with a planted motif, and two layers of two heads that have learned a little of it.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (genome, labels) = written(folder.path());
        let files = Self {
            folder,
            genome,
            labels,
        };
        let run = files.at("run");
        let [genome, labels, run] = [&files.genome, &files.labels, &run].map(|path| shown(path));
        let small = [
            "--steps=120",
            "--context=32",
            "--layers=2",
            "--heads=2",
            "--d-model=16",
            "--d-head=8",
            "--kernel=5",
            "--label-shift=6",
            "--streams=9",
            "--peak-rate=3e-3",
            "--warm-up=20",
            "--first-deviation=0.2",
            "--validate-every=40",
        ];
        let inputs = [
            "train", "--genome", &genome, "--labels", &labels, "-o", &run,
        ];
        headlight(&[&inputs[..], &small].concat());
        files
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn model(&self) -> PathBuf {
        self.at("run/model.safetensors")
    }

    /// A window with genome, start sites, model and `more`.
    fn window(&self, more: &[PathBuf], tab: Tab) -> Harness<'static, App> {
        let own = [&self.genome, &self.labels, &self.model()].map(Clone::clone);
        let mut harness = opened([&own[..], more].concat(), tab);
        step_until(&mut harness, "the files", |app| {
            app.is_settled()
                && app.workspace().anchors.is_some()
                && app.workspace().model.head_shape().layers == 2
        });
        steps(&mut harness);
        harness
    }

    /// What a subcommand writes of genome and model.
    fn subcommand(&self, name: &str, more: &[&str]) -> String {
        let [genome, model] = [&self.genome, &self.model()].map(|path| shown(path));
        let inputs = [name, "--genome", &genome, "--model", &model];
        headlight(&[&inputs[..], more].concat())
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A table with a header line: by record, its values by the names of the columns.
fn table(text: &str) -> Vec<std::collections::HashMap<String, String>> {
    let mut lines = text.lines().map(|line| line.split('\t'));
    let names: Vec<&str> = lines.next().unwrap().collect();
    lines
        .map(|cells| {
            let named = names.iter().zip(cells);
            named
                .map(|(name, cell)| ((*name).to_owned(), cell.to_owned()))
                .collect()
        })
        .collect()
}

fn start(harness: &mut Harness<'static, App>, asked: Asked) {
    let command = Analyse::Start(Box::new(asked));
    send(harness, Command::Analysis(command));
}

/// Saves something and reads it.
fn saved(harness: &mut Harness<'static, App>, picture: Picture, path: &Path) -> String {
    send(harness, Command::Save(picture, path.to_owned()));
    let done = format!("Saved {}", path.display());
    step_until(harness, &done, |app| app.notices().contains(&done));
    std::fs::read_to_string(path).unwrap()
}

/// A number as people read it where there is no 0, with the sign that the panel writes.
fn position(number: i64) -> String {
    let sign = if number > 0 { '+' } else { '−' };
    format!("{sign}{}", number.abs())
}

#[test]
fn heads_and_their_profiles_are_those_of_the_subcommands() {
    let files = Files::new();
    let labels = shown(&files.labels);
    let out = files.at("heads");
    files.subcommand("heads", &["--anchors", &labels, "-o", &shown(&out)]);
    let text = std::fs::read_to_string(out.join("heads.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let rows = json["table"]["heads"].as_array().unwrap();
    assert_eq!(rows.len(), 4);

    let mut harness = files.window(&[], Tab::Heads);
    send(&mut harness, Command::SummariseHeads);
    step_until(&mut harness, "the heads", |app| {
        app.workspace().heads.is_some()
    });
    harness.get_by_label("List").click();
    steps(&mut harness);
    let real = |value: &Value| value.as_f64().unwrap();
    let (mut passing, mut seen) = (0, 0);
    for row in rows {
        // head, best match, q, named, control, consensus, bits, held out, p, peak, entropy
        let control = if row["exceeds"].as_bool().unwrap() {
            passing += 1;
            "passes"
        } else {
            "no"
        };
        let words = format!(
            "{}, , , , {control}, {}, {:.2}, {:.2}, {:.4}, {:+}, {:.2}",
            row["name"].as_str().unwrap(),
            row["consensus"].as_str().unwrap(),
            real(&row["information_content"]),
            real(&row["held_out_information"]),
            real(&row["p"]),
            row["peak_position"].as_i64().unwrap(),
            real(&row["entropy"]),
        );
        seen += usize::from(harness.query_by_label(&words).is_some());
        assert!(harness.query_by_label(&words).is_some(), "{words}");
    }
    assert_eq!(seen, 4);
    assert!(passing > 0, "the planted motif is found");

    // The panel at the right, head by head.
    for row in rows {
        let head: HeadId = row["name"].as_str().unwrap().parse().unwrap();
        send(&mut harness, Command::SelectHead(head));
        let control = if row["exceeds"].as_bool().unwrap() {
            "passes the positional control"
        } else {
            "does not pass the positional control"
        };
        let count = |name: &str| row[name].as_u64().unwrap();
        let numbers = [
            control.to_owned(),
            format!(
                "Held-out information {:.2} bits, 99 % of the null {:.2} bits",
                real(&row["held_out_information"]),
                real(&row["null_p99"])
            ),
            format!("{:.2} bits", real(&row["information_content"])),
            format!("{:.3} bits", real(&row["held_out_information"])),
            format!("{:.3} bits", real(&row["null_p99"])),
            format!(
                "{:+.2} bits ({:+.2} to {:+.2})",
                real(&row["effect"]),
                real(&row["effect_low"]),
                real(&row["effect_high"])
            ),
            format!("{:.4}", real(&row["p"])),
            format!(
                "{} ({} different)",
                count("windows"),
                count("unique_windows")
            ),
            format!("{:.2}", real(&row["stability"])),
            position(row["peak_position"].as_i64().unwrap()),
            format!("{:.3}", real(&row["peak_weight"])),
            format!("{:.2} bits", real(&row["entropy"])),
            format!("{:.1}", real(&row["effective_keys"])),
            format!("{:.3}", real(&row["self_share"])),
            format!("{:.3}", real(&row["edge_share"])),
        ];
        for words in numbers {
            let found = harness.query_all_by_label(&words).count();
            assert!(found > 0, "{head}: {words}");
        }
    }

    // The cards are drawn of the same numbers, and text in a saved picture stays text.
    let cards = saved(&mut harness, Picture::HeadsGrid, &files.at("cards.svg"));
    for row in rows {
        let entropy = format!("{:.1} bits", real(&row["entropy"]));
        for words in [row["name"].as_str().unwrap(), &entropy] {
            assert!(cards.contains(words), "{words}");
        }
    }

    // `headlight profile` measures the same start sites by another path of the program.
    let out = files.at("profile");
    let more = [
        "--anchors",
        &labels,
        "--no-predictions",
        "--apart=0",
        "--draws=20",
        "--parts=0",
        "-o",
        &shown(&out),
    ];
    files.subcommand("profile", &more);
    let read = |name: &str| table(&std::fs::read_to_string(out.join(name)).unwrap());
    let of_anchors = |rows: Vec<std::collections::HashMap<String, String>>| {
        let rows = rows.into_iter().filter(|row| row["set"] == "anchors");
        rows.collect::<Vec<_>>()
    };
    let heads = harness.state().workspace().heads.clone().unwrap();
    for row in of_anchors(read("summary.tsv")) {
        let head: HeadId = row["name"].parse().unwrap();
        assert_eq!(
            row["n"].parse::<usize>().unwrap(),
            heads.report(head).unwrap().profile.n
        );
        send(&mut harness, Command::SelectHead(head));
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        for words in [
            format!("{:.2} bits", number("entropy")),
            format!("{:.1}", number("effective_keys")),
            format!("{:.3}", number("self_share")),
            format!("{:.3}", number("edge_share")),
            position(row["peak_position"].parse().unwrap()),
            format!("{:.3}", number("peak_weight")),
        ] {
            let found = harness.query_all_by_label(&words).count();
            assert!(found > 0, "{head}: {words}");
        }
    }
    let rows = of_anchors(read("profile.tsv"));
    assert_eq!(rows.len(), 4 * 32);
    for row in &rows {
        let head: HeadId = row["name"].parse().unwrap();
        let (mean, low, high) = heads.profile_band(heads.report(head).unwrap());
        let number = |name: &str| row[name].parse::<f32>().unwrap();
        let distance: usize = row["distance"].parse().unwrap();
        let index = 31 - distance;
        let offset = heads.first_offset() + index.cast_signed();
        let place = TssOffset(offset).number().to_string();
        assert_eq!(place, row["position"]);
        let near = |drawn: f32, written: f32| {
            assert!(
                (drawn - written).abs() < 1e-5,
                "{head} at {place}: {drawn} {written}"
            );
        };
        near(mean[index], number("mean"));
        near(low[index], (number("mean") - number("deviation")).max(0.0));
        near(high[index], number("mean") + number("deviation"));
    }
}

#[test]
fn what_the_model_loses_without_a_head_is_what_the_subcommand_says() {
    let files = Files::new();
    let labels = shown(&files.labels);
    let text = files.subcommand("ablate", &["--labels", &labels, "--json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    let rows = json["ablation"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    let mut harness = files.window(&[], Tab::Heads);
    start(&mut harness, Asked::new(Analysis::Ablation));
    step_until(&mut harness, "the ablation", |app| {
        app.workspace().ablation().is_some()
    });
    for row in rows {
        let head: HeadId = row["heads"].as_str().unwrap().parse().unwrap();
        send(&mut harness, Command::SelectHead(head));
        let real = |value: &Value| value.as_f64().unwrap();
        let change = |name: &str, digits: usize| {
            let of = &row[name];
            let [change, low, high] = ["change", "low", "high"].map(|name| real(&of[name]));
            format!("{change:+.digits$} ({low:+.digits$} to {high:+.digits$})")
        };
        let rank = |name: &str| {
            let (rank, of) = (row[name].as_u64().unwrap(), row["ranked"].as_u64().unwrap());
            format!(", {rank} of {of} in its layer")
        };
        for words in [
            "zero".to_owned(),
            change("loss_change", 6) + &rank("rank_by_loss"),
            change("average_precision_change", 5) + &rank("rank_by_precision"),
            change("score_at_start_sites", 3),
            format!("{:+.3}", real(&row["score_elsewhere"])),
        ] {
            assert!(harness.query_by_label(&words).is_some(), "{head}: {words}");
        }
    }
}

#[test]
fn novel_sites_on_screen_are_those_of_the_subcommand() {
    let files = Files::new();
    // A gene of 400 bases every 1,200, and a known site behind every second one.
    let mut genes = "##gff-version 3\n".to_owned();
    let mut sites = "contig\tleft\tright\tstrand\ttf\n".to_owned();
    for index in 0..10 {
        let left = 300 + 1_200 * index;
        let _ = writeln!(
            genes,
            "planted\tmade\tgene\t{left}\t{}\t.\t+\t.\tID=g{index};Name=gene{index}",
            left + 399
        );
        if index % 2 == 0 {
            let _ = writeln!(
                sites,
                "planted\t{}\t{}\t+\tTF{index}",
                left + 450,
                left + 465
            );
        }
    }
    let (annotation, known) = (files.at("genes.gff3"), files.at("sites.tsv"));
    std::fs::write(&annotation, genes).unwrap();
    std::fs::write(&known, sites).unwrap();
    let mut harness = files.window(&[annotation.clone(), known.clone()], Tab::Novel);
    step_until(&mut harness, "genes and sites", |app| {
        let workspace = app.workspace();
        !workspace.features.all().is_empty() && !workspace.sites.is_empty()
    });
    let mut asked = Asked {
        fdr: 1.0,
        decoys: 2,
        ..harness.state().suggested(Analysis::Novel)
    };
    asked.rule.draws.permutations = 99;
    asked.rule.draws.seed = 5;
    start(&mut harness, asked);
    step_until(&mut harness, "the novel sites", |app| {
        app.workspace().novel().is_some()
    });
    steps(&mut harness);
    let [annotation, known, labels] = [&annotation, &known, &files.labels].map(|path| shown(path));
    let text = files.subcommand(
        "novel",
        &[
            "--annotation",
            &annotation,
            "--sites",
            &known,
            "--anchors",
            &labels,
            "--permutations=99",
            "--fdr=1",
            "--decoys=2",
            "--seed=5",
        ],
    );
    let rows = table(&text);
    assert!(rows.len() > 5, "{text}");
    harness.get_by_label(&format!("{0} of {0} sites", rows.len()));
    let known = |row: &std::collections::HashMap<String, String>| match row["tss_is_known"].as_str()
    {
        "true" => "yes",
        "false" => "predicted",
        _ => "",
    };
    let mut found = 0;
    for row in &rows {
        let value = |name: &str| match row[name].as_str() {
            "NA" => String::new(),
            value => value.to_owned(),
        };
        let short = |name: &str| format!("{:.4}", row[name].parse::<f32>().unwrap());
        let signed = |name: &str| {
            value(name)
                .parse::<i64>()
                .map_or_else(|_| String::new(), |number| format!("{number:+}"))
        };
        let words = format!(
            "{}, {}, {}, {}, {}, {}, {}, {}, {}{}, {}, {}",
            row["name"],
            row["left"],
            row["right"],
            row["strand"],
            short("score"),
            short("fdr"),
            value("gene"),
            value("gene_distance"),
            value("tss"),
            value("tss_strand"),
            signed("tss_position"),
            known(row)
        );
        found += harness.query_all_by_label(&words).count();
    }
    // Only the lines that are in view are laid out.
    let lines = rows.iter().map(|row| &row["name"]);
    let mut heads: Vec<&String> = lines.collect();
    heads.sort();
    heads.dedup();
    let on_screen: usize = heads
        .iter()
        .map(|head| {
            let begin = format!("{head}, ");
            let lines = harness.query_all_by_label_contains(&begin);
            lines
                .filter(|node| {
                    let label = node.accesskit_node().label();
                    label.is_some_and(|label| {
                        label.starts_with(&begin) && label.matches(", ").count() == 10
                    })
                })
                .count()
        })
        .sum();
    assert!(found >= 4, "{found} lines on screen are the subcommand's");
    assert_eq!(found, on_screen, "no other line is on screen");
    let own = saved(&mut harness, Picture::NovelSites, &files.at("window.tsv"));
    assert_eq!(own, text);
}

#[test]
fn every_substitution_on_screen_is_that_of_the_subcommand() {
    let files = Files::new();
    let mut harness = files.window(&[], Tab::WhatIf);
    if harness.state().view().strand == Strand::Reverse {
        send(&mut harness, Command::SwitchStrand);
    }
    // Around the start site at 1,201.
    let interval = Interval::new(1_180, 1_210);
    let selection = Selection {
        contig: 0,
        interval,
    };
    send(&mut harness, Command::GoTo("1151-1250".to_owned()));
    send(&mut harness, Command::Select(Some(selection)));
    send(
        &mut harness,
        Command::WhatIf(WhatIfCommand::ShowSaturation(true)),
    );
    harness.get_by_label("Mutate every base").click();
    step_until(&mut harness, "the mutagenesis", |app| {
        app.workspace().saturation().is_some() && app.is_settled()
    });
    steps(&mut harness);
    let found = harness.state().workspace().saturation().cloned().unwrap();
    let (tss, strand) = found.table.tss;
    assert_eq!(strand, Strand::Forward);
    let text = files.subcommand(
        "mutate",
        &[
            "--locus=planted:1181-1210",
            &format!("--tss={tss}:{}", strand.sign()),
        ],
    );
    let rows = table(&text);
    assert!(rows.len() > 30, "{text}");
    let own = saved(&mut harness, Picture::Mutations, &files.at("window.tsv"));
    assert_eq!(own, text);
    // The pointer goes over the map; what it says, here at once, is what the subcommand wrote.
    harness.ctx.all_styles_mut(|style| {
        style.interaction.tooltip_delay = 0.0;
        style.interaction.show_tooltips_only_when_still = false;
    });
    let map = harness.get_by_label("What every substitution does").rect();
    let mut compared = std::collections::HashSet::new();
    for across in 0..48_u8 {
        for down in 0..16_u8 {
            let share = egui::vec2(
                (f32::from(across) + 0.5) / 48.0,
                (f32::from(down) + 0.5) / 16.0,
            );
            let at = map.min + map.size() * share;
            harness.hover_at(at);
            harness.step();
            harness.step();
            let Some(words) = harness
                .query_all_by_label_contains("score ")
                .filter_map(|node| node.accesskit_node().value())
                .find(|words| words.contains(" → "))
            else {
                continue;
            };
            // "1,190: A → C\nscore +0.123"
            let (place, change) = words.split_once(": ").unwrap();
            let (change, score) = change.split_once("\nscore ").unwrap();
            let (from, to) = change.split_once(" → ").unwrap();
            let place = place.replace(',', "");
            let row = rows
                .iter()
                .find(|row| row["position"] == place && row["alt"] == to)
                .unwrap_or_else(|| panic!("{words}"));
            assert_eq!(row["ref"], from, "{words}");
            let effect: f32 = row["effect"].parse().unwrap();
            assert_eq!(score, format!("{effect:+.3}"), "{words}");
            compared.insert((place, to.to_owned()));
        }
    }
    assert!(compared.len() > 40, "{} cells were read", compared.len());
}

/// The lines that `headlight evaluate --json` makes of a model or a baseline.
fn measured(of: &Value) -> String {
    let real = |value: &Value| value.as_f64().unwrap();
    let (roc, precision) = (&of["roc_auc_interval"], &of["average_precision_interval"]);
    format!(
        "{:.4}, {:.4} to {:.4}, {:.5}, {:.5} to {:.5}",
        real(&of["roc_auc"]),
        real(&roc["low"]),
        real(&roc["high"]),
        real(&of["average_precision"]),
        real(&precision["low"]),
        real(&precision["high"]),
    )
}

#[test]
fn every_evaluation_has_its_own_baselines_and_files_and_may_be_against_another_model() {
    let files = Files::new();
    let labels = shown(&files.labels);
    let embedded = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/model.safetensors");
    let run = |place: &str, more: &[&str]| {
        let own = ["--labels", &labels, "--locus", place];
        files.subcommand("evaluate", &[&own[..], more].concat())
    };
    let places = ["planted:1-6,000", "planted:6,001-12,000"];
    let against = ["--against", embedded];
    let json: [Value; 2] = [
        serde_json::from_str(&run(places[0], &["--json"])).unwrap(),
        serde_json::from_str(&run(places[1], &[&against[..], &["--json"]].concat())).unwrap(),
    ];
    let mut harness = files.window(&[], Tab::Evaluation);
    // The dialog offers the embedded model, because another one is open.
    let dialog = Analyse::Dialog(Analysis::Evaluation);
    send(&mut harness, Command::Analysis(dialog));
    steps(&mut harness);
    harness
        .get_by_role_and_label(egui::Role::ComboBox, "Against")
        .click();
    steps(&mut harness);
    harness.get_by_label("the embedded model").click();
    steps(&mut harness);
    harness.get_by_label("Cancel").click();
    steps(&mut harness);
    assert_eq!(
        harness.state().workspace().other_models(),
        [OtherModel::Embedded]
    );
    // A file has to be named.
    let mut unnamed = Asked::new(Analysis::Evaluation);
    unnamed.against = Some(OtherModel::File(PathBuf::new()));
    let request = harness.state().workspace().analysis_request(unnamed);
    assert!(request.lacking().unwrap().to_string().contains("no file"));

    for (place, other) in [
        (places[0], None),
        (places[1], Some(OtherModel::File(embedded.into()))),
    ] {
        let asked = Asked {
            evaluated_in: Region::Locus(place.to_owned()),
            against: other,
            ..Asked::new(Analysis::Evaluation)
        };
        let before = harness.state().workspace().findings.evaluations.all().len();
        start(&mut harness, asked);
        step_until(&mut harness, place, |app| {
            app.workspace().findings.evaluations.all().len() > before
        });
    }
    steps(&mut harness);
    let other = &json[1]["against"];
    let difference = |name: &str, digits: usize| {
        let real = |value: &Value| value.as_f64().unwrap();
        let interval = &other[format!("{name}_difference_interval")];
        format!(
            "{:+.digits$}, {:+.digits$} to {:+.digits$}",
            real(&other[format!("{name}_difference")]),
            real(&interval["low"]),
            real(&interval["high"])
        )
    };
    let difference = format!(
        "difference, {}, {}",
        difference("roc_auc", 4),
        difference("average_precision", 5)
    );
    let mut expected = vec![(measured(other), places[1]), (difference, places[1])];
    for (json, place) in json.iter().zip(places) {
        for of in [json, &json["matrix"], &json["random"]] {
            expected.push((measured(of), place));
        }
    }
    for (words, place) in expected {
        let place = place.replace(',', "");
        let lines = harness.query_all_by_label_contains(&words);
        let mut labels = lines.filter_map(|node| node.accesskit_node().label());
        assert!(
            labels.any(|label| label.replace(',', "").contains(&place)),
            "{words} of {place}"
        );
    }
    // The latest is saved unless another line is marked; either file is the subcommand's, byte by byte.
    let curves = files.at("cli.tsv");
    for (index, more) in [(1, &against[..]), (0, &[][..])] {
        if index == 0 {
            let line = measured(&json[0]);
            harness.get_by_label_contains(&line).click_accesskit();
            steps(&mut harness);
        }
        let written = shown(&curves);
        let with_curves = [more, &["--curves", &written]].concat();
        let text = run(places[index], &with_curves);
        let own = files.at(&format!("window {index}.txt"));
        assert_eq!(saved(&mut harness, Picture::EvaluationTable, &own), text);
        let own = files.at(&format!("window {index}.tsv"));
        let points = saved(&mut harness, Picture::EvaluationCurves, &own);
        assert!(points == std::fs::read_to_string(&curves).unwrap());
    }
    let picture = saved(&mut harness, Picture::Evaluation, &files.at("curves.svg"));
    let name = other["model"].as_str().unwrap();
    let area = format!("{:.4} {}", other["roc_auc"].as_f64().unwrap(), &name[..12]);
    let told: Vec<&str> = picture
        .lines()
        .filter(|line| line.contains("<text"))
        .collect();
    assert!(picture.contains(&area), "{area}: {told:#?}");
}
