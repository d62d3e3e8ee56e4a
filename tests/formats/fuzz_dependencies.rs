//! The fuzz targets are a workspace of their own that takes the readers' sources by path: what those
//! need must be named there too, or the targets silently build no more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a manifest asks for: crates (as code writes them) with their version.
fn dependencies(manifest: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(manifest).expect("a manifest");
    let lines = text.lines().skip_while(|line| *line != "[dependencies]");
    let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
    let entries = lines.filter_map(|line| line.split_once(" = "));
    entries
        .filter_map(|(name, value)| {
            let version = value.split('"').nth(1)?;
            Some((name.replace('-', "_"), version.to_owned()))
        })
        .collect()
}

/// A source file and those of its modules.
fn with_modules(file: &Path, found: &mut Vec<PathBuf>) {
    found.push(file.to_owned());
    let folder = match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod") | None => file.parent().expect("a folder").to_owned(),
        Some(stem) => file.with_file_name(stem),
    };
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
}

#[test]
fn fuzz_targets_name_every_crate_of_the_sources_that_they_take() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fuzz = root.join("fuzz/src");
    let mut taken = Vec::new();
    for file in ["lib.rs", "model.rs", "attention.rs"] {
        let text = std::fs::read_to_string(fuzz.join(file)).expect("a source");
        for part in text.split("#[path = \"").skip(1) {
            let path = part.split('"').next().expect("a path");
            with_modules(&fuzz.join(path), &mut taken);
        }
    }
    assert!(taken.len() > 50, "{}", taken.len());
    let ours = dependencies(&root.join("Cargo.toml"));
    let theirs = dependencies(&root.join("fuzz/Cargo.toml"));
    assert!(ours.len() > 20 && theirs.len() > 5);
    let mut used = 0;
    for file in taken {
        let text = std::fs::read_to_string(&file).expect("a source");
        for (name, version) in &ours {
            let is_path = |(at, _): (usize, &str)| {
                let before = text[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            };
            if !text.match_indices(&format!("{name}::")).any(is_path) {
                continue;
            }
            used += 1;
            assert_eq!(
                theirs.get(name),
                Some(version),
                "{} uses {name} {version}: name it in fuzz/Cargo.toml",
                file.display()
            );
        }
    }
    assert!(used > 20, "{used}");
}
