"""What the theorems speak of: supports, families of them, factors on them, and exact arithmetic.

Open `pair` first for two supports, `pairs` and `families` for many.
"""
