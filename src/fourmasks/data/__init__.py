"""Data sets by name, and how they are divided into training, validation and test.

Open `ratings`, `interactions` or `matrices` for what can be loaded, `splits` and `held_out` for the
division of ratings; users are held out in `interactions`.
"""
