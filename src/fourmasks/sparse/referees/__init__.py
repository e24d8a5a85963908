"""Referees that know no theorem: algebra, Jacobians, and trying everything on tiny sizes."""
