"""The records of runs: how they are stored and found again, and which code made them.

Open `store` first for what a record holds, `runs` for how a run leaves one, `digest` for how it is told that
one is stale, `confirm` for reruns that settle it, and `agreement` for how a rerun is compared on another
machine.
"""
