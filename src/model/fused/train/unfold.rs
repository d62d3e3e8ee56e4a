//! From the sums over positions back to the gradients of the weights, once a step.

use super::super::lanes::Lanes;
use super::product::{Left, Right, Start, multiply_tiles};
use super::sizes::Sizes;
use super::sums::LayerSums;
use super::tables::{Codes, Convolutions, scale, with_room};
use crate::model::weights::LayerWeights;

/// The gradients of a layer's weights from its sums; u and v are added to.
#[inline(always)]
pub(super) fn unfold<S: Lanes, const ROWS: usize>(
    set: S,
    sizes: &Sizes,
    layer: &LayerWeights,
    sums: &LayerSums,
    codes: &Codes,
) -> (LayerWeights, [Vec<f32>; 2]) {
    let config = &sizes.config;
    let (heads, d_model, d_head) = (config.heads, config.d_model, config.d_head);
    let (taps, width) = (sizes.taps, sizes.width);
    let convolutions = Convolutions::new(sizes, layer);
    let qkv = with_room(&layer.qkv, ROWS * d_model);
    let head_rows = sizes.head_rows();
    let mut gradient = LayerWeights {
        qkv: vec![0.0; layer.qkv.len()],
        r: vec![0.0; layer.r.len()],
        o: vec![0.0; layer.o.len()],
        norm_weight: sums.norm_weight.clone(),
        norm_bias: sums.norm_bias.clone(),
        ..LayerWeights::default()
    };
    let mut projected = vec![0.0; sizes.tiles(d_model) * ROWS * width];
    let mut convolved = vec![0.0; taps * head_rows * width];
    for panel in 0..3 * heads {
        let part = panel / heads;
        if panel % heads == 0 {
            convolved.fill(0.0);
        }
        let folded = &sums.panels[panel * sizes.panel()..][..sizes.panel()];
        projected.fill(0.0);
        for tap in 0..taps {
            let folded = &folded[tap * d_model * width..];
            let left = Left {
                numbers: folded,
                row: width,
                step: 1,
            };
            let right = Right {
                numbers: &convolutions.back[part][tap * d_head * width..],
                stride: width,
            };
            let tiles = sizes.tiles(d_model);
            let out = &mut projected;
            multiply_tiles::<S, ROWS>(
                set,
                tiles,
                d_head,
                left,
                right,
                Start::Kept,
                out,
                width,
                width,
            );
            let left = Left {
                numbers: &qkv[panel * d_head * d_model..],
                row: d_model,
                step: 1,
            };
            let right = Right {
                numbers: folded,
                stride: width,
            };
            let tiles = sizes.tiles(d_head);
            let out = &mut convolved[tap * head_rows * width..];
            multiply_tiles::<S, ROWS>(
                set,
                tiles,
                d_model,
                left,
                right,
                Start::Kept,
                out,
                width,
                width,
            );
        }
        let rows = &mut gradient.qkv[panel * d_head * d_model..][..d_head * d_model];
        for (i, row) in rows.chunks_exact_mut(d_model).enumerate() {
            for (m, x) in row.iter_mut().enumerate() {
                *x = projected[m * width + i];
            }
        }
        if panel % heads + 1 == heads && config.kernel > 0 {
            let factor = if part == 0 { scale(sizes) } else { 1.0 };
            gradient.convolution[part] = (0..d_head * d_head * taps)
                .map(|index| {
                    let (out, rest) = (index / (d_head * taps), index % (d_head * taps));
                    let (input, tap) = (rest / taps, rest % taps);
                    factor * convolved[(tap * head_rows + input) * width + out]
                })
                .collect();
            gradient.convolution_bias[part] = (0..d_head)
                .map(|i| {
                    let of_head = |head| sums.bias[(part * heads + head) * width + i];
                    factor * (0..heads).map(of_head).sum::<f32>()
                })
                .collect();
        }
    }
    let biases = unfold_heads::<S, ROWS>(set, sizes, sums, codes, &mut gradient);
    (gradient, biases)
}

/// The gradients of `o_net` and `r_net`, and those of u and v, which are returned.
#[inline(always)]
fn unfold_heads<S: Lanes, const ROWS: usize>(
    set: S,
    sizes: &Sizes,
    sums: &LayerSums,
    codes: &Codes,
    gradient: &mut LayerWeights,
) -> [Vec<f32>; 2] {
    let config = &sizes.config;
    let (heads, d_model, d_head) = (config.heads, config.d_model, config.d_head);
    let (width, model) = (sizes.width, sizes.model);
    let mut biases = [(); 2].map(|()| vec![0.0; heads * d_head]);
    for head in 0..heads {
        for i in 0..d_head {
            let distance = sums.distance_bias[head * width + i];
            let all = sums.bias[head * width + i];
            biases[0][head * d_head + i] = scale(sizes) * (all - distance);
            biases[1][head * d_head + i] = scale(sizes) * distance;
            for m in 0..d_model {
                gradient.o[(m * heads + head) * d_head + i] =
                    sums.o[(head * width + i) * model + m];
            }
        }
        let left = Left {
            numbers: &sums.distances[head * sizes.distances() * width..],
            row: 1,
            step: width,
        };
        let right = Right {
            numbers: &codes.rows,
            stride: model,
        };
        let mut out = vec![0.0; sizes.head_rows() * model];
        let tiles = sizes.tiles(d_head);
        multiply_tiles::<S, ROWS>(
            set,
            tiles,
            sizes.longest,
            left,
            right,
            Start::Zero,
            &mut out,
            model,
            model,
        );
        let rows = &mut gradient.r[head * d_head * d_model..][..d_head * d_model];
        for (row, out) in rows.chunks_exact_mut(d_model).zip(out.chunks_exact(model)) {
            row.copy_from_slice(&out[..d_model]);
        }
    }
    biases
}
