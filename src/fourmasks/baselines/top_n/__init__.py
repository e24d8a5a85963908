"""Recommenders that the PIA paper compares with (Table 1).

Open `catalogue` first: it lists them and what their search draws from; `recommender` is what all share,
`training` what the networks do.
"""
