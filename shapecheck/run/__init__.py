"""Run a program in a process of its own, under watch: the parent launches, the child watches."""

TRIAL_SECONDS = 5.0  # of the processor, for calls that are tried again; the usual setting
