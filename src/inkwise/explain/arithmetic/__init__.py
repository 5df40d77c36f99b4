"""The exact arithmetic of one value of any layer: which numbers were multiplied, added, compared.

`arithmetic` chooses the steps and checks that they come to the network's own value, `terms` says what a step is; one
file for each family of layers works its step out. `table` writes an explanation as text, `ledger` as plain data.
"""
