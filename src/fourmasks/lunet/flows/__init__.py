"""Layers that can be inverted (LU, coupling, dense) and the flows that are made of them.

Open `layers` first for the LU layer, `flow` for a whole flow.
"""
