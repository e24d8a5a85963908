"""MMF itself: masks, parameters, losses, solvers, and the estimators of matrices, ratings and rankings.

Open `matrix_mmf`, `rating_mmf` or `ranking_mmf` first; `masks` has the families of masks.
"""
