"""The normaliser's stages, one noun per file: light, ink, marks, form.

Each stage is a pure function on one picture; `inkwise.data.normaliser` runs them in order and says why. They know
nothing of networks, files or colour.
"""
