//! `headlight report`: the page holds every head, is well-formed, and lets nothing through.

use headlight::attention::{HeadId, HeadShape};
use headlight::genome::read::ReadError;
use headlight::job::report::{HeadTable, TableKind};
use headlight::progress::{Cancel, Progress};
use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Output};

const SHAPE: HeadShape = HeadShape {
    layers: 6,
    heads: 6,
};

fn headlight(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headlight"))
        .args(arguments)
        .output()
        .unwrap()
}

fn read(path: &Path) -> Result<HeadTable, ReadError> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    HeadTable::read(TableKind::Compare, path, SHAPE, &progress, &cancel)
}

/// Values of an attribute, in the order of the page.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.match_indices(&start)
        .map(|(at, found)| {
            let rest = &page[at + found.len()..];
            &rest[..rest.find('"').unwrap()]
        })
        .collect()
}

fn start_sites() -> String {
    let rows = (100_000..160_000).step_by(1_000);
    let rows = rows.map(|position| format!("NC_000913.3\t{position}\t+"));
    let header = "contig\tposition\tstrand".to_owned();
    std::iter::once(header)
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
        + "\n"
}

#[test]
fn one_page_holds_every_head_and_the_tables_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let anchors = file("starts.tsv", &start_sites());
    let compare = file(
        "compare.tsv",
        "layer\thead\ttf\tsites\tauroc\tauroc_low\tauroc_high\tp\tq\tp_max\n\
         4\t5\tCRP\t200\t0.71\t0.66\t0.75\t0.001\t0.004\t0.01\n\
         4\t5\t</script><b>&\t20\t0.45\t0.4\t0.5\t0.5\t0.9\t1\n\
         6\t6\tCRP\t200\tNA\tNA\tNA\tNA\tNA\tNA\n",
    );
    let novel = file(
        "novel.tsv",
        "layer\thead\tname\tcontig\tleft\tright\tfdr\n1\t1\tL1H1\tNC_000913.3\t7\t13\t0.02\n",
    );
    let page_path = folder.path().join("report.html");
    let output = headlight(&[
        "report",
        "--anchors",
        &anchors,
        "--permutations",
        "20",
        "--compare",
        &compare,
        "--novel",
        &novel,
        "-o",
        page_path.to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let page = std::fs::read_to_string(&page_path).unwrap();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());

    // Well-formed, its pictures included: an XML reader takes it from end to end.
    let options = resvg::usvg::roxmltree::ParsingOptions {
        allow_dtd: true,
        nodes_limit: 2_000_000,
    };
    let document = resvg::usvg::roxmltree::Document::parse_with_options(&page, options).unwrap();
    let count = |name: &str| {
        document
            .descendants()
            .filter(|n| n.has_tag_name(name))
            .count()
    };
    assert_eq!(
        (count("article"), count("script"), count("main")),
        (36, 0, 1)
    );
    let tables = document.descendants().filter(|n| n.has_tag_name("table"));
    for table in tables {
        assert!(
            table
                .first_element_child()
                .is_some_and(|first| first.has_tag_name("caption"))
        );
    }
    let svg = ("http://www.w3.org/2000/svg", "svg");
    let pictures: Vec<_> = document
        .descendants()
        .filter(|n| n.has_tag_name(svg))
        .collect();
    assert_eq!(pictures.len(), 1 + 1 + 2 * 36);
    assert!(pictures.iter().all(|picture| {
        picture.attribute("role") == Some("img") && picture.attribute("aria-label").is_some()
    }));

    // Every name is unique, every link leads somewhere, nothing is fetched.
    let ids = attributes(&page, "id");
    let unique: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    for link in attributes(&page, "href") {
        let inside = link.strip_prefix('#').is_some_and(|id| unique.contains(id));
        assert!(inside || link.starts_with("data:image/png"), "{link}");
    }
    for (at, start) in page.match_indices("url(#") {
        let rest = &page[at + start.len()..];
        assert!(unique.contains(&rest[..rest.find(')').unwrap()]));
    }
    assert!(!page.contains(" src=") && !page.contains("@import"));

    // What the tables say is there, escaped, ranked, and in the section of its head.
    assert!(page.contains("L4H5 and CRP (AUROC 0.71, 0.66 to 0.75, p_max 0.01)"));
    assert!(page.contains("&lt;/script&gt;&lt;b&gt;&amp;") && !page.contains("</script>"));
    let section =
        &page[page.find("<h3 id=\"L1H1\"").unwrap()..page.find("<h3 id=\"L1H2\"").unwrap()];
    assert!(section.contains("1 of 1 rows of novel.tsv") && section.contains("effective keys"));
    assert!(page.contains("1cc8a3377804bf27fca2cc70048515eacd04876e5a123c3d6362a8fdeab8a390"));
    assert!(page.contains("prefers-color-scheme: dark"));

    let table = read(Path::new(&compare)).unwrap();
    assert_eq!(table.rows[0].0, HeadId { layer: 3, head: 4 });
    let wrong = headlight(&["report", "--names", &anchors]);
    let error = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        error.contains("starts.tsv, line 1: expected a header with the columns layer and head"),
        "{error}"
    );
}
