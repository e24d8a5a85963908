"""The records of runs: how they are stored and found again, and which code made them.

Open `store` first for what a record holds, `runs` for how a run leaves one, `standing` for whether its code
is today's, which `digest` tells; `confirm` for reruns that settle it where it is not, and `agreement` for how
a rerun is compared on another machine.
"""
