#!/usr/bin/env python3
"""How fast Headlight is beside the original PyTorch code, on the same sequence in one run.

    cargo build --release
    python3 benches/original.py --model FILE.safetensors
    python3 benches/original.py --model model.pt --checkout DIR

Needs Python with torch and numpy. `--checkout` is a copy of the original repository, with its
`mem_transformer.py` beside `train.py`; `--model` is then the whole module that its training saved,
which torch loads by running what the file says: give it only files that you trust.

Without a checkout, a straight port is timed instead: eager PyTorch, written from the published
equations, one operation after the other as the original has them. `--check GOLDEN` compares the
port's logits with reference numbers and stops.

Both sides read both strands of one random sequence, in segments of `--context` with a memory of
the same length. PyTorch reads the two strands, joined, in `--batch` streams; its first segment,
which has no memory, is not timed. Headlight's rate is that of `headlight run --keep none`: the
time of a long sequence less that of a short one, so that starting, reading the model and measuring
its sample of the sequence count on neither side. The sides take turns.

Rates are given by the clock and by the processor's time, summed over threads. On a machine that
does something else as well the clock says little, and threads that wait for one another cost
processor time too: there, compare the processor's time with `--threads 1`.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import torch
from torch.nn import functional

TOKENS = "ATCG"
SHORT_BP = 32_768


def read_safetensors(path):
    """The tensors of a file: eight bytes of length, a header in JSON, then the numbers."""
    kinds = {"F32": numpy.float32, "F64": numpy.float64, "F16": numpy.float16, "I32": numpy.int32}
    data = Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in kinds:
            sys.exit(f"{path}: {name} holds {entry['dtype']}: expected one of {', '.join(kinds)}")
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        numbers = numpy.frombuffer(data[start:end], kinds[entry["dtype"]])
        tensors[name] = torch.from_numpy(numbers.reshape(entry["shape"]).copy())
    return tensors


class Port:
    """The network straight from its equations; a segment is `[position, batch]`."""

    def __init__(self, path, context):
        weights = {name: w.float() for name, w in read_safetensors(path).items()}
        self.embedding = weights["word_emb.emb_layers.0.weight"]
        self.inverse_frequency = weights["pos_emb.inv_freq"]
        self.u, self.v = weights["r_w_bias"], weights["r_r_bias"]
        self.out = weights["out_layer.weight"], weights["out_layer.bias"]
        self.context = context
        self.layers = []
        while f"layers.{len(self.layers)}.dec_attn.qkv_net.weight" in weights:
            start = f"layers.{len(self.layers)}.dec_attn."
            own = {n[len(start) :]: w for n, w in weights.items() if n.startswith(start)}
            self.layers.append(own)

    def step(self, tokens, memories):
        """Logits `[position, batch, class]` of a segment, and what to remember of it."""
        hidden = self.embedding[tokens] * math.sqrt(self.embedding.shape[1])
        remembered = len(memories[0]) if memories else 0
        queries, keys = len(tokens), remembered + len(tokens)
        distances = torch.arange(keys - 1, -1, -1, dtype=torch.float32)
        angles = torch.outer(distances, self.inverse_frequency)
        positions = torch.cat([angles.sin(), angles.cos()], 1)
        distance = torch.arange(remembered, keys)[:, None] - torch.arange(keys)[None, :]
        unseen = ((distance < 0) | (distance >= self.context))[:, :, None, None]
        kept = []
        for index, layer in enumerate(self.layers):
            rows = torch.cat([memories[index], hidden], 0) if memories else hidden
            kept.append(rows[-self.context :])
            hidden = self.attend(layer, rows, hidden, positions, unseen)
        assert len(hidden) == queries
        return functional.linear(hidden, *self.out), kept

    def attend(self, layer, rows, hidden, positions, unseen):
        heads, width = self.u.shape
        keys, batch, _ = rows.shape
        queries = len(hidden)
        q, k, v = functional.linear(rows, layer["qkv_net.weight"]).chunk(3, -1)
        q, k, v = (
            self.convolve(layer, name, part.reshape(len(part), batch, heads, width))
            for name, part in (("q", q[-queries:]), ("k", k), ("v", v))
        )
        r = functional.linear(positions, layer["r_net.weight"]).reshape(keys, heads, width)
        content = torch.einsum("ibnd,jbnd->ijbn", q + self.u, k)
        distance = self.shift(torch.einsum("ibnd,jnd->ijbn", q + self.v, r))
        scores = (content + distance) * (1 / math.sqrt(width))
        weights = scores.masked_fill(unseen, -math.inf).softmax(1)
        seen = torch.einsum("ijbn,jbnd->ibnd", weights, v).reshape(queries, batch, heads * width)
        return functional.layer_norm(
            hidden + functional.linear(seen, layer["o_net.weight"]),
            hidden.shape[-1:],
            layer["layer_norm.weight"],
            layer["layer_norm.bias"],
        )

    @staticmethod
    def convolve(layer, name, part):
        """Along the sequence, the same for all heads."""
        weight = layer.get(f"motif_net_{name}.weight")
        if weight is None:
            return part
        length, batch, heads, width = part.shape
        channels = part.permute(1, 2, 3, 0).reshape(batch * heads, width, length)
        bias = layer[f"motif_net_{name}.bias"]
        channels = functional.conv1d(channels, weight, bias, padding=weight.shape[2] // 2)
        return channels.reshape(batch, heads, width, length).permute(3, 0, 1, 2)

    @staticmethod
    def shift(scores):
        """Columns that count distances down become keys: row i of n moves left by n - 1 - i."""
        queries, keys = scores.shape[:2]
        padded = torch.cat([scores.new_zeros(queries, 1, *scores.shape[2:]), scores], 1)
        return padded.reshape(keys + 1, queries, *scores.shape[2:])[1:].reshape(scores.shape)


class Original:
    """The module that the original training saved, run as its own evaluation runs it."""

    def __init__(self, checkout, path, context):
        sys.path.insert(0, str(Path(checkout).resolve()))
        self.model = torch.load(path, map_location="cpu", weights_only=False).float()
        self.model.eval()
        self.model.same_length = True
        self.model.reset_length(context, context, 0)
        try:
            from utils.dna_functions import FocalLoss

            self.criterion = FocalLoss(gamma=0.8)
        except ImportError as error:
            sys.exit(f"{checkout}: its own loss cannot be imported ({error})")

    def step(self, tokens, memories):
        # Of these the sequence has none; the loss is a small part of the work.
        labels = torch.zeros_like(tokens)
        found = self.model(tokens, labels, *memories, criterion=self.criterion, last=False)
        return found[1], found[3:]


def check(port, path, context):
    """Compares the port with reference numbers: `tokens` `[batch, position]` and `logits`."""
    golden = read_safetensors(path)
    tokens = golden["tokens"].long().T
    memories, logits = [], []
    for segment in tokens.split(context):
        found, memories = port.step(segment, memories)
        logits.append(found)
    difference = (torch.cat(logits) - golden["logits"]).abs().max().item()
    verdict = "agree" if difference < 5e-5 else "DIFFER"
    print(f"the port's logits {verdict}: largest difference {difference:.2g} (allowed 5e-5)")
    return difference < 5e-5


def seconds_now(who):
    """Seconds by the clock, and of the processor for this process or its children."""
    used = resource.getrusage(who)
    return numpy.array([time.perf_counter(), used.ru_utime + used.ru_stime])


def run_headlight(options, fasta, folder):
    """Seconds that a run over both strands takes, from start to end: clock and processor."""
    command = [options.headlight, "run", "--genome", str(fasta), "--model", options.model]
    command += ["--context", str(options.context), "--threads", str(options.threads)]
    command += ["--mode", "faithful", "--keep", "none", "--output", str(folder)]
    start = seconds_now(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = seconds_now(resource.RUSAGE_CHILDREN) - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return seconds


def write_fasta(path, tokens):
    bases = numpy.frombuffer(TOKENS.encode(), numpy.uint8)[tokens].tobytes().decode()
    lines = (bases[at : at + 70] for at in range(0, len(bases), 70))
    path.write_text(">random\n" + "\n".join(lines) + "\n")


def rates(options, network, folder):
    """Positions a second, `[PyTorch or Headlight, clock or processor]`, once a repeat."""
    tokens = numpy.random.default_rng(1).integers(0, 4, options.positions // 2 + SHORT_BP)
    long, short = folder / "long.fasta", folder / "short.fasta"
    write_fasta(long, tokens)
    write_fasta(short, tokens[:SHORT_BP])
    # Tokens are numbered so that the complement of t is t XOR 1.
    both = numpy.concatenate([tokens, tokens[::-1] ^ 1])
    streams = both[: len(both) // options.batch * options.batch].reshape(options.batch, -1)
    streams = torch.from_numpy(streams).long().T
    segments = streams.split(options.context)[: options.segments + 1]
    timed = sum(segment.numel() for segment in segments[1:])
    for repeat in range(options.repeats):
        memories = network.step(segments[0], [])[1]
        start = seconds_now(resource.RUSAGE_SELF)
        for segment in segments[1:]:
            memories = network.step(segment, memories)[1]
        pytorch = timed / (seconds_now(resource.RUSAGE_SELF) - start)
        more, fewer = (
            run_headlight(options, fasta, folder / f"{fasta.stem}{repeat}")
            for fasta in (long, short)
        )
        if (more <= fewer).any():
            sys.exit("the long sequence took no longer than the short one: give more --positions")
        yield numpy.array([pytorch, 2 * (len(tokens) - SHORT_BP) / (more - fewer)])


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="safetensors, or the original's module")
    parser.add_argument("--checkout", help="folder of the original repository")
    parser.add_argument("--headlight", default="target/release/headlight")
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--batch", type=int, default=10, help="streams that PyTorch reads at a time")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of both sides")
    parser.add_argument("--segments", type=int, default=2, help="that PyTorch is timed over")
    parser.add_argument("--positions", type=int, default=524_288, help="that Headlight is timed over")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--check", metavar="GOLDEN", help="compare the port with these numbers")
    options = parser.parse_args()
    streamed = (options.positions + 2 * SHORT_BP) // options.batch // options.context
    if options.segments + 1 > streamed:
        parser.error(f"{options.positions} positions give a stream {streamed} segments: give more")
    return options


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    if options.checkout:
        network = Original(options.checkout, options.model, options.context)
        name = "original"
        print(f"timed: the original PyTorch code, from {options.checkout}")
    else:
        network = Port(options.model, options.context)
        name = "port"
        print("timed: a straight PyTorch port of the equations, NOT the original code (--checkout)")
        if options.check:
            sys.exit(0 if check(network, options.check, options.context) else 1)
    print(
        f"torch {torch.__version__}, {options.threads} threads, batch {options.batch}, "
        f"segment and memory {options.context}, load {os.getloadavg()[0]:.1f} at the start"
    )
    print("positions a second        by the clock        by the processor's time")
    print(f"{'':8}" + f"{name:>10} headlight  ratio" * 2)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for row in rates(options, network, Path(folder)):
            rows.append(row)
            show("", row)
    show("best", numpy.max(rows, axis=0))
    show("median", numpy.median(rows, axis=0))


def show(name, row):
    cells = (f"{row[0, by]:10.0f} {row[1, by]:9.0f} {row[1, by] / row[0, by]:6.1f}" for by in (0, 1))
    print(f"{name:8}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
