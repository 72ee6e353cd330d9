"""What the program's text says of axes: names of sizes, comments, the expression being run."""
