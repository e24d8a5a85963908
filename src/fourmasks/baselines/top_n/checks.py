"""What the settings of the recommenders may be."""

_COUNTS = (
    "rank hidden latent iterations threads neighbours trials others batch_size epochs critic_epochs"
    " ranking_epochs patience"
)
_POSITIVE = "l2 learning_rate critic_rate ranking_rate"
_NOT_NEGATIVE = "confidence graph_weight popularity_power weight_decay beta anneal_epochs negatives"
SETTINGS = (
    dict.fromkeys(_COUNTS.split(), "count")
    | dict.fromkeys(_POSITIVE.split(), "positive")
    | dict.fromkeys(_NOT_NEGATIVE.split(), "not negative")
    | {"dropout": "share", "user_nodes": "flag", "random_state": "seed", "dtype": ("float32", "float64")}
)
