"""The engine under faults: a seeded user works on a cluster whose components crash, lag and repeat themselves.

`python -m tests.properties.simulation 7` replays one seed with its log, `… --seeds 1-500` lives many.
"""
