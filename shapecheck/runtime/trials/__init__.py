"""Laws tried by calling again with one thing changed: other samples, another size or order."""
