"""What runs import, in one go: one process imports it, and those that make runs are its forks.

It takes seconds, a quarter less without looking for garbage meanwhile. What is imported stays, and is left
out of later looks for garbage, so that forks share its memory.
"""

import gc

was_on = gc.isenabled()
gc.disable()

import sklearn.base  # noqa: E402, F401
import torch._dynamo  # noqa: E402, F401  # which an optimizer imports when it is first made

import fourmasks.experiments.orders  # noqa: E402, F401

gc.freeze()
if was_on:
    gc.enable()
