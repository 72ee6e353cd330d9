"""Every option of shapecheck, once. pyproject.toml, ini files and flags are read by this table."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from shapecheck.core.finding import Severity
from shapecheck.core.site import Place

TABLE = "shapecheck"  # [tool.shapecheck] in pyproject.toml
INI_PREFIX = "shapecheck_"  # shapecheck_packages in pytest's own ini options

Kind = Literal[
    "names", "number", "seconds", "switch", "percent", "text", "place", "laws", "severity"
]


@dataclass(frozen=True)
class Option:
    """One option: `name` is its key in [tool.shapecheck], `flag` how the command line says it.

    Kinds: *names* is a list of names of modules, packages, files or folders, also written with
    commas; *number* a whole number of at least 1; *seconds* a number above 0; *percent* a number
    from 0 to 100; *severity* that of a finding; *laws* a law for each axis name, a table in
    pyproject.toml, `batch=mixes,time=causal` elsewhere. On the command line: *switch* is given or
    not, *text* has a value, *place* may have one. What has no help is ours.
    """

    name: str
    kind: Kind
    default: Any
    help: str
    flag: str
    metavar: str = ""

    @property
    def ini(self) -> str:
        """Its name among pytest's ini options; what only the command line says has none."""
        return "" if self.kind in ("switch", "text", "place") else INI_PREFIX + self.name


OPTIONS = (
    Option(
        "packages",
        "names",
        (),
        "packages, modules and folders whose declared shapes are checked as they run",
        "--shapecheck",
        "PKG[,PKG]",
    ),
    Option("disabled", "switch", False, "check nothing in this run", "--no-shapecheck"),
    Option(
        "no_probe",
        "switch",
        False,
        "call nothing again: only what sizes show is found",
        "--shapecheck-no-probe",
    ),
    Option(
        "laws",
        "laws",
        (),
        "how outputs may depend on an axis, by its name, in the whole project",
        "--shapecheck-laws",
        "AXIS=LAW[,AXIS=LAW]",
    ),
    Option(
        "probe_megabytes",
        "number",
        256,
        "state of a call (model, arguments) beyond which it is not called again",
        "--shapecheck-probe-megabytes",
        "N",
    ),
    Option(
        "probe_seconds",
        "seconds",
        0.05,
        "processor time of a call beyond which it is not called again",
        "--shapecheck-probe-seconds",
        "SECONDS",
    ),
    Option(
        "run",
        "names",
        (),
        "programs, and folders of them, each run under watch as a test of its own",
        "--shapecheck-run",
        "FILE[,FILE]",
    ),
    Option(
        "fail_on",
        "severity",
        "error",
        "the least severe finding that makes a program's item fail: error, warning or note",
        "--shapecheck-fail-on",
        "SEVERITY",
    ),
    Option(
        "report",
        "switch",
        False,
        "list what was checked, and what was not and why, by file",
        "--shapecheck-report",
    ),
    Option(
        "torch_threads",
        "number",
        None,
        "threads that torch may use in each pytest-xdist worker; unset changes nothing",
        "--shapecheck-torch-threads",
        "N",
    ),
    Option(
        "verify",
        "place",
        None,
        "after the tests pass, get every place that assumes a shape wrong on purpose (or those of "
        "one file, or line), and show which of them no test notices",
        "--shapecheck-verify",
        "FILE[:LINE]",
    ),
    Option(
        "fail_under",
        "percent",
        None,
        "with --shapecheck-verify: fail if fewer of a hundred such places are verified",
        "--shapecheck-fail-under",
        "PERCENT",
    ),
    Option(
        "ledger",
        "text",
        None,
        "with --shapecheck-verify: write what was found there as JSON",
        "--shapecheck-ledger",
        "FILE",
    ),
    Option("journal", "text", None, "", "--shapecheck-verify-worker", "FILE"),
)
BY_NAME = {option.name: option for option in OPTIONS}
BY_INI = {option.ini: option for option in OPTIONS if option.ini}


@dataclass(frozen=True)
class Settings:
    """The options of one run, settled. The fields are those of OPTIONS."""

    packages: tuple[str, ...] = ()
    disabled: bool = False
    no_probe: bool = False
    laws: tuple[tuple[str, str], ...] = ()
    probe_megabytes: int = 256
    probe_seconds: float = 0.05
    run: tuple[str, ...] = ()
    fail_on: str = "error"
    report: bool = False
    torch_threads: int | None = None
    verify: str | None = None
    fail_under: float | None = None
    ledger: str | None = None
    journal: str | None = None

    @property
    def on(self) -> bool:
        """True where there is something to check."""
        return bool(self.packages) and not self.disabled


class SettingsError(ValueError):
    """An option that is misspelt or has a value that cannot be read; says where."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(f"{place}: {message}" if place is not None else message)


def settle(*layers: Mapping[str, Any]) -> Settings:
    """The settings where earlier layers (flags) win over later ones (files); None is unset."""
    chosen: dict[str, Any] = {}
    for item in fields(Settings):
        given = [layer[item.name] for layer in layers if layer.get(item.name) is not None]
        chosen[item.name] = given[0] if given else BY_NAME[item.name].default
    return Settings(**chosen)


def parse(option: Option, raw: Any, place: Place | None = None) -> Any:
    """A value as it was written, checked. Raises SettingsError."""
    if option.kind == "names":
        return _names(option, raw, place)
    if option.kind == "number":
        return _number(option, raw, place)
    if option.kind == "seconds":
        return _seconds(option, raw, place)
    if option.kind == "laws":
        return _laws(option, raw, place)
    if option.kind == "percent":
        return _percent(option, raw, place)
    if option.kind == "severity":
        return _severity(option, raw, place)
    if option.kind in ("text", "place"):
        return str(raw)
    return bool(raw)


def read_pyproject(file: Path) -> dict[str, Any]:
    """What [tool.shapecheck] says. Raises SettingsError, with the line, for what it cannot mean.

    An absent file or table gives {}. A file that is no TOML is left to those who own it.
    """
    try:
        text = file.read_text(encoding="utf-8")
        table = tomllib.loads(text).get("tool", {}).get(TABLE, {})
    except (OSError, ValueError):
        return {}
    if not isinstance(table, dict):
        raise SettingsError(f"[tool.{TABLE}] must be a table", Place(str(file)))
    known = [option.name for option in OPTIONS if option.ini]
    found = {}
    for key, raw in table.items():
        place = Place(str(file), _line_of(key, text))
        if key not in known:
            raise SettingsError(f"[tool.{TABLE}] has no `{key}`{hint(key, known)}", place)
        found[key] = parse(BY_NAME[key], raw, place)
    return found


def misspelt_ini(file: Path) -> tuple[str, Place] | None:
    """The first `shapecheck_…` option of an ini file that does not exist, with its place."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    for number, line in enumerate(lines, 1):
        key = re.match(rf"""["']?({INI_PREFIX}\w*)["']?\s*[=:]""", line)
        if key and key[1] not in BY_INI:
            return key[1], Place(str(file), number)
    return None


def hint(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where a known word is close, else the known words."""
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; there is {', '.join(f'`{k}`' for k in known)}" if known else ""


def _names(option: Option, raw: Any, place: Place | None) -> tuple[str, ...]:
    items = [raw] if isinstance(raw, str) else raw
    if not isinstance(items, (list, tuple)) or not all(isinstance(i, str) for i in items):
        raise SettingsError(
            f'`{option.name}` must be a list of names, such as ["mypackage"], not {raw!r}', place
        )
    names = [name.strip() for item in items for name in item.split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


def _number(option: Option, raw: Any, place: Place | None) -> int:
    text = str(raw).strip()
    if isinstance(raw, bool) or not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"`{option.name}` must be a whole number from 1 on, not {raw!r}", place)
    return int(text)


def _laws(option: Option, raw: Any, place: Place | None) -> tuple[tuple[str, str], ...]:
    """Pairs of axis and law, from a table or from `batch=mixes,time=causal`."""
    if isinstance(raw, str):
        raw = {axis: law for axis, _, law in (part.partition("=") for part in raw.split(","))}
    known = ("independent", "causal", "anticausal", "mixes")
    if not isinstance(raw, dict) or not all(law in known for law in raw.values()):
        laws = ", ".join(known)
        raise SettingsError(f"`{option.name}` gives an axis one of {laws}, not {raw!r}", place)
    return tuple((axis.strip(), law) for axis, law in raw.items())


def _severity(option: Option, raw: Any, place: Place | None) -> str:
    known = [severity.value for severity in Severity]
    if raw not in known:
        raise SettingsError(f"`{option.name}` is one of {', '.join(known)}, not {raw!r}", place)
    return str(raw)


def _percent(option: Option, raw: Any, place: Place | None) -> float:
    try:
        value = float(raw)
    except (TypeError, ValueError):
        value = -1.0
    if isinstance(raw, bool) or not 0 <= value <= 100:
        raise SettingsError(f"`{option.name}` must be a number from 0 to 100, not {raw!r}", place)
    return value


def _seconds(option: Option, raw: Any, place: Place | None) -> float:
    try:
        value = float(raw)
    except (TypeError, ValueError):
        value = 0.0
    if isinstance(raw, bool) or not 0 < value < float("inf"):
        raise SettingsError(f"`{option.name}` must be seconds above 0, not {raw!r}", place)
    return value


def _line_of(key: str, text: str) -> int:
    """The line that sets a key of [tool.shapecheck]; 0 where it is written in another way."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            inside = header[1].replace(" ", "").replace('"', "") == f"tool.{TABLE}"
        elif inside and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""", line):
            return number
    return 0
