"""The paper's statements as code: divergences, sharing, masking, contraction.

Nothing is trained here, and no module comes before another: each names its theorem in its first line.
"""
