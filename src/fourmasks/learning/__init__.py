"""What the models of several papers share: the trainer, checks of settings, users' items, and measures.

Open `trainer` for early stopping and the epoch that is kept, `metrics` and `ranking` for what is measured,
`rating_regressor` for the way from rating models to scikit-learn.
"""
