"""What torch documents of its modules and loaders: which axis is which."""
