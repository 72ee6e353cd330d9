"""The order of data: what is merged, cut, repeated or counted along which axis."""
