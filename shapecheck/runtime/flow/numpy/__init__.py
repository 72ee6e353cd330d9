"""Arrays of numpy, whose axes move as those of tensors do."""
