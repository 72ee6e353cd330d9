"""Weights of attention: scores, what is hidden from them, and the scale."""
