//! The page, section after section.

use super::html::{Cell, Rows, escape, figure, table};
use super::table::HeadTable;
use super::{Material, figures, quote, style};
use crate::analysis::heads::HeadReport;
use crate::attention::HeadId;
use crate::genome::locus::grouped;
use std::fmt::Write as _;

/// Rows of a table that are shown in one place.
const MOST_ROWS: usize = 100;
/// Rows of a table that are shown in a head's section.
const MOST_ROWS_OF_HEAD: usize = 12;

/// Columns of the table of all heads, and what they are called there.
const OVERVIEW: [(&str, &str); 12] = [
    ("shows", "shows"),
    ("exceeds", "follows the sequence"),
    ("consensus", "consensus"),
    ("motif_start", "from"),
    ("information_content", "bits"),
    ("effect", "effect (bits)"),
    ("effect_low", "low"),
    ("effect_high", "high"),
    ("p", "p"),
    ("usual_position", "looks at"),
    ("effective_keys", "keys"),
    ("stability", "stability"),
];

pub(super) fn page(material: &Material<'_>) -> String {
    let mut out = String::with_capacity(1 << 20);
    let request = material.request;
    let (genome, model) = (&request.heads.genome, &request.heads.model);
    let title = format!("Heads of {} on {}", model.name(), genome.name);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>{}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n\
         <header><h1>{title}</h1>\n<p class=\"faint\">{}</p></header>\n",
        // `>` alone is no markup, and selectors may hold it.
        style::style(),
        escape(&material.heads.caption()),
        title = escape(&title),
    );
    navigation(&mut out, material);
    out.push_str("<main id=\"content\">\n");
    out.push_str("<section><h2 id=\"quote\">Numbers to quote</h2>\n<ul>\n");
    for sentence in quote::sentences(material) {
        let _ = writeln!(out, "<li>{}</li>", escape(&sentence));
    }
    out.push_str("</ul></section>\n");
    all_heads(&mut out, material);
    for (index, other) in request.tables.iter().enumerate() {
        other_table(&mut out, material, index, other);
    }
    out.push_str("<section><h2 id=\"each\">Each head</h2>\n");
    for report in material.heads.reports() {
        one_head(&mut out, material, report);
    }
    out.push_str("</section>\n");
    methods(&mut out, material);
    provenance(&mut out, material);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn navigation(out: &mut String, material: &Material<'_>) {
    out.push_str("<nav aria-label=\"Sections and heads\"><ul>\n");
    let mut link = |id: &str, name: &str| {
        let _ = writeln!(out, "<li><a href=\"#{id}\">{}</a></li>", escape(name));
    };
    link("quote", "Numbers to quote");
    link("heads", "All heads");
    for (index, table) in material.request.tables.iter().enumerate() {
        link(&format!("table-{}", index + 1), table.kind.title());
    }
    for report in material.heads.reports() {
        let name = report.head.to_string();
        link(&name, &name);
    }
    link("methods", "Methods");
    link("provenance", "Provenance");
    out.push_str("</ul></nav>\n");
}

fn all_heads(out: &mut String, material: &Material<'_>) {
    out.push_str("<section><h2 id=\"heads\">All heads</h2>\n");
    figure(
        out,
        "grid",
        "A card for each head: mean attention by position relative to the start site, and the logo of what it looks at",
        "Above: mean attention by position relative to the start site, each to its own largest value. Below: what lies at the head's \
         strongest key, as a logo of 0 to 2 bits. Pale: does not pass the positional control.",
        &figures::grid(material),
    );
    let header: Vec<&str> = std::iter::once("head")
        .chain(OVERVIEW.iter().map(|(_, shown)| *shown))
        .collect();
    let row = |report: &HeadReport| {
        let cells = report.summary.cells();
        let of = |name: &str| {
            let found = cells.iter().find(|(column, _)| *column == name);
            found.map_or(Cell::Text(String::new()), |(_, value)| {
                match value.as_str() {
                    "true" => Cell::Text("yes".to_owned()),
                    "false" => Cell::Text("no".to_owned()),
                    value => Cell::of(value),
                }
            })
        };
        let others = OVERVIEW.iter().map(|(name, _)| of(name));
        std::iter::once(Cell::Head(report.summary.name.clone()))
            .chain(others)
            .collect()
    };
    table(
        out,
        &Rows {
            caption: "All heads. Positions are relative to the start site: +1 is the start, −1 the base before it. Effect: bits on held-out \
                      start sites over the mean of the positional control, with a 95 % interval over 20 kb blocks of the genome.",
            header: &header,
            body: material.heads.reports().iter().map(row).collect(),
        },
    );
    out.push_str("</section>\n");
}

fn other_table(out: &mut String, material: &Material<'_>, index: usize, other: &HeadTable) {
    let id = format!("table-{}", index + 1);
    let _ = writeln!(
        out,
        "<section><h2 id=\"{id}\">{}</h2>\n<p>{}</p>",
        escape(other.kind.title()),
        escape(other.kind.explanation())
    );
    if let Some(scene) = figures::association(material, other) {
        figure(
            out,
            &format!("{id}-matrix"),
            "Heads in rows, transcription factors in columns, the area under the curve as colour; the table below holds the numbers",
            "Heads against transcription factors, those with the largest effects. An empty cell was not tested.",
            &scene,
        );
    }
    let ranked = other.ranked();
    let caption = format!(
        "{} rows of {}{}.",
        grouped(ranked.len().min(MOST_ROWS)),
        other.name,
        if ranked.len() > MOST_ROWS {
            format!(", the most telling of {}", grouped(ranked.len()))
        } else {
            String::new()
        }
    );
    rows_of(
        out,
        other,
        &caption,
        ranked.into_iter().take(MOST_ROWS),
        true,
    );
    out.push_str("</section>\n");
}

fn rows_of<'a>(
    out: &mut String,
    other: &HeadTable,
    caption: &str,
    rows: impl Iterator<Item = &'a (HeadId, Vec<String>)>,
    with_head: bool,
) {
    // The head's name is in the first column already.
    let shown: Vec<usize> = (0..other.columns.len())
        .filter(|&column| !rows_name_the_head(other, column))
        .collect();
    let mut header: Vec<&str> = shown
        .iter()
        .map(|&column| other.columns[column].as_str())
        .collect();
    if with_head {
        header.insert(0, "head");
    }
    let rows = rows.map(|(head, row)| {
        let cells = shown.iter().map(|&column| Cell::of(&row[column]));
        let head = with_head.then(|| Cell::Head(head.to_string()));
        head.into_iter().chain(cells).collect()
    });
    table(
        out,
        &Rows {
            caption,
            header: &header,
            body: rows.collect(),
        },
    );
}

fn rows_name_the_head(other: &HeadTable, column: usize) -> bool {
    !other.rows.is_empty()
        && other
            .rows
            .iter()
            .all(|(head, row)| row[column] == head.to_string())
}

fn one_head(out: &mut String, material: &Material<'_>, report: &HeadReport) {
    let heads = material.heads;
    let name = report.head.to_string();
    let verdict = match report.summary.exceeds {
        Some(true) => "It follows the sequence: its logo passes the positional control.",
        Some(false) => {
            "It does not pass the positional control: its logo may be that of the place where it looks, not of what it looks for."
        }
        None => "The positional control was not run, or too few windows were left for it.",
    };
    let _ = writeln!(
        out,
        "<article class=\"head\" aria-labelledby=\"{name}\"><h3 id=\"{name}\">{name}: {}</h3>\n<p>{}</p>\n<div class=\"pair\">",
        escape(&report.summary.consensus),
        escape(verdict)
    );
    figure(
        out,
        &format!("{name}-profile"),
        &format!("Mean attention of {name} by position relative to the start site"),
        "Mean weight by position, with one standard deviation over the start sites.",
        &figures::profile(material, report),
    );
    let logo = heads.logo(report);
    figure(
        out,
        &format!("{name}-logo"),
        &format!("Logo of what {name} looks at: {}", report.summary.consensus),
        "What lies at its strongest key.",
        &figures::motif(material, report),
    );
    out.push_str("</div>\n");
    let numbers = heads.numbers(report).into_iter();
    table(
        out,
        &Rows {
            caption: &logo.caption(),
            header: &["number", "value", "what it means"],
            body: numbers
                .map(|(number, value, meaning)| {
                    vec![
                        Cell::Text(number.to_owned()),
                        Cell::Text(value),
                        Cell::Text(meaning.to_owned()),
                    ]
                })
                .collect(),
        },
    );
    elements(out, report);
    for other in &material.request.tables {
        let ranked = other.ranked();
        let mine: Vec<_> = ranked
            .into_iter()
            .filter(|(head, _)| *head == report.head)
            .collect();
        if mine.is_empty() {
            continue;
        }
        let caption = format!(
            "{}: {} of {} rows of {}.",
            other.kind.title(),
            mine.len().min(MOST_ROWS_OF_HEAD),
            grouped(mine.len()),
            other.name
        );
        rows_of(
            out,
            other,
            &caption,
            mine.into_iter().take(MOST_ROWS_OF_HEAD),
            false,
        );
    }
    windows(out, material, report);
    out.push_str("</article>\n");
}

fn elements(out: &mut String, report: &HeadReport) {
    if report.elements.is_empty() {
        return;
    }
    let rows = report.elements.iter().map(|found| {
        vec![
            Cell::Text(found.element.to_string()),
            Cell::Text(found.position.to_string()),
            Cell::Number(format!("{:.0} %", 100.0 * found.mean_frequency)),
            Cell::Number(format!("{:.2}", found.information_bits)),
        ]
    });
    table(
        out,
        &Rows {
            caption: "Promoter elements in the logo, by their letters and their place.",
            header: &[
                "element",
                "first base",
                "mean frequency of its letters",
                "bits",
            ],
            body: rows.collect(),
        },
    );
}

fn windows(out: &mut String, material: &Material<'_>, report: &HeadReport) {
    let genome = &material.request.heads.genome;
    let links = material
        .heads
        .links(report, genome, material.request.windows);
    if links.is_empty() {
        return;
    }
    let all = report.motif.windows.len();
    let _ = writeln!(
        out,
        "<details class=\"bases\"><summary>{} of {} windows behind the logo</summary>",
        links.len(),
        grouped(all)
    );
    let rows = links.into_iter().map(|(words, locus)| {
        let bases = words.split("  ").next().unwrap_or_default().to_owned();
        let contig = genome.contigs.get(locus.contig);
        let place = contig.map_or(String::new(), |contig| {
            format!("{}:{}", contig.name, locus.interval)
        });
        let strand = locus
            .strand
            .map_or(String::new(), |strand| strand.to_string());
        vec![Cell::Text(bases), Cell::Text(place), Cell::Text(strand)]
    });
    table(
        out,
        &Rows {
            caption: "Windows in the order of the start sites; identical ones count once. Positions are 1-based and inclusive.",
            header: &["bases", "where", "strand"],
            body: rows.collect(),
        },
    );
    out.push_str("</details>\n");
}

fn methods(out: &mut String, material: &Material<'_>) {
    let result = &material.heads.result;
    let (shift, context) = (
        result.surroundings.label_shift(),
        result.surroundings.context(),
    );
    let rule = &result.rule;
    let mut paragraphs = vec![
        format!(
            "Start sites. {} were given; no two on a strand nearer than {} bases were kept. The model's output for a start site lies {shift} \
             bases after it, so that a base of the start's own surroundings can be seen there. Strands are read apart. \
             Borders of segments: {}.",
            grouped(result.given),
            rule.apart_bp,
            rule.mode
        ),
        format!(
            "Profile. A query sees {context} bases: itself and those before it. The weights of a query add up to 1. The profile is their mean \
             over the start sites, by position relative to the start: +1 is the start, −1 the base before it, and there is no 0."
        ),
        "Logo. For each start site the base with the largest weight is taken with the bases beside it, on the strand that is read; \
         identical windows count once. Windows are moved by up to two bases against one another where that raises their likelihood, and \
         flanks without information are cut. The height of a column is its information in bits, with the correction that the \
         caption states."
            .to_owned(),
        "Positional control. A head that always looks at one place shows what promoters have there, without reading it. So each head's own \
         distances are dealt out among its start sites at random and everything is done again. The motif is cut on one half of the \
         genome and measured on the other. A head follows the sequence where the measured information exceeds the 99th \
         percentile of these permutations."
            .to_owned(),
        "What this does not show. Attention says where a head looks, not what the model would do without it, and not that a protein binds. \
         From the second layer on, a base that is looked at carries what earlier layers brought there from its neighbours. Heads \
         of one layer share their convolutions and are not independent observations."
            .to_owned(),
    ];
    if result.rule.permutations.count == 0 {
        paragraphs.push("In this report the positional control was not run.".to_owned());
    }
    out.push_str("<section><h2 id=\"methods\">Methods</h2>\n");
    for paragraph in paragraphs {
        let _ = writeln!(out, "<p>{}</p>", escape(&paragraph));
    }
    out.push_str("</section>\n");
}

fn provenance(out: &mut String, material: &Material<'_>) {
    out.push_str("<section><h2 id=\"provenance\">Provenance</h2>\n");
    let entries = material.request.provenance.entries().iter();
    table(
        out,
        &Rows {
            caption: "With what this page was made.",
            header: &["what", "value"],
            body: entries
                .map(|(name, value)| vec![Cell::Text(name.clone()), Cell::Text(value.clone())])
                .collect(),
        },
    );
    out.push_str("</section>\n");
}
