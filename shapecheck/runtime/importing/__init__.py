"""What the import hook makes of a module: its tree rewritten, its byte code kept."""
