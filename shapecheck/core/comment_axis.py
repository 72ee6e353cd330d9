"""One axis of a shape as people write it in a comment: `2 * hidden dim`, `S(=1)`, `seq len`.

What cannot be read with certainty is read as an axis of any size, and what is no axis at all
(`the`, `0.5`, `lr=3`) as None, so that the whole group is left alone.
"""

from __future__ import annotations

import re

from shapecheck.core.axis import Axis, AxisKind, role_of

_ANY = frozenset(("-1", "?", "_", "none", "any", "n/a", "·", "-"))
_MANY = frozenset(("...", "…", "*", "⋯", ".."))
_MOST_WORDS = 5
_MOST_CHARACTERS = 60

# Words that a phrase naming an axis does not hold; with one of them it is prose.
_PROSE_WORDS = """
a an the is are was were be to for see with that if we and or not as by on at it its this
from only also etc just same like via than because so but no can will must should use using
used optional default int float str bool true false below above here note tuple list dict
each every which when where return returns value values then will your you my our do does
eg ie e.g i.e lr bias stride strides padding kernel dilation epoch epochs seed dtype device
momentum weight_decay dropout kernel_size groups step_size gamma negative_slope"""
# Words that axes are named with. One of them in a name makes it look like an axis.
_AXIS_WORDS = """
batch bs bsz batches seq sequence len length dim dims hidden hid embed emb embd embedding
feature features feat feats channel channels chan time timestep timesteps step steps layer
layers head heads class classes vocab num number nb height width sample samples frames
size latent directions nodes rows cols columns patches pixels seqlen nh hs dk dv examples
timesteps batchsize nhead nlayers classes batch_size units d_model dmodel depth ntoken
n_embd instances maxlen vocabulary neurons kv ctx beam beams points anchors boxes
批 批量 批次 批大小 序列 长度 序列长度 隐藏 维度 通道 通道数 特征 高 宽 层数 头数 类别数
词表 词表大小 时间步 时间步数 样本数 批量大小 批次大小 隐藏单元数 嵌入
词向量维度 词数"""
_PROSE = frozenset(_PROSE_WORDS.split())
_WORDS = frozenset(_AXIS_WORDS.split())
_LETTERS = frozenset("BNTCHWLDSEFKMVOPQRIGZ" + "bntchwdlsefm")
_CJK_HINTS = ("批", "长", "维", "数", "大小", "通道", "高", "宽", "步", "隐")

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+)(?![\d.]*\.\d)|(?P<name>[^\W\d][\w.'{}-]*?(?=$|[^\w.'{}-]|-\d|-\s))"
    r"|(?P<operator>//|\*\*|[-+*/×·^%xX()=#]))"
)
# A size that code works out: `x.size(0)`, `len(words)`, `max(lengths)`.
_CODE = re.compile(r"\b(?:len|sum|max|min|int|round|floor|ceil|prod)\(|\.(?:size\(|shape\[)")
# A factor with a stated size, before or after others: `num_layers * num_directions(=2)`.
_FACTOR = re.compile(r"([*×+]\s*)[^\W\d][\w ]*\(\s*=\s*(\d+)\s*\)")


def parse_axis(text: str) -> Axis | None:
    """The axis that a piece of a shape comment stands for, or None where it is no axis.

    `name` is what the words say, joined with `_`; an axis with a stated size (`S(=1)`, `B=32`)
    is fixed and keeps its name; an expression whose reading is not certain
    (`batch * trg len - 1`) is anonymous.
    """
    written = text.strip()
    body = re.sub(r"^([`'\"$]|<)(.*?)([`'\"$]|>)$", r"\2", written).replace("\\", "").strip()
    if not body or len(body) > _MOST_CHARACTERS:
        return None
    if body.lower() in _ANY:
        return Axis(written, AxisKind.ANONYMOUS)
    if body in _MANY:
        return Axis(written, AxisKind.ELLIPSIS)
    if body.startswith("*") and body[1:].isidentifier():
        return Axis(written, AxisKind.VARIADIC, body[1:])
    if _CODE.search(body):
        return Axis(written, AxisKind.ANONYMOUS)
    body = _FACTOR.sub(_factor, body)
    if (stated := _stated_size(written, body)) is not None:
        return stated
    if re.search(r"\w\(", body):
        return None
    if re.search(r"[=:!<>&|@~;,\"?]", body):
        return _renamed(written, body)
    return _expression(written, body)


def looks_like_axis(axis: Axis) -> bool:
    """True where the text is a number, or holds a word or letter that axes are named with."""
    if axis.kind in (AxisKind.FIXED, AxisKind.ANONYMOUS, AxisKind.ELLIPSIS):
        return True
    names = [axis.name] if axis.name else re.findall(r"[^\W\d]\w*", axis.expression)
    return any(is_axis_name(name) for name in names)


def is_axis_name(name: str) -> bool:
    """True where a name is one that people give to axes: `seq_len`, `B`, `H_in`, `批量大小`."""
    hint = role_of(name)
    if (hint is not None and not hint.weak) or name in _LETTERS:
        return True
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    parts = [part for part in re.split(r"[_\d]+", snake) if part]
    if any(part.lower() in _WORDS for part in parts):
        return True
    if any("\u4e00" <= c <= "\u9fff" for c in name):
        return any(hint in name for hint in _CJK_HINTS)
    return len(parts) > 1 and parts[0] in _LETTERS


def is_strong_axis_name(name: str) -> bool:
    """True for axis names of more than a letter; a letter may mean anything."""
    return len(name) > 1 and is_axis_name(name)


def joined(words: str) -> str:
    """A phrase as one name: `src len` → `src_len`, `self.hidden_size` → `hidden_size`."""
    bare = re.sub(r"[{}]", "", words.strip()).replace("'", "_prime")
    return re.sub(r"[\s\-]+", "_", bare.rsplit(".", 1)[-1]).strip("_")


def _gloss(body: str) -> re.Match[str] | None:
    """`I (input size)`, `B (=1)`, `3 (RGB)`: a name or number with a remark in parentheses."""
    found = re.fullmatch(r"([^()]*[\w}])(\s*)\(\s*(=?)\s*([^()]+)\)", body)
    if found is None or found[2] or found[3] or found[1].isdigit():
        return found
    return found if is_axis_name(joined(found[4])) else None


def _factor(found: re.Match[str]) -> str:
    """`num_layers * num_directions(=2)` → `num_layers * 2`."""
    return f"{found.group(1)}{found.group(2)}"


def _stated_size(written: str, body: str) -> Axis | None:
    """`S(=1)`, `B=32`, `batch: 4`, `3 (RGB)`, `1(batch)`, `I (input size)`."""
    gloss = _gloss(body)
    if gloss is None:
        equal = re.fullmatch(r"([^\W\d][\w .-]*?)\s*(?:=|==|:)\s*(\d+)", body)
        if equal and _phrase(equal.group(1)):
            return Axis(written, AxisKind.FIXED, joined(equal.group(1)), int(equal.group(2)))
        return None
    before, _, equals, inside = (part.strip() for part in gloss.groups())
    if before.isdigit():
        return Axis(written, AxisKind.FIXED, joined(inside), int(before))
    if inside.isdigit() and _phrase(before):
        return Axis(written, AxisKind.FIXED, joined(before), int(inside)) if equals else None
    return _expression(written, before)


def _renamed(written: str, body: str) -> Axis | None:
    """`len_q=len_k`: two names for one axis; the first is kept."""
    pair = re.fullmatch(r"([^\W\d]\w*)\s*={1,2}\s*([^\W\d][\w ]*)", body)
    if pair and _phrase(pair.group(1)) and _phrase(pair.group(2)):
        return Axis(written, AxisKind.NAMED, pair.group(1))
    return None


def _phrase(words: str) -> str:
    """The words as one name, or nothing where they are prose or too many to name an axis."""
    parts = words.replace("-", " ").split()
    if not parts or len(parts) > _MOST_WORDS:
        return ""
    if any(part.lower().strip(".'") in _PROSE for part in parts):
        return ""
    if parts[0].lower() in ("size", "sizes", "shape", "shapes") and len(parts) > 1:
        return ""
    name = joined(words)
    return name if name.isidentifier() else ""


def _expression(written: str, body: str) -> Axis | None:
    """Numbers, names and arithmetic between them."""
    tokens = _tokens(body)
    if not tokens:
        return None
    if len(tokens) == 1:
        word = tokens[0]
        if word.isdigit():
            return Axis(written, AxisKind.FIXED, size=int(word))
        return Axis(written, AxisKind.NAMED, word) if word.isidentifier() else None
    text = " ".join("//" if token == "/" else token for token in tokens)
    if not _balanced(tokens):
        return None
    if _uncertain(tokens):
        return Axis(written, AxisKind.ANONYMOUS)
    if all(token.isdigit() or token == "*" for token in tokens):
        size = 1
        for token in tokens:
            size *= int(token) if token.isdigit() else 1
        return Axis(written, AxisKind.FIXED, size=size)
    return Axis(written, AxisKind.SYMBOLIC, expression=text)


_SPELLED = {"×": "*", "·": "*", "x": "*", "X": "*"}


def _tokens(body: str) -> list[str]:
    """Numbers, names (a phrase is one) and operators of Python; [] where it is no arithmetic."""
    tokens: list[str] = []
    phrase: list[str] = []
    at = 0

    def close() -> bool:
        if phrase:
            name = _phrase(" ".join(phrase))
            phrase.clear()
            if not name:
                return False
            tokens.append(name)
        return True

    while at < len(body):
        found = _TOKEN.match(body, at)
        if found is None or found.end() == at:
            if body[at:].strip():
                return []
            break
        at = found.end()
        word = found.group("name")
        times = word in ("x", "X") and (phrase or tokens) and body[at:].strip()
        if word is not None and not times:
            phrase.append(word)
            continue
        number = found.group("number")
        if number is not None and len(phrase) == 1:  # `dim 1`: the number belongs to the name
            phrase.append(number)
            continue
        if not close() or (number is not None and tokens and tokens[-1].isidentifier()):
            return []
        token = number if number is not None else word or found.group("operator")
        if token == "#":  # `# of classes`
            phrase.append("number")
            continue
        tokens.append(_SPELLED.get(token, token))
    return _with_products(tokens) if close() else []


def _with_products(tokens: list[str]) -> list[str]:
    """`2 H` → `2 * H`: a number before a name multiplies it."""
    result: list[str] = []
    for token in tokens:
        if result and result[-1].isdigit() and (token[0].isalpha() or token[0] in "_("):
            result.append("*")
        result.append(token)
    return result


def _balanced(tokens: list[str]) -> bool:
    """True where operands and operators take turns and parentheses close."""
    depth, operand = 0, False
    for token in tokens:
        if token == "(":
            if operand:
                return False
            depth += 1
        elif token == ")":
            depth -= 1
            if depth < 0 or not operand:
                return False
        elif token.isdigit() or token.isidentifier():
            if operand:
                return False
            operand = True
        elif token in ("+", "-", "*", "/", "//", "%", "**", "^"):
            if not operand:
                return False
            operand = False
        else:
            return False
    return depth == 0 and operand


def _uncertain(tokens: list[str]) -> bool:
    """True where people mean one thing and arithmetic says another.

    `batch * trg len - 1` mostly means `batch * (trg_len - 1)`; a name divided by a name may be
    an alternative; powers are left alone.
    """
    if "**" in tokens or "^" in tokens:
        return True
    operators = set(tokens) & {"+", "-", "*", "/", "//", "%"}
    if "(" not in tokens and operators & {"+", "-"} and operators & {"*", "/", "//", "%"}:
        return True
    return any(
        token == "/" and tokens[i + 1].isidentifier() and tokens[i - 1].isidentifier()
        for i, token in enumerate(tokens[:-1])
        if i
    )
