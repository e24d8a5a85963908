"""What none of the four papers has: a model made of what two of them taught."""
