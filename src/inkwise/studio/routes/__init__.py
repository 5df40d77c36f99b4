"""The routes, a file for each view and one for what all share: thin calls of the rooms, answered as JSON.

What computes is a plain function, which FastAPI runs in a thread; heavy modules are imported inside, so that the
server is up before torch is.
"""
