"""Means, norms and shares: over which axis they were taken, and where they are used."""
