"""The ranking experiment, which the paper announces (Section 3.1.2).

`plan` says what runs; `run` and `run_baselines` are one run each; `tables` shows the records, and the figures
are those of the ratings.
"""
