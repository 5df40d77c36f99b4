"""The routes that others published, each in a file that can be run alone.

    python -m inkwise.bench.peers.published_fast --seed 0

A peer is its source's network and training, to the letter, on our data in memory; what is ours is the clock.
"""
