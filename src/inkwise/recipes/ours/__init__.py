"""Recipes of ours: fast, accurate and small. Each file has one, with where its settings were chosen."""
