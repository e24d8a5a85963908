"""What the MMF paper compares its rankings with (Table 5)."""
