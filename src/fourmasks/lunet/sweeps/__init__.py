"""What each open choice matters: one changed at a time (Section 4). Open `plan` first, which says what runs.

A run is that of the ratings; `tables` says which choices matter.
"""
