"""What the theorems speak of: supports, families of them, factors on them, and exact arithmetic."""
