"""What the MMF paper compares its rating predictions with (Table 4)."""
