"""What the models of several papers share: training, checks of settings, users' items, and measures."""
