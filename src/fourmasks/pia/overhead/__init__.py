"""What the alignment adds to an epoch (Section D.2, Table 6).

`plan` says what runs; `run` is one timing; `tables` shows the records. `costs` reckons what the paper's large
data would take.
"""
