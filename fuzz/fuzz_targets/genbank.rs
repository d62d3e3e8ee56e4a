//! GenBank records: sequence and features.
#![no_main]

use headlight_fuzz::{annotation, genome_file};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if !data.starts_with(b"LOCUS") {
        return Corpus::Reject;
    }
    genome_file(data, |_| true);
    annotation(data, |_| true)
});
