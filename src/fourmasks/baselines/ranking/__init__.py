"""Rankers that the MMF paper compares with (Table 5).

Open `catalogue` first: it lists them; `fitting` is what they share.
"""
