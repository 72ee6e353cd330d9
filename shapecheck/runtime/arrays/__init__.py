"""numpy in a program: probes in its code, and what they see. Loads neither numpy nor torch."""
