"""What inverse and determinant cost (Section 1). Open `plan` first, which says what runs.

`run` times and `run_rounding` traces errors; `counts` has what both should take by formula, and `growth` sets
the records beside it.
"""
