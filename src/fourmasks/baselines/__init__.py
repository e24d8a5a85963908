"""What the papers compare with: other people's methods, each with the settings that a search draws from.

Those of one task are a folder with a `catalogue`; `matrix` has the few of matrix reconstruction.
"""
