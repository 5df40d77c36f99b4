"""The picture of a network at work: an image, every layer's maps, the answer, and where one value looked.

`panels` decides what is shown, `blocks` and `tiles` draw it, `page` places it by hand; `figure` puts it together.
`overlays` has the sheets of saliency and of what excites a channel. Pictures are PNG bytes; the same input gives the
same bytes.
"""
