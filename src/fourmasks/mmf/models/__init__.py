"""MMF itself: masks, parameters, solvers, and the estimators of matrices, ratings and rankings."""
