"""Masked Mixture Factorization: masks on latent dimensions (Park, Lee, Lee and Kang, KDD 2026).

`models` has the method; the other rooms are its theory and its experiments.
"""
