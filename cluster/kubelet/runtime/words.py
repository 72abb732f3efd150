"""What the words of a shell command become: variables, arithmetic, fields and file names.

Between a script's tree and the programs it runs. Mirrors a POSIX shell's expansions. Invariant: a word that
is quoted stays one word.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from posixpath import dirname

from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.syntax import NotSimulated, Part, Word

_VARIABLE = re.compile(
    r"\$\(\((?P<sum>.*)\)\)|\$\{(?P<braced>[A-Za-z_0-9]+)(?::?(?P<how>[-=+])(?P<other>[^}]*))?\}"
    r"|\$(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\$(?P<special>[?$#@*0-9])|(?P<bad>\$\{)", re.DOTALL
)  # fmt: skip
_BINARY: Mapping[type, Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: lambda a, b: a - b * int(a / b),
    ast.Div: lambda a, b: int(a / b), ast.Lt: operator.lt, ast.Gt: operator.gt, ast.LtE: operator.le, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def fields(word: Word, known: Mapping[str, str], substituted: Callable[[Part], str], files: Files) -> list[str]:
    """The words that one word becomes; `substituted` runs a command for its output."""
    found: list[str] = []
    current: str | None = None
    pattern = False
    for part in word:
        text = substituted(part) if part.command is not None else expanded(part, known)
        if part.quoted or not (part.live or part.command is not None):
            current = (current or "") + text
            continue
        plain = part.live and "$" not in part.text
        pattern = pattern or (plain and ("*" in text or "?" in text))
        pieces = [text] if plain else re.split(r"[ \t\n]+", text)
        for number, piece in enumerate(pieces):
            if number:
                found += [current] if current else []
                current = None
            if piece:
                current = (current or "") + piece
    found += [current] if current is not None else []
    return list(_matched(found, files)) if pattern else found


def joined(word: Word, known: Mapping[str, str], substituted: Callable[[Part], str]) -> str:
    """A word that stays one, as on the right of an assignment."""
    return "".join(substituted(part) if part.command is not None else expanded(part, known) for part in word)


def expanded(part: Part, known: Mapping[str, str]) -> str:
    """The part's text with its variables replaced."""
    if not part.live or "$" not in part.text:
        return part.text

    def value(match: re.Match[str]) -> str:
        if match["bad"]:
            raise NotSimulated(f"the simulated shell knows no `{part.text}`")
        if match["sum"] is not None:
            return str(arithmetic(match["sum"], known))
        found = known.get(match["braced"] or match["name"] or match["special"], "")
        if match["how"] == "+":
            return match["other"] if found else ""
        return found or match["other"] or "" if match["how"] else found

    return _VARIABLE.sub(value, part.text)


def arithmetic(text: str, known: Mapping[str, str]) -> int:
    """The value of a sum of whole numbers and variables. NotSimulated if it is more than that."""
    plain = re.sub(r"\$?\{?([A-Za-z_][A-Za-z0-9_]*)\}?", lambda match: known.get(match[1], "") or "0", text).strip()
    try:
        return _value(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError):
        raise NotSimulated(f"the simulated shell cannot work out `{text}`") from None


def _value(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _BINARY:
        return int(_BINARY[type(node.ops[0])](_value(node.left), _value(node.comparators[0])))
    raise ValueError("no sum")


def _matched(found: list[str], files: Files) -> Iterator[str]:
    """Words that are patterns, as the files they match."""
    for text in found:
        folder = dirname(text)
        names = files.listed(folder) if files.is_folder(folder) and ("*" in text or "?" in text) else []
        paths = [f"{folder.rstrip('/')}/{name}" for name in names if not name.startswith(".")]
        yield from [path for path in paths if fnmatchcase(path, text)] or [text]
