"""The paper's worked examples and figures, computed.

`plan` says what runs; `run` is one example; `tables` shows the records, and `stepper` leads through an
algorithm.
"""
