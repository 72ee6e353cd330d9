"""The trace as a page, in a real browser where there is one."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport
from shapecheck.core.site import Place
from shapecheck.report.trace_html import trace_cell, trace_page

Traced = Callable[..., ProgramReport]
Browse = Callable[..., Any]
WEATHER = (Path(__file__).parent / "weather.py.txt").read_text("utf-8")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = "</script><script>pwned = 1</script><img src=x onerror='pwned = 1'>&lt;`"
WIDER = [(1280, False), (1280, True), (390, False)]
MATRIX = [[True, False, False], [True, True, False], [True, True, True]]


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """``browse(page, script, width)``: what a script on the page gives, as JSON."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium: `apt-get install chromium`")

    def run(page: str, script: str, width: int = 1280, dark: bool = False) -> Any:
        given = f"<script>const out = document.createElement('pre'); out.id = 'given';{HELP}"
        given += f"out.textContent = JSON.stringify((() => {{{script}}})());"
        given += "document.body.append(out);</script></body>"
        file = tmp_path / "page.html"
        page = page.replace("</body>", given)
        file.write_text(page if width > 500 else _framed(page, width), encoding="utf-8")
        words = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900"]
        words += ["--blink-settings=preferredColorScheme=0"] if dark else []
        words += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()]
        done = subprocess.run(
            [str(CHROMIUM), *words], capture_output=True, text=True, timeout=120, check=False
        )
        found = re.search(r'<pre id="given">(.*?)</pre>', done.stdout, re.DOTALL)
        assert found, f"the page's script did not run: {done.stdout[-500:]} {done.stderr[-500:]}"
        return json.loads(html.unescape(found[1]))

    return run


def _framed(page: str, width: int) -> str:
    """The page in a frame as wide as a phone: no window of a desktop is that narrow."""
    return (
        f"<!doctype html><iframe style='width:{width}px;height:900px;border:0' "
        f'srcdoc="{html.escape(page)}"></iframe><script>'
        "const frame = document.querySelector('iframe'); frame.onload = () => "
        "document.body.append(frame.contentDocument.getElementById('given'));</script>"
    )


HELP = """
const all = (selector) => [...document.querySelectorAll(selector)];
const label = (axis) => axis.getAttribute('aria-label');
const line = (axis) => +axis.closest('.line').querySelector('.number').textContent;
const followed = () => [...new Set(all('.is-same').map(line))];
const key = (name) => document.activeElement.dispatchEvent(
  new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
const point = (type, at, kind) => at.dispatchEvent(
  new PointerEvent(type, { pointerType: kind, bubbles: type !== 'pointerleave' }));
const root = document.querySelector('.sc-trace');
const bar = document.querySelector('.bar');
"""


@pytest.fixture
def page(traced: Traced) -> str:
    return trace_page([traced(WEATHER)])


def lines_with(text: str) -> list[int]:
    return [n for n, line in enumerate(WEATHER.splitlines(), 1) if text in line]


def test_a_pointer_follows_an_axis_and_leaves_it(page: str, browse: Browse) -> None:
    got = browse(
        page,
        """
        const batch = all('.axis').find((axis) => label(axis).startsWith('axis batch'));
        point('pointerover', batch, 'mouse');
        const during = [followed(), bar.hidden, bar.textContent];
        point('pointerleave', root, 'mouse');
        return [...during, followed(), bar.hidden];
        """,
    )
    during, hidden, story, after, hidden_after = got
    assert during == [15, 16, 17, 18, 19, 31, 32]
    assert not hidden
    assert "the DataLoader stacks samples at axis 0" in story
    assert "nn.LSTM(batch_first=False) takes (time, batch, feature)" in story
    assert (after, hidden_after) == ([], True)


def test_a_tap_keeps_an_axis_and_another_lets_it_go(page: str, browse: Browse) -> None:
    got = browse(
        page,
        """
        const features = all('.axis').find((axis) => label(axis).includes('features'));
        features.click();
        point('pointerover', all('.axis')[0], 'mouse');
        const kept = [followed(), features.getAttribute('aria-pressed')];
        features.click();
        return [kept, followed(), features.getAttribute('aria-pressed')];
        """,
    )
    assert got == [[[15, 24, 31], "true"], [], "false"]


def test_keys_alone_are_enough(page: str, browse: Browse) -> None:
    got = browse(
        page,
        """
        const reached = all('.axis').filter((axis) => axis.tabIndex === 0);
        reached[0].focus();
        const now = document.activeElement;
        const seen = [reached.length, [label(now), line(now)]];
        key('ArrowRight'); seen.push(label(document.activeElement));
        key('n'); seen.push(label(document.activeElement));
        key('ArrowDown'); seen.push(line(document.activeElement));
        key('ArrowUp'); seen.push(line(document.activeElement));
        key('p'); seen.push(followed());
        key('Escape'); seen.push([followed(), bar.hidden, all('.axis[tabindex="0"]').length]);
        return seen;
        """,
    )
    first, second = "axis batch of size 32", "axis seq_len of size 10"
    assert got[:4] == [1, [first, 15], second, second]
    assert got[4:6] == [17, 16]
    assert 17 in got[6]
    assert got[7] == [[], True, 1]


@pytest.mark.parametrize(
    ("width", "dark"),
    [(320, True), *(pytest.param(*how, marks=pytest.mark.slow) for how in WIDER)],
)
def test_everything_fits_and_can_be_read(page: str, browse: Browse, width: int, dark: bool) -> None:
    got = browse(page, CONTRAST, width, dark)
    assert got["width"] == width
    assert got["beyond"] == []
    assert got["dark"] is dark
    assert got["least"] >= 4.5, got["worst"]


# Contrast as WCAG defines it, of every text that stands on the page's own background or a card's.
CONTRAST = """
const rgb = (text) => text.match(/[0-9.]+/g).map(Number);
const light = (c) => c.slice(0, 3).map((v) => v / 255)
  .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const behind = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const c = rgb(getComputedStyle(at).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
};
all('.axis')[0].click();
const texts = all('.code span, .axis, .kind, .times, .name, .finding p, .finding dt, .help')
  .concat(all('.slug, .bar li, .bar strong'));
const ratios = texts.map((node) => {
  const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
  return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), node.className + ' ' + node.textContent];
}).sort((a, b) => a[0] - b[0]);
return {
  beyond: all('.sc-trace *').filter((n) => n.getBoundingClientRect().right > innerWidth + 1)
    .map((n) => n.className),
  width: innerWidth,
  dark: light(rgb(getComputedStyle(root).backgroundColor)) < .5,
  least: ratios[0][0], worst: ratios[0],
};
"""


def test_what_a_program_says_stays_text(traced: Traced, browse: Browse) -> None:
    text = f"import torch\nx = {{{HOSTILE!r}: torch.ones(2)}}  # {HOSTILE}\n"
    report = traced(text, f"{HOSTILE}.py")
    finding = Finding(
        "stale-comment", Severity.WARNING, Place(report.file, 2), HOSTILE, cause=HOSTILE
    )
    page = trace_page([replace(report, findings=(finding,))])
    got = browse(
        page,
        """return [typeof pwned, all('img').length, document.title,
          all('.code').map((code) => code.textContent), all('.finding dd')[0].textContent,
          all('.value .name')[0].textContent]""",
    )
    assert got[:2] == ["undefined", 0]
    assert HOSTILE in got[2]
    assert got[3] == text.splitlines()
    assert got[4] == HOSTILE
    assert got[5] == f"x[{HOSTILE!r}]"


@pytest.mark.slow
def test_a_dependency_matrix_is_a_picture(traced: Traced, browse: Browse) -> None:
    report = traced("import torch\nx = torch.ones(3)\n")
    finding = Finding(
        "batch-mixing",
        Severity.ERROR,
        Place(report.file, 2, 0, "f"),
        "samples mix",
        picture=("drawn with signs",),
        evidence={"matrix": MATRIX, "axis": "batch", "pattern": "lower triangular"},
    )
    page = trace_page([replace(report, findings=(finding,))])
    got = browse(
        page,
        """const svg = document.querySelector('.finding svg');
        return [[...svg.querySelectorAll('rect')].map((r) => r.getAttribute('class') === 'moves'),
          svg.getAttribute('aria-label'), svg.querySelector('title').textContent,
          document.querySelector('figcaption').textContent, svg.clientWidth > 50]""",
    )
    assert got[0] == [moves for row in MATRIX for moves in row]
    assert "output 1 moves with input 0, 1" in got[1]
    assert got[2] == "output 0 moves with input 0"
    assert "Along batch" in got[3]
    assert "lower triangular" in got[3]
    assert got[4]
    assert "drawn with signs" not in page


def test_the_page_asks_nothing_of_others(page: str) -> None:
    assert not re.search(r"(?:src|href)=(?![\"']#)", page)
    assert not re.search(r"url\(|@import|https?:", page)
    assert len(page) < 100_000


@pytest.mark.slow
def test_findings_stand_at_their_line_and_lead_there(page: str, browse: Browse) -> None:
    got = browse(
        page,
        """const link = document.querySelector('.summary a');
        const target = document.getElementById(link.hash.slice(1));
        return [link.textContent, line(target), target.querySelector('dl').textContent]""",
    )
    assert got[:2] == ["weather.py:16", 16]
    assert "batch_first=True" in got[2]


def test_a_finding_elsewhere_is_on_the_page_too(traced: Traced) -> None:
    report = traced("import torch\nx = torch.ones(3)\n")
    finding = Finding("crash", Severity.ERROR, Place("other.py", 3), "something is wrong there")
    assert trace_page([replace(report, findings=(finding,))]).count("is wrong there") == 2


def test_several_programs_share_a_page(traced: Traced) -> None:
    one, two = (traced("import torch\nx = torch.ones(3)\n", name) for name in ("a.py", "b.py"))
    page = trace_page([one, two])
    assert "<title>Shapes of a.py, b.py</title>" in page
    assert re.findall("<h2>(.*?)</h2>", page) == ["a.py", "b.py"]
    ids = re.findall(r'\bid="(.*?)"', page)
    assert len(set(ids)) == len(ids) > 4


@pytest.mark.slow
def test_two_cells_on_one_page_do_not_meet(traced: Traced, browse: Browse) -> None:
    one = trace_cell(traced("import torch\nx = torch.ones(3, 2)\n", "Cell In[1]"))
    two = trace_cell(traced("import torch\ny = torch.ones(4, 2)\n", "Cell In[2]"))
    assert "<html" not in one
    got = browse(
        f"<!doctype html><body data-jp-theme-light='false'>{one}{two}</body>",
        """const [a, b] = all('.sc-trace');
        b.querySelector('.axis').click();
        return [a.querySelectorAll('.is-same').length, b.querySelectorAll('.is-same').length,
          new Set(all('[id]').map((n) => n.id)).size === all('[id]').length,
          a.dataset.theme]""",
    )
    assert got == [0, 1, True, "dark"]
