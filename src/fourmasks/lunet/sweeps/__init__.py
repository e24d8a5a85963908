"""What each open choice matters: one changed at a time (Section 4).

`plan` says what runs, with the `run` of the ratings; `tables` shows the records, and the figures are those of
the ratings.
"""
