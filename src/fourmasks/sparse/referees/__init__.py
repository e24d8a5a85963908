"""Referees that know no theorem: algebra, Jacobians, and trying everything on tiny sizes.

Open `exhaustive` first: it is the definitions themselves.
"""
