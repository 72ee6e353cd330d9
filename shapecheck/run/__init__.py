"""Run a program in a process of its own, under watch: the parent launches, the child watches."""
