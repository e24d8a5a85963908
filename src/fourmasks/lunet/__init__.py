"""Invertible networks of LU layers as recommenders (Tamim, Radid and Rhofir, 2026)."""
