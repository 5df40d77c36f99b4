"""The command line: one file per verb, each a thin skin over one library call.

Verbs parse, call and print; they compute nothing. Their modules are imported when they are called.
"""
