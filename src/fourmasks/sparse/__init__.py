"""Identifiability in two-layer sparse matrix factorization (Zheng, Riccietti and Gribonval)."""
