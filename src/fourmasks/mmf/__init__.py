"""Masked Mixture Factorization (Park, Lee, Lee and Kang, KDD 2026)."""
