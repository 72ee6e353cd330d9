"""A program or a test run in a place of its own: what it starts from, writes, starts and raises."""
