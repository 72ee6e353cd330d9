"""--update's pen: it writes output, in one step, and loses nothing of the author's."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from shapecheck.source.updating import Output, write_anew

MARKDOWN = (
    "Text é\r\n\r\n- ```python\r\n  f()\r\n  ```\r\n\r\n  ```text\r\n  old\r\n  two\r\n  ```\r\n"
)


def written(file: Path, *outputs: Output) -> tuple[int, list[str]]:
    done, refused = write_anew(str(file), outputs)
    return len(done), [str(reason) for reason in refused]


def test_lines_keep_their_indentation_and_endings(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(MARKDOWN.encode())
    file.chmod(0o640)
    output = Output("old\ntwo\n", "new\n\nthree\n", "fence", 8, 2, "  ")
    assert written(file, output) == (1, [])
    wanted = MARKDOWN.replace("  old\r\n  two\r\n", "  new\r\n\r\n  three\r\n")
    assert file.read_bytes() == wanted.encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_several_outputs_of_other_lengths(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("```pycon\n>>> f()\n1\n>>> g()\n2\n3\n```\n", encoding="utf-8")
    one = Output("1\n", "a\n\nb\n", "prompt", 3, 1)
    two = Output("2\n3\n", "", "prompt", 5, 2)
    assert written(file, one, two) == (2, [])
    text = file.read_text(encoding="utf-8")
    assert text == "```pycon\n>>> f()\na\n<BLANKLINE>\nb\n>>> g()\n```\n"


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (Output("other\ntwo\n", "x\n", "fence", 8, 2, "  "), "the file has changed"),
        (Output("old\ntwo\n", "```\n", "fence", 8, 2, "  "), "it would end the block"),
        (Output("old\n...\n", "x\n", "fence", 8, 2, "  "), "shortened it"),
        (Output("Traceback (most recent call last):\n", "x\n", "fence", 8, 2), "a traceback"),
    ],
)
def test_what_is_left_as_it_is(tmp_path: Path, output: Output, why: str) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(MARKDOWN.encode())
    count, (reason,) = written(file, output)
    assert count == 0
    assert why in reason
    assert file.read_bytes() == MARKDOWN.encode()


def test_a_file_that_is_not_utf_8_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_bytes("é".encode("latin-1"))
    count, (reason,) = written(file, Output("", "x\n", "fence", 1, 0))
    assert (count, "cannot be written anew" in reason) == (0, True)


def test_a_file_that_cannot_be_replaced_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError("no space left")

    file = tmp_path / "a.md"
    file.write_bytes(MARKDOWN.encode())
    monkeypatch.setattr(Path, "replace", full)
    output = Output("old\ntwo\n", "new\n", "fence", 8, 2, "  ")
    count, (reason,) = written(file, output)
    assert (count, "no space left" in reason) == (0, True)
    assert file.read_bytes() == MARKDOWN.encode()
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_a_notebook_keeps_all_but_its_outputs(tmp_path: Path) -> None:
    v4 = nbformat.v4
    book = v4.new_notebook(metadata={"mine": ["é", 1]})
    stream = v4.new_output("stream", name="stdout", text="old\n")
    error = v4.new_output("stream", name="stderr", text="kept\n")
    picture = v4.new_output("display_data", data={"image/png": "AAAA"})
    result = v4.new_output("execute_result", data={"text/plain": "1", "text/html": "<i>1</i>"})
    book.cells = [v4.new_code_cell("f()", outputs=[stream, error, picture, result])]
    file = tmp_path / "a.ipynb"
    nbformat.write(book, file)
    before = file.read_text(encoding="utf-8")
    outputs = [Output("old\n", "new\n", "stream", cell=1), Output("1", "2", "result", cell=1)]
    assert written(file, *outputs) == (2, [])
    after = file.read_text(encoding="utf-8")
    wanted = json.loads(before)
    outs = wanted["cells"][0]["outputs"]
    outs[0]["text"] = ["new\n"]
    outs[3]["data"] = {"text/plain": ["2"]}
    assert json.loads(after) == wanted
    gone = set(before.splitlines()) - set(after.splitlines())
    assert {line.strip() for line in gone} == {
        '"old\\n"',
        '"1"',
        '"text/html": [',
        '"<i>1</i>"',
        "],",
    }
    assert written(file, *outputs) == (
        0,
        [
            "the output at cell 1 is not written anew: the file has changed",
            "the output at cell 1 is not written anew: the file has changed",
        ],
    )
