//! Files that are wrong, cut short, altered or malicious: an error, at once, in little memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::shared::shared;
use crate::torch_file::{self, Archive, Stored};
use headlight::model::{Overrides, read_checkpoint, read_checkpoint_bytes};
use std::path::Path;
use std::time::{Duration, Instant};

const NONE: Overrides = Overrides {
    context: None,
    label_shift: None,
};

/// Reads a file, which must end within a second; gives the error's text.
fn refuse(name: &str, bytes: &[u8]) -> String {
    let started = Instant::now();
    let result = read_checkpoint_bytes(name, bytes, NONE);
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_secs(1), "{name} took {elapsed:?}");
    match result {
        Ok(_) => panic!("{name} was read"),
        Err(error) => error.to_string(),
    }
}

/// A state dict of the smallest network: 1 layer, 1 head, sizes 2, no convolution.
fn smallest() -> Vec<Stored> {
    let tensor = |name: &str, shape: &[usize]| {
        let count: usize = shape.iter().product();
        Stored::new(
            name,
            "FloatStorage",
            shape,
            &vec![0.5; count],
            f32::to_le_bytes,
        )
    };
    vec![
        tensor("word_emb.emb_layers.0.weight", &[4, 2]),
        tensor("pos_emb.inv_freq", &[1]),
        tensor("r_w_bias", &[1, 2]),
        tensor("r_r_bias", &[1, 2]),
        tensor("layers.0.dec_attn.qkv_net.weight", &[6, 2]),
        tensor("layers.0.dec_attn.r_net.weight", &[2, 2]),
        tensor("layers.0.dec_attn.o_net.weight", &[2, 2]),
        tensor("layers.0.dec_attn.layer_norm.weight", &[2]),
        tensor("layers.0.dec_attn.layer_norm.bias", &[2]),
        tensor("out_layer.weight", &[2, 2]),
        tensor("out_layer.bias", &[2]),
    ]
}

/// The smallest network with one tensor changed, in all formats.
fn changed(name: &str, change: impl Fn(&mut Stored)) -> [Vec<u8>; 2] {
    let mut tensors = smallest();
    let tensor = tensors.iter_mut().find(|tensor| tensor.name == name);
    change(tensor.unwrap());
    [torch_file::zipped(&tensors), torch_file::legacy(&tensors)]
}

fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

fn with_pickle(pickle: &[u8]) -> Vec<u8> {
    let mut archive = Archive::default();
    archive.add("m/data.pkl", pickle);
    archive.finish()
}

#[test]
fn the_smallest_network_is_read() {
    for file in [
        torch_file::zipped(&smallest()),
        torch_file::legacy(&smallest()),
    ] {
        let checkpoint = read_checkpoint_bytes("smallest", &file, NONE).unwrap();
        assert_eq!(checkpoint.weights.config.kernel, 0);
        assert!(checkpoint.unused.is_empty());
    }
}

#[test]
fn wrong_tensors_are_named() {
    let reshape = |name: &str, shape: &[usize]| {
        changed(name, |tensor| {
            *tensor = Stored::new(
                &tensor.name,
                "FloatStorage",
                shape,
                &vec![0.0; shape.iter().product()],
                f32::to_le_bytes,
            );
        })
    };
    let qkv = "layers.0.dec_attn.qkv_net.weight";
    let norm = "layers.0.dec_attn.layer_norm.bias";
    for (files, parts) in [
        (
            reshape(qkv, &[6, 3]),
            [qkv, "expected [6, 2]", "found [6, 3]"],
        ),
        (reshape(qkv, &[12]), [qkv, "expected [6, 2]", "found [12]"]),
        (
            reshape("r_w_bias", &[2]),
            ["r_w_bias", "[heads, d_head]", "[2]"],
        ),
        (
            reshape("word_emb.emb_layers.0.weight", &[5, 2]),
            ["word_emb", "[4, 2]", "[5, 2]"],
        ),
        (
            reshape("out_layer.weight", &[1, 2]),
            ["classes", "2 to 1024", "1"],
        ),
        (
            reshape("word_emb.emb_layers.0.weight", &[4, 3]),
            ["d_model", "even", "3"],
        ),
        (
            changed(norm, |tensor| tensor.name = "x".into()),
            ["lacks", norm, "11 tensors"],
        ),
        (
            changed("r_w_bias", |tensor| tensor.name = "x".into()),
            ["lacks", "r_w_bias", "11 tensors"],
        ),
        (
            changed(norm, |tensor| {
                tensor.bytes[4..8].copy_from_slice(&f32::NAN.to_le_bytes());
            }),
            [norm, "NaN", "[1]"],
        ),
        (
            changed(qkv, |tensor| {
                tensor.bytes[40..44].copy_from_slice(&f32::INFINITY.to_le_bytes());
            }),
            [qkv, "inf", "[5, 0]"],
        ),
        (
            changed(qkv, |tensor| tensor.kind = "IntStorage"),
            [qkv, "IntStorage", "f32"],
        ),
        (
            changed(norm, |tensor| {
                tensor.name = "layers.0.pos_ff.CoreNet.0.bias".into();
            }),
            ["lacks", norm, "tensors"],
        ),
        (
            changed(norm, |tensor| tensor.strides = vec![0]),
            [norm, "repeats", "again"],
        ),
        (
            changed(norm, |tensor| tensor.strides = vec![9]),
            [norm, "beyond", "again"],
        ),
    ] {
        for file in files {
            let error = refuse("wrong.pt", &file);
            for part in parts.iter().chain(&["wrong.pt"]) {
                assert!(error.contains(part), "{part} is missing: {error}");
            }
        }
    }
    let mut tensors = smallest();
    let mut other = tensors[8].clone();
    other.name = "layers.0.pos_ff.CoreNet.0.bias".into();
    tensors.push(other);
    let error = refuse("other.pt", &torch_file::zipped(&tensors));
    assert!(error.contains("feed-forward"), "{error}");
}

#[test]
fn wrong_kinds_of_files_are_named() {
    for (bytes, kind) in [
        (&b""[..], "an empty file"),
        (b">chr\nACGT\n", "FASTA"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "a gzip file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"{\"a\": 1}", "JSON"),
        (b"hello there, this is text", "text"),
        (b"\0\x01\x02\x03", "something else"),
        (b"\x80\x02}q\0.", "a pickle that torch.save did not write"),
        (b"MEME version 4\n", "MEME motifs"),
        (b"PK\x03\x04", "cut short"),
    ] {
        let error = refuse("a file", bytes);
        assert!(error.contains(kind), "{kind}: {error}");
    }
    let mut archive = Archive::default();
    archive.add("word/document.xml", b"<xml/>");
    assert!(refuse("a.docx", &archive.finish()).contains("without data.pkl"));
    let mut archive = Archive::default();
    archive.add("m/data.pkl", b"N.");
    archive.add("m/constants.pkl", b"N.");
    assert!(refuse("script.pt", &archive.finish()).contains("TorchScript"));
    let mut archive = Archive::default();
    archive.add("m/data.pkl", b"N.");
    archive.add("m/byteorder", b"big");
    assert!(refuse("big.pt", &archive.finish()).contains("big-endian"));

    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path(),
        &folder.path().join("absent.pt"),
        Path::new("/dev/zero"),
    ] {
        let error = read_checkpoint(path, NONE).unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
    }
}

/// Files that claim more than they hold, or hold more than they should.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = |name: &str, count: usize| {
        let mut archive = Archive::default();
        archive.add_zeros(name, count);
        archive.finish()
    };
    let mut storage = Archive::default();
    storage.add("m/data.pkl", &torch_file::state_dict_pickle(&smallest()));
    for key in 0..smallest().len() {
        storage.add_zeros(&format!("m/data/{key}"), 60 << 20);
    }
    let mut huge_storage = Archive::default();
    huge_storage.add("m/data.pkl", &torch_file::state_dict_pickle(&smallest()));
    huge_storage.add_zeros("m/data/0", 300 << 20);
    (1..smallest().len()).for_each(|key| huge_storage.add(&format!("m/data/{key}"), &[0; 64]));

    // Each list holds the one before twice.
    let mut laughs = b"]q\0".to_vec();
    for level in 0..60_u8 {
        laughs.extend([b']', b'q', level + 1, b'h', level, b'a', b'h', level, b'a']);
    }
    laughs.push(b'.');
    // The same with dictionaries, whose names grow as well.
    let mut names = b"}q\0".to_vec();
    for level in 0..60_u8 {
        names.extend([b'}', b'q', level + 1]);
        for key in [b'a', b'b'] {
            names.extend([b'X', 1, 0, 0, 0, key, b'h', level, b's']);
        }
    }
    names.push(b'.');
    let mut deep = vec![b'('; 1 << 20];
    deep.extend(vec![b't'; 1 << 20]);
    deep.push(b'.');
    let mut nones = vec![b'N'; 15 << 20];
    nones.push(b'.');
    let mut lists = vec![b']'; 15 << 20];
    lists.push(b'.');
    let cycle = b"}q\0X\x01\0\0\0ah\0sX\x01\0\0\0bh\0s.";
    let long = b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.";

    let mut layers = smallest();
    layers[4].name = "layers.18446744073709551615.dec_attn.qkv_net.weight".into();
    let mut expanded = smallest();
    expanded[4].shape = vec![1 << 20, 1 << 20];
    expanded[4].strides = vec![0, 0];
    let mut overflowing = smallest();
    overflowing[2].shape = vec![usize::MAX >> 1, 1 << 10];
    let tensor = |shape: &str, end: &str| {
        let header =
            format!(r#"{{"r_w_bias":{{"dtype":"F32","shape":{shape},"data_offsets":[0,{end}]}}}}"#);
        safetensors(&header, &[0; 64])
    };
    vec![
        ("a pickle of 64 MB of zeros", zeros("m/data.pkl", 64 << 20)),
        ("a pickle of 15 MB of zeros", zeros("m/data.pkl", 15 << 20)),
        ("storages of 60 MB of zeros", storage.finish()),
        ("a storage of 300 MB of zeros", huge_storage.finish()),
        ("a million laughs", with_pickle(&laughs)),
        ("a million names", with_pickle(&names)),
        ("a deep tuple", with_pickle(&deep)),
        ("many values", with_pickle(&nones)),
        ("many lists", with_pickle(&lists)),
        ("a cycle", with_pickle(cycle)),
        ("a long text", with_pickle(long)),
        ("layers without end", torch_file::zipped(&layers)),
        ("an expanded tensor", torch_file::zipped(&expanded)),
        ("an expanded tensor, old", torch_file::legacy(&expanded)),
        ("overflowing sizes", torch_file::zipped(&overflowing)),
        ("a header of 8 EB", [&[0xff; 7][..], &[0x7f], b"{"].concat()),
        (
            "a header of 4 GB",
            [&(1_u64 << 32).to_le_bytes()[..], b"{}"].concat(),
        ),
        (
            "an overflowing shape",
            tensor("[4294967296,4294967296]", "64"),
        ),
        ("an offset beyond", tensor("[16]", "18446744073709551615")),
        ("a wrong length", tensor("[16]", "60")),
        ("too short a file", tensor("[32]", "128")),
        ("nested JSON", safetensors(&"{\"a\":".repeat(100_000), &[])),
        ("no tensors", safetensors("{}", &[])),
    ]
}

#[test]
fn bombs_are_refused_at_once() {
    for (name, bytes) in bombs() {
        println!("{name}: {}", refuse(name, &bytes));
    }
}

/// The peak memory of this process in bytes.
#[cfg(target_os = "linux")]
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

/// Reads every bomb in a process of its own, so that its memory can be measured.
#[cfg(target_os = "linux")]
#[test]
fn bombs_take_little_memory() {
    let name = "hostile_models::bombs_take_little_memory";
    if let Some(folder) = std::env::var_os("HEADLIGHT_BOMBS") {
        let before = peak_bytes();
        for file in std::fs::read_dir(folder).unwrap() {
            assert!(read_checkpoint(&file.unwrap().path(), NONE).is_err());
        }
        let grown = peak_bytes() - before;
        println!("grown by {} MB", grown >> 20);
        assert!(grown < 200 << 20, "{grown} bytes");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (index, (_, bytes)) in bombs().iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.pt")), bytes).unwrap();
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("HEADLIGHT_BOMBS", folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// The small reference files, and generated ones where those are absent.
fn whole() -> Vec<Vec<u8>> {
    let mut files = vec![
        torch_file::zipped(&smallest()),
        torch_file::legacy(&smallest()),
    ];
    for name in [
        "safetensors",
        "state_dict.pt",
        "state_dict.legacy.pt",
        "module.pt",
        "module.legacy.pt",
    ] {
        files.extend(
            shared(&format!("reference/tiny.{name}")).map(|path| std::fs::read(path).unwrap()),
        );
    }
    files
}

#[test]
fn files_cut_short_anywhere_are_refused() {
    for file in whole() {
        for part in 0..97 {
            let length = file.len() * part / 97;
            refuse("cut short", &file[..length]);
        }
        for missing in 1..9 {
            refuse("cut short", &file[..file.len() - missing]);
        }
    }
}

#[test]
fn altered_files_never_panic() {
    // A linear congruential generator: the same places every time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for file in whole() {
        let mut refused = 0;
        for round in 0..400 {
            let mut altered = file.clone();
            // Half of the changes in the first kilobytes, where the structure is.
            let limit = if round % 2 == 0 {
                file.len()
            } else {
                file.len().min(4096)
            };
            for _ in 0..=round % 4 {
                altered[random(limit)] ^= 1 << random(8);
            }
            let started = Instant::now();
            refused += u32::from(read_checkpoint_bytes("altered", &altered, NONE).is_err());
            assert!(started.elapsed() < Duration::from_secs(1));
        }
        println!("{} bytes: {refused} of 400 refused", file.len());
        assert!(refused > 50);
    }
}
