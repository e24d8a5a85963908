"""Experiment: prediction of ratings (Section 5.3, Tables 2, 4 and 7).

Open `plan` first; `run` is one run, `luck` asks what the split decides, `scaling` how time grows.
"""
