"""Reads code; never runs it."""
