"""The statements of Section 2, tried on random instances.

`plan` says what runs; `run` is one series of trials; `tables` shows the records and draws the figures.
"""
