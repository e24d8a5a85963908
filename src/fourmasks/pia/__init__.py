"""Masks on the input: VAE recommenders and Personalized Item Alignment (Vuong et al., 2026).

`models` has the method; the other rooms are its theory and its experiments.
"""
