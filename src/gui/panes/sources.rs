//! The window of data sources: official pages, the file to pick, and the terms. Links open in the
//! browser; nothing is fetched from here.

/// One database.
pub struct Source {
    /// What it is called.
    pub name: &'static str,
    /// What is in it.
    pub holds: &'static str,
    /// Which file to pick, and how it is opened here.
    pub pick: &'static str,
    /// What one may do with it, as its pages say; its own words count.
    pub terms: &'static str,
    /// Its pages: the one to start from first.
    pub pages: &'static [&'static str],
}

/// The databases, those for *E. coli* first.
pub const SOURCES: [Source; 8] = [
    Source {
        name: "NCBI Datasets",
        holds: "Genomes with their annotation.",
        pick: "Press Download and tick “Genome sequences (FASTA)” and “Annotation features (GFF)”, or “Sequence and annotation (GBFF)”. \
               Unpack the archive and open the .fna, then the .gff. E. coli K-12 MG1655 is GCF_000005845.2 (NC_000913.3, U00096.3), \
               B. subtilis 168 is GCF_000009045.1 (NC_000964.3).",
        terms: "NCBI itself places no restrictions on use or distribution; those who submitted a sequence may claim rights.",
        pages: &[
            "https://www.ncbi.nlm.nih.gov/datasets/genome/GCF_000005845.2/",
            "https://www.ncbi.nlm.nih.gov/datasets/genome/GCF_000009045.1/",
            "https://www.ncbi.nlm.nih.gov/home/about/policies/",
        ],
    },
    Source {
        name: "RegulonDB",
        holds: "Transcription factors of E. coli K-12, their sites, promoters and motifs.",
        pick: "Sites: TF-RISet.tsv (regulatory interactions of transcription factors; older releases: RISet, BindingSiteSet). \
               Start sites: PromoterSet.tsv. Motifs: the PSSM data set.",
        terms: "Free for academic and noncommercial use. It may not be changed, passed on as a part of other databases, or stripped \
                of its notices without consent.",
        pages: &[
            "https://regulondb.ccg.unam.mx/datasets",
            "https://regulondb.ccg.unam.mx/manual/aboutUs/terms-conditions",
        ],
    },
    Source {
        name: "EcoCyc",
        holds: "The encyclopedia of E. coli K-12, with its DNA-binding sites.",
        pick: "Make a SmartTable of all DNA binding sites with the columns Regulator, Left, Right, Strand and Sequence, and export \
               it as a spreadsheet file: text with tabs, not Excel.",
        terms: "A part of BioCyc, which is financed by subscriptions; some pages ask for an account. Read its licence before you \
                share what you exported.",
        pages: &["https://ecocyc.org/", "https://biocyc.org/"],
    },
    Source {
        name: "PRODORIC",
        holds: "Sites and motifs of many bacteria.",
        pick: "The position weight matrix of a transcription factor, or its sites.",
        terms: "Publicly available; look up on its pages what that covers, and cite it.",
        pages: &["https://www.prodoric.de/"],
    },
    Source {
        name: "CollecTF",
        holds: "Sites with experimental evidence, of bacteria.",
        pick: "Browse by transcription factor or species, choose the sites, and export them or their motif (PSSM).",
        terms: "A public database of published sites: cite it and the articles that the sites come from.",
        pages: &["http://www.collectf.org/"],
    },
    Source {
        name: "SwissRegulon",
        holds: "Motifs of E. coli and other organisms, and sites that they predict.",
        pick: "Under Downloads, the weight matrices of E. coli.",
        terms: "Flat files for download; look up on its pages what may be done with them, and cite it.",
        pages: &["https://swissregulon.unibas.ch/"],
    },
    Source {
        name: "JASPAR",
        holds: "Motifs of eukaryotes; none of bacteria.",
        pick: "Under Downloads, the CORE collection of the taxon, non-redundant, as JASPAR, MEME or TRANSFAC in a single file.",
        terms: "Open access. Cite the release that you used.",
        pages: &["https://jaspar.elixir.no/downloads/"],
    },
    Source {
        name: "DBTBS",
        holds: "Transcription factors of B. subtilis and their sites.",
        pick: "Copy the sites of a factor into a table with the columns tf, left, right and strand.",
        terms: "Look up on its pages what may be done with it, and cite it.",
        pages: &["https://dbtbs.hgc.jp/"],
    },
];

/// Draws the window while it is open.
pub fn show(shown: &mut bool, ctx: &egui::Context) {
    if !*shown {
        return;
    }
    egui::Window::new("Data sources")
        .open(shown)
        .collapsible(false)
        .default_pos(super::WINDOW_AT)
        .default_width(560.0)
        .default_height(520.0)
        .max_height((ctx.content_rect().height() - 130.0).max(200.0))
        .vscroll(true)
        .show(ctx, |ui| {
            ui.label("Where files come from and which one to pick. Links open in your browser: Headlight itself never connects to anything.");
            for source in &SOURCES {
                ui.add_space(12.0);
                ui.strong(source.name);
                ui.label(source.holds);
                ui.label(source.pick);
                ui.weak(source.terms);
                for page in source.pages {
                    let words = page.split_once("://").map_or(*page, |(_, words)| words);
                    ui.hyperlink_to(words.trim_end_matches('/'), *page);
                }
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_the_same_sources() {
        let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
        let (_, section) = readme
            .split_once("### Where to get what\n")
            .expect("a section");
        let (section, _) = section.split_once("\n## ").expect("its end");
        let rows = section.lines().filter(|line| line.starts_with("| ["));
        let listed: Vec<&str> = rows.filter_map(|row| row.split(" | ").next()).collect();
        let expected: Vec<String> = SOURCES
            .iter()
            .map(|source| format!("| [{}]({})", source.name, source.pages[0]))
            .collect();
        assert_eq!(listed, expected);
    }
}
