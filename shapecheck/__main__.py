"""`python -m shapecheck`."""

from shapecheck.cli import main

main(prog_name="shapecheck")
