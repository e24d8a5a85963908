"""Multi-VAE and RecVAE, with and without the alignment: networks, losses, estimators and their defaults.

Open `vae_recommender` first for settings and training, `alignment` for the loss that PIA adds.
"""
