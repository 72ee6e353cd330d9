"""How each family of torch's operations moves axes: one file a family, found by their register.

An operation that no family knows ends the identities of its axes; nothing is guessed.
"""
