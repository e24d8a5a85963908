"""Masks on supports: identifiability of sparse factorizations (Zheng, Riccietti and Gribonval).

`supports`, `theorems` and `completion` are the tools; the other rooms referee and use them.
"""
