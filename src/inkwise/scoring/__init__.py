"""Large archives of images to a table of answers: in shards, in bounded memory, resumable after a kill.

`inkwise.scoring.scoring.score` is the door. Nothing is imported here.
"""
