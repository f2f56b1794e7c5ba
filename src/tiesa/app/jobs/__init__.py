"""Long work: what waits, what is under way and how far, what became of it; and what runs by the clock."""
