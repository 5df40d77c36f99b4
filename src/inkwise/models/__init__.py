"""Networks as plain `nn.Module`s, built from one short line per layer.

`layer` has the kinds of layer and their formulas, `sequence` walks shapes through them, `summary` counts, `network`
builds, `registry` holds users' own builders. The lines alone rebuild a network on any machine. Everything but the
building is arithmetic and does not import torch. Nothing here knows of datasets, recipes or training.
"""
