//! The way back of one sequence: from the gradient of its logits to the sums for its weights.

use super::super::lanes::Lanes;
use super::forward::{LayerTape, Tape};
use super::product::{Left, Right, Start, add, dot, multiply_tiles};
use super::sizes::Sizes;
use super::sums::{LayerSums, Sums};
use super::tables::LayerTables;
use super::{Example, Step};

/// Room for the way back.
#[derive(Clone, Debug)]
pub(super) struct Gradients {
    /// Of a layer's output, then of its input: `[position, model]`.
    hidden: Vec<f32>,
    /// Of the output of `o_net`: `[position, model]`, zeros after the last position.
    out: Vec<f32>,
    /// Of the heads' outputs: `[position, head and column]`.
    mixed: Vec<f32>,
}

impl Gradients {
    pub(super) fn new(sizes: &Sizes) -> Self {
        let hidden = vec![0.0; (sizes.longest + 1) * sizes.model];
        Self {
            out: hidden.clone(),
            hidden,
            mixed: vec![0.0; sizes.longest * sizes.wide()],
        }
    }

    /// Adds to `sums` what `example` gives, whose way forward is in `tape`; `logits` holds the
    /// gradient of its logits.
    #[inline(always)]
    pub(super) fn backward<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        step: &Step<'_>,
        example: &Example<'_>,
        tape: &mut Tape,
        sums: &mut Sums,
    ) {
        let sizes = &step.sizes;
        let config = &sizes.config;
        let (d_model, model) = (config.d_model, sizes.model);
        let length = example.tokens.len();
        for position in 0..length {
            let at = position * d_model..(position + 1) * d_model;
            let hidden = &mut self.hidden[position * model..][..d_model];
            hidden.fill(0.0);
            let logits = &tape.logits[position * config.classes..][..config.classes];
            for (class, gradient) in logits.iter().enumerate() {
                let weights = &step.out[class * d_model..][..d_model];
                let of_weights = &mut sums.out[class * d_model..][..d_model];
                let rows = hidden.iter_mut().zip(weights);
                let rows = rows.zip(of_weights.iter_mut().zip(&tape.last[at.clone()]));
                for ((hidden, weight), (of_weight, x)) in rows {
                    *hidden += gradient * weight;
                    *of_weight += gradient * x;
                }
                sums.out_bias[class] += gradient;
            }
            let kept = &tape.kept_last[at];
            hidden.iter_mut().zip(kept).for_each(|(x, kept)| *x *= kept);
        }
        for index in (0..config.layers).rev() {
            self.layer::<S, ROWS>(set, step, index, length, tape, &mut sums.layers[index]);
        }
        for (position, token) in example.tokens.iter().enumerate() {
            let to = &mut sums.embedding[usize::from(*token).min(4) * d_model..][..d_model];
            let kept = &tape.kept_first[position * d_model..][..d_model];
            let hidden = &self.hidden[position * model..][..d_model];
            for ((to, kept), x) in to.iter_mut().zip(kept).zip(hidden) {
                *to += kept * x;
            }
        }
    }

    #[inline(always)]
    fn layer<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        step: &Step<'_>,
        index: usize,
        length: usize,
        tape: &mut Tape,
        sums: &mut LayerSums,
    ) {
        let sizes = &step.sizes;
        let config = &sizes.config;
        let tables = &step.layers[index];
        let layer = &tape.layers[index];
        let (d_model, heads) = (config.d_model, config.heads);
        let (model, wide) = (sizes.model, sizes.wide());
        let tiles = sizes.tiles(length);
        let rows = tiles * ROWS;
        self.norm(sizes, tables, layer, length, sums);
        self.out[length * model..rows * model].fill(0.0);
        self.hidden[length * model..rows * model].fill(0.0);
        let left = Left {
            numbers: &self.out,
            row: model,
            step: 1,
        };
        let right = Right {
            numbers: &tables.o_back,
            stride: wide,
        };
        let mixed = &mut self.mixed;
        multiply_tiles::<S, ROWS>(
            set,
            tiles,
            d_model,
            left,
            right,
            Start::Zero,
            mixed,
            wide,
            wide,
        );
        let left = Left {
            numbers: &layer.mixed,
            row: 1,
            step: wide,
        };
        let right = Right {
            numbers: &self.out,
            stride: model,
        };
        let (out, o_tiles) = (&mut sums.o, sizes.tiles(wide));
        multiply_tiles::<S, ROWS>(
            set,
            o_tiles,
            length,
            left,
            right,
            Start::Kept,
            out,
            model,
            model,
        );
        for head in 0..heads {
            tape.attention.backward::<S, ROWS>(
                set,
                sizes,
                tables,
                layer,
                (head, rows),
                &self.mixed,
                sums,
            );
            for (part, gradient) in tape.attention.gradients.iter().enumerate() {
                let panel = part * heads + head;
                self.project::<S, ROWS>(set, sizes, tables, layer, (panel, length), gradient, sums);
            }
        }
    }

    /// What the gradient of one projection of one head gives to its folded matrix, its bias and the
    /// layer's input.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "inlined into its only caller")]
    fn project<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        sizes: &Sizes,
        tables: &LayerTables,
        layer: &LayerTape,
        (panel, length): (usize, usize),
        gradient: &[f32],
        sums: &mut LayerSums,
    ) {
        let config = &sizes.config;
        let (width, model) = (sizes.width, sizes.model);
        let own = &gradient[config.kernel_reach() * width..];
        // That of the queries was summed tile by tile.
        if panel >= config.heads {
            let bias = &mut sums.bias[panel * width..][..width];
            own.chunks_exact(width)
                .take(length)
                .for_each(|row| add(bias, row));
        }
        let left = Left {
            numbers: &layer.input,
            row: 1,
            step: config.d_model,
        };
        let right = Right {
            numbers: own,
            stride: width,
        };
        let out = &mut sums.panels[panel * sizes.panel()..];
        let tiles = sizes.tiles(sizes.taps * config.d_model);
        multiply_tiles::<S, ROWS>(
            set,
            tiles,
            length,
            left,
            right,
            Start::Kept,
            out,
            width,
            width,
        );
        let left = Left {
            numbers: gradient,
            row: width,
            step: 1,
        };
        let right = Right {
            numbers: &tables.back_panels[panel * sizes.back_panel()..],
            stride: model,
        };
        let (tiles, depth) = (sizes.tiles(length), sizes.taps * width);
        let out = &mut self.hidden;
        multiply_tiles::<S, ROWS>(
            set,
            tiles,
            depth,
            left,
            right,
            Start::Kept,
            out,
            model,
            model,
        );
    }

    /// Back through the norm: `hidden` becomes what the residual carries, `out` what `o_net` gets.
    #[inline(always)]
    fn norm(
        &mut self,
        sizes: &Sizes,
        tables: &LayerTables,
        layer: &LayerTape,
        length: usize,
        sums: &mut LayerSums,
    ) {
        let (d_model, model) = (sizes.config.d_model, sizes.model);
        let count = d_model as f32;
        for position in 0..length {
            let at = position * d_model..(position + 1) * d_model;
            let hidden = &mut self.hidden[position * model..][..model];
            let out = &mut self.out[position * model..][..model];
            hidden[d_model..].fill(0.0);
            let normal = &layer.normal[at.clone()];
            let of_norm = sums.norm_weight.iter_mut().zip(&mut sums.norm_bias);
            let rows = hidden.iter_mut().zip(normal).zip(&tables.norm_weight);
            for (((x, normal), weight), (of_weight, of_bias)) in rows.zip(of_norm) {
                *of_weight += *x * normal;
                *of_bias += *x;
                *x *= weight;
            }
            let mean = super::product::total(&hidden[..d_model]) / count;
            let slope = dot(&hidden[..d_model], normal) / count;
            let spread = layer.spread[position];
            let rows = hidden.iter_mut().zip(out.iter_mut());
            for (((x, out), normal), kept) in rows.zip(normal).zip(&layer.kept[at]) {
                *x = (*x - mean - normal * slope) * spread;
                *out = *x * kept;
            }
        }
    }
}
