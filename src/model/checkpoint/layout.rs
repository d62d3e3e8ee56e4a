//! From named tensors to a network: which tensor is what, and whether the sizes agree.

use super::Format;
use super::error::Problem;
use super::source::Source;
use super::tensor::StoredTensor;
use crate::model::config::Config;
use crate::model::weights::{LayerWeights, Weights};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers in all that are read (128 MiB as f32): a hundred times the published network.
const MAX_PARAMETERS: u64 = 1 << 25;

const EMBEDDING: &str = "word_emb.emb_layers.0.weight";
/// Every network has it, and nothing else in a checkpoint is called so.
const U: &str = "r_w_bias";

/// Parts of other networks, by what their tensors' names hold. Leaving them out would give wrong numbers in silence.
const OTHER_PARTS: [(&str, &str); 9] = [
    (".pos_ff.", "a feed-forward sublayer"),
    (".qkv_net.bias", "a projection with a bias"),
    (".r_net.bias", "a projection with a bias"),
    (".o_net.bias", "a projection with a bias"),
    (".q_net.", "separate query and key projections"),
    (".kv_net.", "separate query and key projections"),
    ("r_emb", "learned positions"),
    ("emb_projs", "a projected embedding"),
    ("emb_layers.1.", "an adaptive embedding"),
];

/// A tensor of the network: its name in a state dict, its shape, and where its numbers go.
pub(super) struct Slot<'a> {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) numbers: &'a mut Vec<f32>,
}

/// Every tensor of a network, in the order in which they are written.
pub(super) fn slots(weights: &mut Weights) -> Vec<Slot<'_>> {
    let Config {
        heads,
        d_model,
        d_head,
        kernel,
        classes,
        ..
    } = weights.config;
    let wide = heads * d_head;
    let mut slots = Vec::new();
    let mut add = |name: String, shape: &[usize], numbers| {
        slots.push(Slot {
            name,
            shape: shape.to_vec(),
            numbers,
        });
    };
    add(EMBEDDING.into(), &[4, d_model], &mut weights.embedding);
    add(
        "pos_emb.inv_freq".into(),
        &[d_model / 2],
        &mut weights.inverse_frequency,
    );
    add(U.into(), &[heads, d_head], &mut weights.u);
    add("r_r_bias".into(), &[heads, d_head], &mut weights.v);
    for (layer, numbers) in weights.layers.iter_mut().enumerate() {
        let LayerWeights {
            qkv,
            r,
            o,
            convolution,
            convolution_bias,
            norm_weight,
            norm_bias,
        } = numbers;
        let name = |part: &str| format!("layers.{layer}.dec_attn.{part}");
        add(name("qkv_net.weight"), &[3 * wide, d_model], qkv);
        add(name("r_net.weight"), &[wide, d_model], r);
        add(name("o_net.weight"), &[d_model, wide], o);
        if kernel > 0 {
            for ((part, kernels), bias) in ["q", "k", "v"]
                .into_iter()
                .zip(convolution)
                .zip(convolution_bias)
            {
                let part = format!("motif_net_{part}");
                add(
                    name(&format!("{part}.weight")),
                    &[d_head, d_head, kernel],
                    kernels,
                );
                add(name(&format!("{part}.bias")), &[d_head], bias);
            }
        }
        add(name("layer_norm.weight"), &[d_model], norm_weight);
        add(name("layer_norm.bias"), &[d_model], norm_bias);
    }
    add(
        "out_layer.weight".into(),
        &[classes, d_model],
        &mut weights.out,
    );
    add("out_layer.bias".into(), &[classes], &mut weights.out_bias);
    slots
}

/// Finds the network among `tensors`, checks every shape, then reads the numbers.
///
/// Also gives the names of the tensors that are not part of it.
pub(super) fn assemble(
    tensors: &[StoredTensor],
    context: usize,
    label_shift: usize,
    source: &mut Source<'_>,
    format: Format,
) -> Result<(Weights, Vec<String>), Problem> {
    let prefix = prefix(tensors)?;
    let named: BTreeMap<&str, &StoredTensor> = tensors
        .iter()
        .filter(|tensor| tensor.in_state)
        .filter_map(|tensor| Some((tensor.name.strip_prefix(&prefix)?, tensor)))
        .collect();
    let config = config(&named, context, label_shift)?;
    let mut weights = Weights {
        config,
        embedding: Vec::new(),
        u: Vec::new(),
        v: Vec::new(),
        inverse_frequency: Vec::new(),
        layers: vec![LayerWeights::default(); config.layers],
        out: Vec::new(),
        out_bias: Vec::new(),
    };
    let slots = slots(&mut weights);
    let mut used = BTreeSet::new();
    for slot in &slots {
        let tensor = find(&named, &slot.name)?;
        tensor.element_size()?;
        if tensor.shape != slot.shape {
            return Err(Problem::Shape {
                name: tensor.name.clone(),
                expected: format!("{:?}", slot.shape),
                found: tensor.shape.clone(),
            });
        }
        used.insert(tensor.name.clone());
    }
    if let Some((name, part)) = named
        .iter()
        .filter(|(_, tensor)| !used.contains(&tensor.name))
        .find_map(|(name, tensor)| {
            let (_, part) = OTHER_PARTS.iter().find(|(part, _)| name.contains(part))?;
            Some((tensor.name.clone(), *part))
        })
    {
        return Err(Problem::OtherNetwork { name, part });
    }
    for slot in slots {
        *slot.numbers = find(&named, &slot.name)?.read(source, format)?;
    }
    let unused = tensors
        .iter()
        .map(|tensor| &tensor.name)
        .filter(|name| !used.contains(*name))
        .cloned()
        .collect();
    Ok((weights, unused))
}

/// What comes before the tensors' names: nothing, `module.`, `model.`, `state_dict.`, …
fn prefix(tensors: &[StoredTensor]) -> Result<String, Problem> {
    let mut prefixes: Vec<&str> = tensors
        .iter()
        .filter(|tensor| tensor.in_state)
        .filter_map(|tensor| tensor.name.strip_suffix(U))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
        .collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    match prefixes[..] {
        [prefix] => Ok(prefix.to_owned()),
        [] => Err(Problem::Missing {
            name: U.to_owned(),
            found: summary(tensors.iter().map(|tensor| tensor.name.as_str())),
        }),
        _ => Err(Problem::Ambiguous {
            prefixes: prefixes.into_iter().take(8).map(str::to_owned).collect(),
        }),
    }
}

fn find<'a>(
    named: &BTreeMap<&str, &'a StoredTensor>,
    name: &str,
) -> Result<&'a StoredTensor, Problem> {
    named.get(name).copied().ok_or_else(|| Problem::Missing {
        name: name.to_owned(),
        found: summary(named.keys().copied()),
    })
}

fn summary<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let first: Vec<String> = names
        .iter()
        .take(3)
        .map(|name| super::error::shorten(name))
        .collect();
    match names.len() {
        0 => "no tensors".to_owned(),
        1..=3 => first.join(", "),
        count => format!("{count} tensors: {}, …", first.join(", ")),
    }
}

/// The sizes that the tensors show.
fn config(
    named: &BTreeMap<&str, &StoredTensor>,
    context: usize,
    label_shift: usize,
) -> Result<Config, Problem> {
    let [_, d_model] = dimensions(named, EMBEDDING, "[4, d_model]")?;
    let [heads, d_head] = dimensions(named, U, "[heads, d_head]")?;
    let [classes, _] = dimensions(named, "out_layer.weight", "[classes, d_model]")?;
    let convolution = "layers.0.dec_attn.motif_net_q.weight";
    let kernel = if named.contains_key(convolution) {
        dimensions::<3>(named, convolution, "[d_head, d_head, kernel]")?[2]
    } else {
        0
    };
    let layers = named
        .keys()
        .filter_map(|name| {
            name.strip_prefix("layers.")?
                .split_once('.')?
                .0
                .parse()
                .ok()
        })
        .max()
        .map_or(0, |last: usize| last.saturating_add(1));

    within("number of layers", layers, 1, 256)?;
    within("number of heads", heads, 1, 256)?;
    within("d_model", d_model, 2, 4096)?;
    within("d_head", d_head, 1, 1024)?;
    within("number of classes", classes, 2, 1024)?;
    within("kernel", kernel, 0, 63)?;
    within("context", context, 1, 1 << 16)?;
    within("label shift", label_shift, 0, 1 << 16)?;
    let odd = |what, expected: &str, found: usize| Problem::Size {
        what,
        expected: expected.to_owned(),
        found: found as u64,
    };
    if kernel > 0 && kernel % 2 == 0 {
        return Err(odd("kernel", "an odd number, or no convolution", kernel));
    }
    if d_model % 2 == 1 {
        return Err(odd("d_model", "an even number", d_model));
    }
    let config = Config {
        layers,
        heads,
        d_model,
        d_head,
        kernel,
        classes,
        context,
        label_shift,
    };
    let parameters = config.parameters();
    if parameters > MAX_PARAMETERS {
        return Err(Problem::Size {
            what: "number of parameters",
            expected: format!("at most {MAX_PARAMETERS}"),
            found: parameters,
        });
    }
    Ok(config)
}

fn within(what: &'static str, found: usize, least: usize, most: usize) -> Result<(), Problem> {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(Problem::Size {
        what,
        expected: format!("{least} to {most}"),
        found: found as u64,
    })
}

fn dimensions<const N: usize>(
    named: &BTreeMap<&str, &StoredTensor>,
    name: &str,
    expected: &str,
) -> Result<[usize; N], Problem> {
    let tensor = find(named, name)?;
    let shape: Result<[usize; N], _> = tensor.shape.clone().try_into();
    shape.map_err(|found| Problem::Shape {
        name: tensor.name.clone(),
        expected: expected.to_owned(),
        found,
    })
}
