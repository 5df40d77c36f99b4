"""Measurements of Inkwise against the published way, each a command that prints a table and writes JSON."""
