"""Experiment: what the tools of the sparse chapter say of the masks of MMF and of the triangles of LU layers.

Open `plan` first; `freedom` is the Jacobian of a masked factorization, `run` one run.
"""
