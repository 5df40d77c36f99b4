"""Evaluation: what a model got right, how sure one can be of that, and how to show it to people.

Everything starts from three things: probabilities (N, C) (C = 1: the probability of "yes" in a yes-or-no
question), labels (N,) and class names. A `Tally` counts them and adds across shards; an `Evaluation` is the tally
with names, intervals and scores, ready for JSON; plots, sheets and the report draw it. Arithmetic is float64 numpy.
This room knows nothing of networks, of the loop that trained them, or of the browser.
"""
