"""What a network does with one image, in numbers and pictures that can be followed by hand.

`activations` records what went into and came out of every layer, `arithmetic` explains one value of it term by term,
`field` says which pixels it depends on, `figure` draws it all. Beside them: `saliency`, what excites a channel, the
kernels, `pictures` for the guide, and the `demonstration` of a single convolution. It works for any
`torch.nn.Module`, and knows neither the browser nor the command line.
"""
