"""Experiment: recommendation to held-out users (Tables 1, 3 and 5).

Open `plan` first; `run` is one run, `tables` compares over splits and users.
"""
