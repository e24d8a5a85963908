"""The ranking experiment, which the paper announces (Section 3.1.2). Open `plan` first, which says what runs.

`run` is one run; `tables` shows the records.
"""
