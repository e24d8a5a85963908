"""What every experiment needs to run: profiles, lists of jobs, and settings drawn for a search."""
