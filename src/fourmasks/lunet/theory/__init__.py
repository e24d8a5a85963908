"""The statements of Section 2, tried on random instances. Open `run` first, which has a check for each.

`plan` says what runs; `instances` draws what a check looks at, and `referees` judge it without our code.
"""
