"""What to train and how: one frozen `Recipe`, the tutorials as recipes, and the reading of users' own.

`recipe` has the model, `registry` the recipes by name, `load` turns a name, a TOML file or a Python file and the
flags typed beside it into one checked recipe. A recipe is plain values: the same text trains the same network
anywhere. Nothing here imports torch or knows how a training loop works.
"""
