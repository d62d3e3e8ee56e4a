"""Positions a second of training in PyTorch, on the sizes that `cargo bench --bench train` times.

A port of the published network (see the table in docs/model.md and the equations of
Transformer-XL), written for this comparison; it is not the authors' code. One step is forward,
backward, clipping and Adam on random tokens.

    python benches/pytorch_training.py [threads, 2 where not given]
"""

import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

STEPS = 6
LAYERS, HEADS, WIDTH, HEAD, KERNEL = 6, 6, 32, 32, 7


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * HEADS * HEAD, bias=False)
        self.r = nn.Linear(WIDTH, HEADS * HEAD, bias=False)
        self.o = nn.Linear(HEADS * HEAD, WIDTH, bias=False)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(HEAD, HEAD, KERNEL, padding=KERNEL // 2) for _ in range(3)
        )
        self.norm = nn.LayerNorm(WIDTH)
        self.drop = nn.Dropout(0.1)

    def forward(self, hidden, codes, u, v, mask):
        batch, length, _ = hidden.shape
        parts = []
        for part, convolution in zip(self.qkv(hidden).chunk(3, dim=-1), self.convolutions):
            rows = part.view(batch, length, HEADS, HEAD).permute(0, 2, 3, 1)
            rows = convolution(rows.reshape(batch * HEADS, HEAD, length))
            parts.append(rows.view(batch, HEADS, HEAD, length).transpose(2, 3))
        q, k, value = parts
        r = self.r(codes).view(length, HEADS, HEAD).permute(1, 2, 0)
        content = (q + u[:, None]) @ k.transpose(2, 3)
        distance = (q + v[:, None]) @ r
        # Columns count distances down; one column of zeros and a reshape make them keys.
        zeros = distance.new_zeros(batch, HEADS, length, 1)
        distance = torch.cat([zeros, distance], 3).view(batch, HEADS, length + 1, length)
        distance = distance[:, :, 1:].reshape(batch, HEADS, length, length)
        scores = ((content + distance) / math.sqrt(HEAD)).masked_fill(mask, float("-inf"))
        seen = (scores.softmax(3) @ value).transpose(1, 2).reshape(batch, length, HEADS * HEAD)
        return self.norm(hidden + self.drop(self.o(seen)))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(4, WIDTH)
        self.u = nn.Parameter(torch.randn(HEADS, HEAD) * 0.02)
        self.v = nn.Parameter(torch.randn(HEADS, HEAD) * 0.02)
        self.layers = nn.ModuleList(Attention() for _ in range(LAYERS))
        self.out = nn.Linear(WIDTH, 2)
        self.drop = nn.Dropout(0.1)
        frequencies = 1e4 ** -(torch.arange(0, WIDTH, 2) / WIDTH)
        self.register_buffer("frequencies", frequencies)

    def forward(self, tokens):
        length = tokens.shape[1]
        hidden = self.drop(self.embedding(tokens) * math.sqrt(WIDTH))
        angles = torch.arange(length - 1, -1, -1.0)[:, None] * self.frequencies
        codes = self.drop(torch.cat([angles.sin(), angles.cos()], 1))
        mask = torch.ones(length, length, dtype=torch.bool).triu(1)
        for layer in self.layers:
            hidden = layer(hidden, codes, self.u, self.v, mask)
        return self.out(self.drop(hidden))


def step(network, optimiser, tokens, classes):
    optimiser.zero_grad()
    entropy = F.cross_entropy(network(tokens).flatten(0, 1), classes.flatten(), reduction="none")
    missed = 1 - (-entropy).exp().detach()
    (missed**0.8 * entropy).mean().backward()
    nn.utils.clip_grad_norm_(network.parameters(), 0.25)
    optimiser.step()


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    torch.set_flush_denormal(True)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    for streams, length in [(20, 128), (10, 512)]:
        torch.manual_seed(1)
        network = Network()
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-5)
        tokens = torch.randint(4, (streams, length))
        classes = torch.zeros_like(tokens)
        best, least = float("inf"), float("inf")
        for _ in range(STEPS):
            start, busy = time.perf_counter(), time.process_time()
            step(network, optimiser, tokens, classes)
            best = min(best, time.perf_counter() - start)
            least = min(least, time.process_time() - busy)
        count = streams * length
        print(
            f"{streams} x {length}: {count / best:.0f} positions/s, {count / least:.0f} a second of "
            f"processor time, best of {STEPS} steps"
        )


if __name__ == "__main__":
    main()
