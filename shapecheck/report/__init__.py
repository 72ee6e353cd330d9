"""Renderers of findings: each format one module. They judge nothing."""
