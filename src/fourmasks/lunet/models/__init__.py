"""The recommender: embeddings, a network on pairs of them, a read-out, the hybrid loss, and its training.

Open `recommender` first; `losses` has the loss, `steps` a training step.
"""
