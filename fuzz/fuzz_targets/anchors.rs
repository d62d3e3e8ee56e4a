//! Anchors as a table, BED or GFF3.
#![no_main]

use headlight_fuzz::anchors;
use headlight_fuzz::genome::read::FileKind;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    anchors(data, |kind| {
        matches!(kind, FileKind::AnchorTable | FileKind::Bed | FileKind::Gff3)
    })
});
