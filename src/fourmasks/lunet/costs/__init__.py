"""Experiment: what inverse and determinant cost (Section 1).

Open `plan` first; `run` times, `run_rounding` traces errors, `counts` says what to expect.
"""
