"""Masks on weights: invertible networks of LU layers as recommenders (Tamim, Radid and Rhofir, 2026).

`flows` and `models` have the method; the other rooms are its theory and its experiments.
"""
