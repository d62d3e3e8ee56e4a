//! Who may import whom: reads the `use` lines and paths of every source file.

use std::path::{Path, PathBuf};

/// Folders (or files) below `src/`, lowest first: each may use those of lower layers, and itself.
const LAYERS: [&[&str]; 7] = [
    &["progress"],
    &["genome"],
    &["sites", "attention"],
    &["model", "analysis", "figure"],
    &["job"],
    &["workspace"],
    &["cli", "gui"],
];

fn layer(folder: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&folder))
}

/// Crates that one folder alone may know.
const CONFINED: [(&str, &str); 6] = [
    ("burn", "model"),
    ("burn_store", "model"),
    ("egui", "gui"),
    ("eframe", "gui"),
    ("egui_plot", "gui"),
    ("rfd", "gui"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The words after `prefix` in `line`, up to the next character that no path segment holds.
fn segments_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(prefix).filter_map(move |(start, _)| {
        let before = line[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            return None;
        }
        let rest = &line[start + prefix.len()..];
        Some(
            &rest[..rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len())],
        )
    })
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 20, "the source files are found");
    let mut broken = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).expect("below src");
        let folder = below
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let folder = folder.trim_end_matches(".rs").to_owned();
        if folder == "lib" || folder == "main" {
            continue;
        }
        let own =
            layer(&folder).unwrap_or_else(|| panic!("src/{folder} has no place in the layering"));
        let text = std::fs::read_to_string(&file).expect("utf-8");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for used in segments_after(code, "crate::") {
                if used != folder && layer(used).is_some_and(|its| its >= own) {
                    broken.push(format!(
                        "{}:{}: {folder} uses {used}",
                        below.display(),
                        number + 1
                    ));
                }
            }
            for (name, home) in CONFINED {
                if folder != home && segments_after(code, &format!("{name}::")).next().is_some() {
                    broken.push(format!(
                        "{}:{}: {name} is known outside {home}",
                        below.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_check_sees_what_it_should() {
    let found: Vec<&str> =
        segments_after("use crate::gui::App; crate::job::x(my_crate::y)", "crate::").collect();
    assert_eq!(found, ["gui", "job"]);
}
