"""VAE recommenders and personalised item alignment (PIA), after Vuong et al. (2026)."""
