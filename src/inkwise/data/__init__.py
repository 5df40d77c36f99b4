"""Digit images and their labels: found, fetched, checked and held in memory as uint8 tensors.

`load.load(name)` turns a name into a `dataset.Dataset`; the other files are its steps, one source or form each.
Invariants: ink is 255 on background 0; whole splits are in memory; nothing is fetched unless asked; nothing is
unpickled. The room knows nothing of networks, and importing it does not import torch: import from the file that
has the noun (`from inkwise.data.idx import read_images`).
"""
