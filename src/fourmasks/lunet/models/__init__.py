"""The recommender: embeddings, a network on pairs of them, a read-out, the loss, and its training."""
