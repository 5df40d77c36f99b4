"""The Studio: a page in the browser on this machine in which every number of a network can be looked at.

Python computes and the page draws: routes are thin calls of the rooms above, `static/` has the page as plain ES
modules. A view is one file in `routes/`, one module in `static/views/`, and a line in `views.py`. The room knows
nothing of the command line; `docs/studio.md` tells how to add a view.
"""
