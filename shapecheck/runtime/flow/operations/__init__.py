"""How each family of torch's operations moves axes: one file a family, found by their register."""
