"""Multi-VAE and RecVAE, with and without the alignment: networks, losses and estimators."""
