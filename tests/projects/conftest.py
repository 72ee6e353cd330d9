"""Whole projects that tests run pytest on. Their own tests are not tests of this one."""

collect_ignore_glob = ["*/tests/*"]
