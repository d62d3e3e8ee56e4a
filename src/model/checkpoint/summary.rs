//! What a checkpoint holds, in a few lines for people or as JSON for machines.

use super::{Checkpoint, Format};
use crate::model::config::Config;
use crate::model::metadata::{Metadata, Split};
use std::fmt;

/// What a checkpoint holds.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Summary {
    /// What the file is.
    pub format: Format,
    /// SHA-256 of the file.
    pub checksum: String,
    /// Sizes and settings.
    pub config: Config,
    /// How many learned numbers the network uses.
    pub parameters: u64,
    /// What the file says about itself.
    pub metadata: Metadata,
    /// Tensors that the network does not use.
    pub unused: Vec<String>,
}

impl Checkpoint {
    /// What this checkpoint holds.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            format: self.format,
            checksum: self.checksum.clone(),
            config: self.weights.config,
            parameters: self.weights.config.parameters(),
            metadata: self.metadata.clone(),
            unused: self.unused.clone(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            config, metadata, ..
        } = self;
        let mut line = |name: &str, value: &str| writeln!(f, "{name:<14}{value}");
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        if let Some(name) = &metadata.name {
            line("name", name)?;
        }
        line("format", &self.format.to_string())?;
        line("sha256", &self.checksum)?;
        let kernel = match config.kernel {
            0 => "no convolutions".to_owned(),
            kernel => format!("kernel {kernel}"),
        };
        let sizes = format!(
            "{} layers x {} heads, d_model {}, d_head {}, {kernel}, {} classes",
            config.layers, config.heads, config.d_model, config.d_head, config.classes
        );
        line("sizes", &sizes)?;
        line("parameters", &self.parameters.to_string())?;
        let said = |field: Option<usize>| match field {
            Some(_) => "",
            None => " (assumed: the checkpoint does not say)",
        };
        let context = format!("{} bp{}", config.context, said(metadata.context));
        line("context", &context)?;
        let shift = format!("{} bp{}", config.label_shift, said(metadata.label_shift));
        line("label shift", &shift)?;
        for (name, field) in [
            ("labels", &metadata.label_set),
            ("training", &metadata.training),
            ("source", &metadata.source),
            ("licence", &metadata.licence),
        ] {
            if field.is_some() {
                line(name, &text(field))?;
            }
        }
        if let Some(split) = &metadata.split {
            for (name, part) in split.parts() {
                line(name, &part)?;
            }
        }
        for score in &metadata.scores {
            let score = format!("{} {} ({})", score.measure, score.value, score.part);
            line("score", &score)?;
        }
        if !self.unused.is_empty() {
            line("not used", &self.unused.join(", "))?;
        }
        Ok(())
    }
}

impl Split {
    /// Each part as people read it: 1-based, closed.
    fn parts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let parts = [
            ("trained on", &self.training),
            ("validated on", &self.validation),
            ("held out", &self.test),
        ];
        parts
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .map(|(name, part)| {
                let part: Vec<String> = part
                    .iter()
                    .map(|interval| {
                        format!("{}:{}-{}", self.contig, interval.start + 1, interval.end)
                    })
                    .collect();
                (name, part.join(", "))
            })
    }
}
