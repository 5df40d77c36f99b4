"""Training: one loop, and the few nouns it is made of.

It takes a recipe, a network and splits in memory, and hands what it learned to a `Keeper`. It knows nothing of
folders, files or the command line. On a CPU, given the same recipe, data and arithmetic (machine, threads,
precision), the weights are the same to the bit, in one go or interrupted anywhere and continued.
"""
