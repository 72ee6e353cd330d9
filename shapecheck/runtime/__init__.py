"""The only room that imports torch, jaxtyping and typeguard: it watches, calls again, judges
declarations, and produces evidence."""
