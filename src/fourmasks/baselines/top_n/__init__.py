"""What the PIA paper compares its recommendations with (Table 1)."""
