"""LU layers, coupling layers and dense ones, and the flows that are made of them."""
