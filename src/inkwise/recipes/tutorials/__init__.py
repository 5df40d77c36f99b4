"""The five tutorials that Inkwise contains, one file each.

RECIPE is the corrected training, PUBLISHED the one that the source gives, defect included. Both carry what the
source claims and what its own code gave when it was run on canonical MNIST (`claim.reproduced`).
"""
