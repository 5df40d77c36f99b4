"""Experiments: from a recipe to an evaluated model file in a run folder.

The one place where data, network, loop, run folder and evaluation meet; the command line, the benchmarks and
`reproduce` all come through `train` and `resume`. It knows nothing of terminals.
"""
