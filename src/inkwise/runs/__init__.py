"""Runs: the run folder, the only database.

Training writes it, everyone reads it. A run is never overwritten, is written by one process at a time, and can be
read at any moment, also after a kill. It does not know who reads it.
"""
