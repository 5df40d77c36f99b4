"""Our recipes against what others published, on the same data and the same machine.

A contender is trained in a process of its own, seed by seed, in turn with the others (`trial`, `measure`); every
finished run is kept in a book, from which the table, the JSON file and the plots are made.
"""
