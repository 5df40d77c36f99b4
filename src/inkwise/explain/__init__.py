"""What a network does with one image, in numbers and pictures that can be followed by hand.

`activations` records what went into and came out of every layer, `arithmetic` explains one value of it term by term
(`table` as text, `ledger` as plain data), `field` says which pixels it depends on. Beside them: `saliency`, what
excites a channel, the kernels, and the pictures of all of it. It works for any `torch.nn.Module`, and knows neither
the browser nor the command line.
"""
