"""The rating experiment (Tables 1 and 2, Figures 3 to 6). Open `plan` first, which says what runs.

`run` and `run_dense` are one run each.
"""
