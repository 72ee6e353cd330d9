"""The ledger made: sites from source, mutants in runtime, tests from an adapter."""
