"""One convolution shown place by place: as lines for a terminal, as a film, as a strip of pictures.

`operand` reads what is convolved from numbers, files, datasets and models, `operation` does it, `transcript` and
`step_text` tell it, `film` draws it with the help of the scenes. One channel over one or two axes.
"""
