"""All that a call can see or change: copied together before it, and put back after it."""
