"""A trained model as one ONNX file that answers without torch, checked on real digits before it is called done.

`answering` is what the file computes, `graph` converts it, `metadata` puts the card into it, `quantisation` makes its
arithmetic int8, `digits` finds real digits, `check` compares, and `export` runs them in order. Needs the extra
"export"; nothing of that is imported before it is used.
"""
