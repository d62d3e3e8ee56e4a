"""Reference numbers for tests/similarity.rs.

    pip install memelite==0.5.0 logomaker==0.8.7
    python make_references.py

writes, beside itself:
- motifs.meme: forty random motifs of 5 to 16 positions, probabilities with six decimals;
- tomtom.tsv: p-values, scores, offsets, overlaps and strands of every pair by memelite's Tomtom
  (Euclidean distance, complete scores), once with fine bins and all target columns, once with its defaults;
- counts.jaspar, information.tsv: count matrices and logomaker's information content of their positions.
"""

import pathlib

import logomaker
import numpy
import pandas
from memelite import tomtom

HERE = pathlib.Path(__file__).parent
random = numpy.random.default_rng(20)


def motifs():
    for index in range(40):
        width = random.integers(5, 17)
        sharpness = random.choice([0.3, 1.0, 3.0], size=width)
        columns = numpy.array([random.dirichlet([sharp] * 4) for sharp in sharpness])
        yield f"m{index}", numpy.round(columns, 6)
        if index % 5 == 0:
            # A relative: the inner part, turned, with some noise.
            noise = random.dirichlet([1.0] * 4, size=width - 1)
            inner = 0.8 * columns[1:][::-1, ::-1] + 0.2 * noise
            yield f"m{index}r", numpy.round(inner, 6)


library = list(motifs())
with open(HERE / "motifs.meme", "w") as out:
    out.write("MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n")
    out.write("Background letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n")
    for name, columns in library:
        out.write(f"\nMOTIF {name}\nletter-probability matrix: alength= 4 w= {len(columns)} nsites= 20 E= 0\n")
        for row in columns:
            out.write(" " + "  ".join(f"{value:.6f}" for value in row) + "\n")

matrices = [columns.T.copy() for _, columns in library]
fine = tomtom(matrices, matrices, n_score_bins=1000, n_median_bins=100_000, n_target_bins=None, n_jobs=1)
usual = tomtom(matrices, matrices, n_jobs=1)
with open(HERE / "tomtom.tsv", "w") as out:
    out.write("query\ttarget\tp\toffset\toverlap\treverse\tp_default\n")
    for i, (query, _) in enumerate(library):
        for j, (target, _) in enumerate(library):
            p, _, offset, overlap, strand = (fine[k][i, j] for k in range(5))
            out.write(f"{query}\t{target}\t{p:.6e}\t{offset:.0f}\t{overlap:.0f}\t{strand:.0f}\t{usual[0][i, j]:.6e}\n")

counts = random.integers(0, 30, size=(12, 4))
counts[3] = [25, 0, 0, 0]
counts[4] = [7, 7, 7, 7]
with open(HERE / "counts.jaspar", "w") as out:
    out.write(">counts\n")
    for index, base in enumerate("ACGT"):
        out.write(f"{base} [ " + " ".join(str(n) for n in counts[:, index]) + " ]\n")
table = pandas.DataFrame(counts.astype(float), columns=list("ACGT"))
skewed = numpy.array([0.3, 0.2, 0.2, 0.3])
with open(HERE / "information.tsv", "w") as out:
    out.write("position\tuniform\tskewed\n")
    bits = [
        logomaker.transform_matrix(
            table, from_type="counts", to_type="information", pseudocount=0, background=background
        ).sum(axis=1)
        for background in (None, skewed)
    ]
    for position in range(len(table)):
        out.write(f"{position}\t{bits[0][position]:.9f}\t{bits[1][position]:.9f}\n")
