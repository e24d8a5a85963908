"""Experiment: the paper's worked examples and figures, computed.

Open `plan` first; `run` has one function for each example, and `pictures` shows supports.
"""
