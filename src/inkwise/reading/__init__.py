"""A page to the numbers on it.

Segmentation proposes, the network decides: which way up the page is, where touching digits part, which pieces belong
together and in which order they are read is what reads best. Knows nothing of the command line or a browser.
"""
