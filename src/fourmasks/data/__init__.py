"""Data: the registry, where files are found or fetched from, and what is read out of them."""
