"""What shapecheck knows, as plain values: axes, specs, matches, evidence, findings.

Standard library only. Every other room imports this one; it imports none of them.
"""
