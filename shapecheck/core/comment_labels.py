"""What stands around a shape in a comment: whose shape it is, and how sure that it is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Full-width punctuation, one character for one, so that positions stay true.
WIDTHS = str.maketrans(
    "（），；：\uff3b\uff3d【】\uff5b\uff5d\uff1d\uff0a\uff5c、", "(),;:[][]{}=*|,"
)

_NAME = r"\|?[^\W\d]\w*(?:\.\w+)*(?:\[[\w\-:, ]*\])?\|?"
_NAMES = rf"{_NAME}(?:\s*(?:,|/|&|\band\b|和|与)\s*{_NAME})*"
_SHAPE_WORD = r"(?:shapes?|sizes?|dims?|dimensions?|形状|维度|尺寸|大小)"
_SAYS = r"(?:[:=]{1,2}|:=|\bfrom\b|\bis\b|\bare\b|\bwith\b|\bof\b|\bbecomes\b|是|为|变为)"

_HAS = r"(?:'s\s+|\s+|(?<=[\u4e00-\u9fff]))(?:has|have|in|is)?\s*(?:of|with)?\s*(?:the\s+)?"

_WORDS = r"[^():;=\[\]]{0,80}"

_LABELLED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # x.shape: · h_n.size() = · |x| = (the last by its bars)
        rf"(?P<names>{_NAMES})\.(?P<cue>shape|size)\s*(?:\(\s*\))?\s*{_SAYS}?",
        # shape of x: · the size of x is
        rf"(?:the\s+)?(?P<cue>{_SHAPE_WORD})\s+of\s+(?P<names>{_NAMES})\s*{_SAYS}?",
        # r_out shape · x has shape · x of size: · x 的形状为
        rf"(?P<names>{_NAMES}){_HAS}(?P<cue>{_SHAPE_WORD})\s*{_SAYS}?",
        # x: · x (Tensor): the input, a tensor of shape
        rf"[-*]?\s*(?P<names>{_NAMES})\s*(?:\([^()]*\))?\s*(?P<sign>[:=]{{1,2}}|:=)(?P<words>{_WORDS})",
        # x is (B, T)
        rf"(?P<names>{_NAME})\s+(?P<sign>is|are)",
        # x (B, T)
        rf"(?P<names>{_NAMES})",
    )
)
_CUE = re.compile(
    rf"(?:{_SHAPE_WORD}|\btensors?|\b(?:torch\.)?Size|\bTensor)\s*{_SAYS}*\s*$", re.IGNORECASE
)
_LEADS = re.compile(
    r"(?:[:=]|\b(?:to|into|is|as|of|with|returns?|gives?|gets?|becomes|yields|outputs?|now)"
    r"|得到|变成|变为|为|成|返回)\s*$",
    re.IGNORECASE,
)
# The comment speaks of an example, a condition, an alternative, a wish or the past: a shape in
# it explains, and convicts nobody.
_HEDGED = re.compile(
    r"\b(?:e\.?g\b|eg\b|example|such as|suppose|assum\w*|say|or|either|if|unless|instead|not|n't"
    r"|should|must|expect\w*|want\w*|need\w*|optional\w*|when|where|maybe|might|could|would|todo"
    r"|fixme|otherwise|like|wrong|depends?|usually|typically|default|for each|per"
    # what the value is to go with, not what it is
    r"|so that|works? (?:directly )?with|compatible with|to (?:match|fit)"
    r"|broadcast\w* (?:with|against|over|across))\b"
    r"|例如|比如|假设|如果|或者|或|应该|不是|需要|默认|若",
    re.IGNORECASE,
)
_STOP_WORDS = """
shape shapes size sizes dim dims dimension dimensions the a an of is to tensor tensors
matrix vector array note see returns return and or with in into as from has now then it its
this that these those get gets got 形状 维度 尺寸 大小 torch.size now becomes new"""
_NOT_NAMES = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True)
class Lead:
    """What the words before a shape say.

    `names` are the variables it is said to belong to. `cue` is true where a word says that a
    shape follows, `signed` where `:`, `=` or `.shape` ties it to a name, `led` where the words
    lead to it (`reshape to`). `bare` is true where nothing stands before it. `loose` is true
    where prose stands between the names and the shape, so that they may be no names.
    """

    names: tuple[str, ...] = ()
    cue: bool = False
    signed: bool = False
    led: bool = False
    bare: bool = False
    loose: bool = False


def read_lead(prefix: str) -> Lead:
    """What the words before a shape say of it."""
    text = prefix.strip().lstrip("#-*•>,;&. ").strip()
    text = re.sub(r"^(?:and\b|和)\s*", "", text)
    text = re.sub(r"的(?=形状|维度|尺寸|大小)", " ", text)
    if not text:
        return Lead(bare=True)
    cue = _CUE.search(text) is not None
    led = _LEADS.search(text) is not None
    if re.match(r"(?:returns?|yields)\b|返回", text, re.IGNORECASE):
        return Lead(("return",), cue, True, True)
    for pattern in _LABELLED:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        groups = found.groupdict()
        tied = bool(groups.get("cue") or groups.get("sign") or "|" in found["names"])
        names = _names(found["names"], tied)
        if names:
            loose = bool((groups.get("words") or "").strip()) and not cue
            return Lead(names, cue or bool(groups.get("cue")), tied, led, loose=loose)
    return Lead((), cue, False, led)


def _names(text: str, tied: bool) -> tuple[str, ...]:
    """The variables of a label; none where a word is no name (`a` is one in `a: (B, T)`)."""
    parts = re.split(r"\s*(?:,|/|&|\band\b|和|与)\s*", text.replace("|", ""))
    names = tuple(re.sub(r"\.(?:shape|size)$", "", part) for part in parts if part)
    if any(is_hedged(name) for name in names):
        return ()
    stops = _NOT_NAMES - {"a"} if tied else _NOT_NAMES
    return () if any(name.lower() in stops for name in names) else names


_SETTINGS = frozenset(
    ["kernel", "kernel_size", "stride", "strides", "padding", "dilation", "betas"]
)


def is_setting(names: tuple[str, ...]) -> bool:
    """True where a label is an option of a layer, whose pairs of numbers are no shapes."""
    return any(name.lower() in _SETTINGS for name in names)


def is_hedged(text: str) -> bool:
    """True where the words around the shapes take the certainty from them."""
    return _HEDGED.search(text) is not None


_LONGEST = 400
_LEGEND = re.compile(
    r"(?:^|[,;(]|\bwhere\b|其中|\band\b)\s*(?P<symbol>[^\W\d]\w{0,20})\s*(?P<sign>=|:|\bis\b|为|是)\s*"
    r"(?P<meaning>[^\W\d][^,;:=()\[\]{}]{1,50}?)\s*(?=$|[,;)]|\s\(|\band\b|\.\s|\.$)"
)


def read_legend(text: str) -> tuple[tuple[str, str], ...]:
    """What a legend says each symbol means: `where b = batch size, h = hidden size`.

    Pairs of symbol and words; () where the text is no legend. A single pair counts only after
    `where`, since `x = hidden state` may be said of a tensor.
    """
    plain = text[:_LONGEST].translate(WIDTHS).lstrip("# ")
    pairs = tuple(
        (found["symbol"], found["meaning"].strip())
        for found in _LEGEND.finditer(plain)
        if found["symbol"].lower() not in _NOT_NAMES | {"where"}
        and found["meaning"] not in ("True", "False", "None")
    )
    told = re.search(r"\bwhere\b|其中", plain) is not None
    return pairs if len(pairs) > 1 or (pairs and told) else ()


def joined_meaning(meaning: str) -> str:
    """The words of a legend as one name: `batch size` → `batch_size`."""
    return re.sub(r"\W+", "_", meaning.strip()).strip("_")
