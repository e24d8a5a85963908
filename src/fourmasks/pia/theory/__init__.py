"""The paper's statements as code: divergences, sharing, masking, contraction. Nothing is trained here."""
