"""How findings name the lines of what they cite."""

from __future__ import annotations

import pytest

from shapecheck.core.site import Place
from shapecheck.rules._axes import line


@pytest.mark.parametrize(
    ("cited", "here", "said"),
    [
        ("/home/me/net.py", "/home/me/net.py", "line 12"),
        ("/home/me/data.py", "/home/me/net.py", "line 12 of data.py"),
        ("/me/a.ipynb:cell 2", "/me/a.ipynb:cell 2", "line 12"),
        ("/me/a.ipynb:cell 2", "/me/a.ipynb:cell 3", "line 12 of cell 2"),
        ("/me/data.py", "/me/a.ipynb:cell 3", "line 12 of data.py"),
        ("/me/a.ipynb:cell 3", "/me/data.py", "line 12 of a.ipynb:cell 3"),
    ],
)
def test_a_line_of_another_file_or_cell_says_so(cited: str, here: str, said: str) -> None:
    assert line(Place(cited, 12), Place(here, 3)) == said
