//! Every kind of checkpoint gives the same network.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::golden::{self, Array};
use crate::shared::shared;
use crate::torch_file::{self, Stored};
use half::{bf16, f16};
use headlight::model::checkpoint::{Format, safetensors_bytes};
use headlight::model::{
    Checkpoint, EXAMPLE, Metadata, Overrides, Weights, checkpoint, read_checkpoint,
    read_checkpoint_bytes, write_safetensors,
};
use std::collections::BTreeMap;
use std::path::Path;

const NONE: Overrides = Overrides {
    context: None,
    label_shift: None,
};

fn read(path: &Path) -> Checkpoint {
    read_checkpoint(path, NONE).unwrap_or_else(|error| panic!("{error}"))
}

fn read_bytes(bytes: &[u8]) -> Checkpoint {
    read_checkpoint_bytes("test", bytes, NONE).unwrap_or_else(|error| panic!("{error}"))
}

/// Weights as bits, so that nothing but equality passes.
fn bits(weights: &Weights) -> Vec<u32> {
    let layers = weights.layers.iter().flat_map(|layer| {
        let convolutions = layer.convolution.iter().chain(&layer.convolution_bias);
        [
            &layer.qkv,
            &layer.r,
            &layer.o,
            &layer.norm_weight,
            &layer.norm_bias,
        ]
        .into_iter()
        .chain(convolutions)
    });
    let all = [
        &weights.embedding,
        &weights.u,
        &weights.v,
        &weights.inverse_frequency,
        &weights.out,
        &weights.out_bias,
    ];
    let numbers = all.into_iter().chain(layers).flatten();
    numbers.map(|number| number.to_bits()).collect()
}

#[test]
fn every_format_gives_the_tensors_of_its_safetensors_twin() {
    let suffixes = [
        "state_dict.pt",
        "state_dict.legacy.pt",
        "module.pt",
        "module.legacy.pt",
    ];
    let mut files = 0;
    for stem in ["tiny", "paper", "trained/ecoli_tss_context128"] {
        let Some(twin) = shared(&format!("reference/{stem}.safetensors")) else {
            return;
        };
        let expected = read(&twin);
        assert_eq!(expected.format, Format::Safetensors);
        files += 1;
        for suffix in suffixes {
            let path = twin.with_extension(suffix);
            if !path.exists() {
                continue;
            }
            let found = read(&path);
            assert_eq!(found.weights.config, expected.weights.config, "{suffix}");
            assert_eq!(bits(&found.weights), bits(&expected.weights), "{suffix}");
            let mut unused = found.unused;
            unused.sort_unstable();
            assert_eq!(unused, expected.unused, "{suffix}");
            files += 1;
        }
    }
    assert_eq!(files, 13);
}

#[test]
fn sizes_are_those_of_the_published_network() {
    let Some(path) = shared("reference/paper.module.pt") else {
        return;
    };
    let checkpoint = read(&path);
    let config = checkpoint.weights.config;
    assert_eq!((config.layers, config.heads, config.kernel), (6, 6, 7));
    assert_eq!((config.d_model, config.d_head, config.classes), (32, 32, 2));
    assert_eq!((config.context, config.label_shift), (512, 20));
    // The original counts the loss's own copy of the output layer, 66 numbers, as well.
    assert_eq!(checkpoint.summary().parameters, 314_948 - 66);
    assert_eq!(checkpoint.checksum.len(), 64);
}

#[test]
fn the_original_script_s_file_names_its_attention_as_unused() {
    let Some(path) = shared("reference/trainpy.model.pt") else {
        return;
    };
    let checkpoint = read(&path);
    let config = checkpoint.weights.config;
    assert_eq!((config.layers, config.heads, config.d_model), (2, 2, 16));
    let unused: Vec<&str> = checkpoint.unused.iter().map(String::as_str).collect();
    for name in ["layers.0.dec_attn.attn_prob", "layers.1.dec_attn.attn_prob"] {
        assert!(unused.contains(&name), "{unused:?}");
    }
    assert!(unused.contains(&"crit.out_layers.0.weight"), "{unused:?}");
    assert_eq!(unused.len(), 4, "{unused:?}");
}

fn tiny() -> Option<(BTreeMap<String, Array>, Checkpoint)> {
    let path = shared("reference/tiny.safetensors")?;
    Some((golden::arrays(&path), read(&path)))
}

fn stored<const N: usize>(
    arrays: &BTreeMap<String, Array>,
    prefix: &str,
    kind: &'static str,
    convert: impl Fn(f32) -> [u8; N] + Copy,
) -> Vec<Stored> {
    let tensors = arrays.iter();
    tensors
        .map(|(name, array)| {
            let name = format!("{prefix}{name}");
            Stored::new(&name, kind, &array.shape, &array.values, convert)
        })
        .collect()
}

#[test]
fn prefixes_are_seen_through() {
    let Some((arrays, expected)) = tiny() else {
        return;
    };
    for prefix in ["", "module.", "model.", "state_dict.model.", "a.b.c."] {
        let tensors = stored(&arrays, prefix, "FloatStorage", f32::to_le_bytes);
        for file in [torch_file::zipped(&tensors), torch_file::legacy(&tensors)] {
            let found = read_bytes(&file);
            assert_eq!(found.weights, expected.weights, "{prefix}");
            assert_eq!(found.unused[0], format!("{prefix}crit.out_layers.0.bias"));
        }
    }
}

#[test]
fn two_networks_in_one_file_are_refused() {
    let Some((arrays, _)) = tiny() else {
        return;
    };
    let mut tensors = stored(&arrays, "model.", "FloatStorage", f32::to_le_bytes);
    tensors.extend(stored(
        &arrays,
        "average.",
        "FloatStorage",
        f32::to_le_bytes,
    ));
    let error = read_checkpoint_bytes("two", &torch_file::zipped(&tensors), NONE).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("average., model."), "{error}");
}

#[test]
fn other_element_types_are_converted() {
    let Some((arrays, expected)) = tiny() else {
        return;
    };
    let wide = |value: f32| f64::from(value).to_le_bytes();
    let half = |value: f32| f16::from_f32(value).to_le_bytes();
    let brain = |value: f32| bf16::from_f32(value).to_le_bytes();
    let rounded = |round: fn(f32) -> f32| {
        let mut weights = expected.weights.clone();
        for layer in &mut weights.layers {
            let convolutions = layer
                .convolution
                .iter_mut()
                .chain(&mut layer.convolution_bias);
            [
                &mut layer.qkv,
                &mut layer.r,
                &mut layer.o,
                &mut layer.norm_weight,
                &mut layer.norm_bias,
            ]
            .into_iter()
            .chain(convolutions)
            .flatten()
            .for_each(|value| *value = round(*value));
        }
        [
            &mut weights.embedding,
            &mut weights.u,
            &mut weights.v,
            &mut weights.inverse_frequency,
            &mut weights.out,
            &mut weights.out_bias,
        ]
        .into_iter()
        .flatten()
        .for_each(|value| *value = round(*value));
        weights
    };
    let cases = [
        (
            stored(&arrays, "", "DoubleStorage", wide),
            expected.weights.clone(),
        ),
        (
            stored(&arrays, "", "HalfStorage", half),
            rounded(|value| f16::from_f32(value).to_f32()),
        ),
        (
            stored(&arrays, "", "BFloat16Storage", brain),
            rounded(|value| bf16::from_f32(value).to_f32()),
        ),
    ];
    for (tensors, expected) in cases {
        for file in [torch_file::zipped(&tensors), torch_file::legacy(&tensors)] {
            assert_eq!(read_bytes(&file).weights, expected, "{}", tensors[0].kind);
        }
    }
}

#[test]
fn transposed_views_are_read_in_their_own_order() {
    let Some((arrays, expected)) = tiny() else {
        return;
    };
    let mut tensors = stored(&arrays, "", "FloatStorage", f32::to_le_bytes);
    for tensor in tensors.iter_mut().filter(|tensor| tensor.shape.len() == 2) {
        let (rows, columns) = (tensor.shape[0], tensor.shape[1]);
        let words: Vec<[u8; 4]> = tensor.bytes.as_chunks::<4>().0.to_vec();
        tensor.strides = vec![1, rows];
        tensor.bytes = (0..columns)
            .flat_map(|column| (0..rows).map(move |row| row * columns + column))
            .flat_map(|index| words[index])
            .collect();
    }
    assert_eq!(
        read_bytes(&torch_file::zipped(&tensors)).weights,
        expected.weights
    );
}

#[test]
fn archives_with_64_bit_numbers_are_read() {
    let Some((arrays, expected)) = tiny() else {
        return;
    };
    let tensors = stored(&arrays, "", "FloatStorage", f32::to_le_bytes);
    let file = torch_file::archive(&tensors).finish_wide();
    assert_eq!(read_bytes(&file).weights, expected.weights);
}

#[test]
fn safetensors_are_written_and_read_back() {
    let Some((_, mut expected)) = tiny() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    expected.weights.config.context = 64;
    let metadata = Metadata {
        name: Some("tiny".into()),
        licence: Some("none".into()),
        ..Metadata::default()
    };
    write_safetensors(&path, &expected.weights, &metadata).unwrap();
    let found = read(&path);
    assert_eq!(found.weights, expected.weights);
    assert_eq!(found.metadata.name, metadata.name);
    assert_eq!(found.metadata.context, Some(64));
    assert!(found.unused.is_empty());
    // The library that defines the format reads it too, and nothing else is left in the folder.
    let arrays = golden::arrays(&path);
    assert_eq!(arrays["out_layer.weight"].values, expected.weights.out);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let nowhere = folder.path().join("absent").join("model.safetensors");
    let error = write_safetensors(&nowhere, &expected.weights, &metadata).unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
}

#[test]
fn an_altered_number_in_our_own_file_is_noticed() {
    let Some((_, expected)) = tiny() else {
        return;
    };
    let mut bytes = safetensors_bytes(&expected.weights, &Metadata::default());
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    let error = read_checkpoint_bytes("altered", &bytes, NONE).unwrap_err();
    assert!(error.to_string().contains("SHA-256"), "{error}");
}

#[test]
fn settings_come_from_the_user_then_the_json_beside_then_the_file() {
    let Some((_, expected)) = tiny() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write_safetensors(&path, &expected.weights, &Metadata::default()).unwrap();
    assert_eq!(read(&path).weights.config.context, 512);

    let beside = folder.path().join("model.json");
    std::fs::write(&beside, r#"{"context": 100, "label_shift": 7}"#).unwrap();
    let config = read(&path).weights.config;
    assert_eq!((config.context, config.label_shift), (100, 7));

    let closer = folder.path().join("model.safetensors.json");
    std::fs::write(&closer, r#"{"context": 64}"#).unwrap();
    assert_eq!(read(&path).weights.config.context, 64);

    let overrides = Overrides {
        context: Some(32),
        label_shift: Some(0),
    };
    let config = read_checkpoint(&path, overrides).unwrap().weights.config;
    assert_eq!((config.context, config.label_shift), (32, 0));

    std::fs::write(&closer, r#"{"context": "long"}"#).unwrap();
    let error = read_checkpoint(&path, NONE).unwrap_err().to_string();
    assert!(error.contains("model.safetensors.json"), "{error}");
    let overrides = Overrides {
        context: Some(0),
        ..NONE
    };
    std::fs::remove_file(closer).unwrap();
    assert!(read_checkpoint(&path, overrides).is_err());
}

#[test]
fn the_shipped_model_carries_the_metadata_beside_it() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let metadata = checkpoint::read_metadata(&assets.join("model.metadata.json")).unwrap();
    let rebuilt = safetensors_bytes(&read_bytes(EXAMPLE).weights, &metadata);
    assert!(
        rebuilt == EXAMPLE,
        "assets/model.safetensors does not hold assets/model.metadata.json"
    );
}

#[test]
fn the_shipped_model_says_what_it_is() {
    let example = read_bytes(EXAMPLE);
    assert_eq!(example.weights.config.context, 128);
    assert_eq!(example.weights.config.label_shift, 20);
    let split = example.metadata.split.as_ref().unwrap();
    assert_eq!(split.contig, "NC_000913.3");
    assert_eq!(split.training.len(), 2);
    assert_eq!(split.test[0].start, 2_738_785);
    insta::assert_snapshot!(example.summary(), @r"
    name          E. coli K-12 transcription start sites, context 128
    format        safetensors
    sha256        1cc8a3377804bf27fca2cc70048515eacd04876e5a123c3d6362a8fdeab8a390
    sizes         6 layers x 6 heads, d_model 32, d_head 32, kernel 7, 2 classes
    parameters    314882
    context       128 bp
    label shift   20 bp
    labels        8,029 transcription start sites of NC_000913.3 from openly licensed articles: Kim 2012, Cho 2014, Yan 2018
    training      headlight train, two runs: Adam, peak learning rate 1e-3, 20 streams of segments of about 128, half of them drawn around labels with importance weights, dropout 0.1, focal loss gamma 0.8; 3,000 steps from weights of standard deviation 0.1 (300 warm-up steps, cosine to 20,000, seed 1), then 3,000 steps of a cosine to 3,500 (seed 2): docs/model.md
    source        trained by headlight train; the network is that of Clauwaert, Menschaert, Waegeman 2021, bbab060
    licence       MIT OR Apache-2.0 (labels: CC BY, Kim 2012, Cho 2014, Yan 2018)
    trained on    NC_000913.3:1-2738785, NC_000913.3:4131281-4641652
    validated on  NC_000913.3:3667116-4131280
    held out      NC_000913.3:2738786-3667115
    score         ROC AUC 0.908 (validation, both strands)
    score         average precision 0.152 (validation, both strands)
    score         ROC AUC 0.9 (test, both strands)
    score         average precision 0.121 (test, both strands)
    ");
}
