//! The `headlight` program: a window by default, subcommands without one.

use headlight::attention::Received;
use headlight::cli::view::{Arguments, TabName, ThemeName};
use headlight::gui::{self, Tab, ViewOptions};
use headlight::job::analyse::Analysis;
use headlight::job::example;
use headlight::workspace::Workspace;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    headlight::cli::main(open_window)
}

fn open_window(arguments: Arguments) -> anyhow::Result<()> {
    let options = ViewOptions {
        files: arguments.files,
        sites: arguments.sites.options(),
        aliases: arguments.aliases,
        locus: arguments.locus,
        size: arguments.size,
        scale: arguments.scale,
        dark: arguments.theme.map(|theme| theme == ThemeName::Dark),
        tab: arguments.tab.map(|tab| match tab {
            TabName::Map => Tab::Map,
            TabName::Heads => Tab::Heads,
            TabName::Jobs => Tab::Jobs,
            TabName::Compare => Tab::Compare,
            TabName::Novel => Tab::Novel,
            TabName::Similar => Tab::Similar,
            TabName::WhatIf => Tab::WhatIf,
            TabName::Training => Tab::Training,
            TabName::Evaluation => Tab::Evaluation,
        }),
        analyses: arguments.analyse.into_iter().map(Analysis::from).collect(),
        rule: arguments.color.map(Received::from),
        changes: arguments.changes,
        head: arguments.head,
        strand: arguments.strand,
        without_heads: arguments.without_heads,
        screenshot: arguments.screenshot,
        ..ViewOptions::default()
    };
    let example = example::load().map_err(anyhow::Error::from_boxed)?;
    gui::run(Workspace::new(example), options)
}
