"""The sums of a shell: `$((…))`, `((…))` and `expr`.

Beside `words`. Mirrors a shell's arithmetic on whole numbers. Invariant: a sum changes nothing but the variables that
it assigns.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, MutableMapping

from cluster.kubelet.runtime.syntax import NotSimulated

_NAME = re.compile(r"\$?\{?\b([A-Za-z_][A-Za-z0-9_]*)\b\}?")
_STEP = re.compile(r"^\s*(?:(\w+)\s*(\+\+|--)|(\+\+|--)\s*(\w+))\s*$")
_ASSIGNED = re.compile(r"^\s*([A-Za-z_]\w*)\s*([-+*/%]?)=(?!=)(.*)$", re.DOTALL)
_BINARY: Mapping[type, Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: lambda a, b: a - b * int(a / b),
    ast.Div: lambda a, b: int(a / b), ast.Pow: operator.pow, ast.LShift: operator.lshift, ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor, ast.Lt: operator.lt, ast.Gt: operator.gt,
    ast.LtE: operator.le, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_LARGEST_POWER = 62


def arithmetic(text: str, known: MutableMapping[str, str]) -> int:
    """The value of a sum, which may assign variables. NotSimulated if it is more than that."""
    value = 0
    for part in text.split(","):
        value = _assigned(part, known)
    return value


def _assigned(text: str, known: MutableMapping[str, str]) -> int:
    step = _STEP.match(text)
    if step is not None:
        name, before = step[1] or step[4], _value_of(step[1] or step[4], known)
        after = before + (1 if "+" in (step[2] or step[3]) else -1)
        known[name] = str(after)
        return before if step[1] else after
    found = _ASSIGNED.match(text)
    if found is None:
        return _worked_out(text, known)
    value = _assigned(found[3], known)
    if found[2]:
        value = _worked_out(f"({found[1]}) {found[2]} ({value})", known)
    known[found[1]] = str(value)
    return value


def _value_of(name: str, known: Mapping[str, str]) -> int:
    text = known.get(name, "").strip() or "0"
    try:
        return int(text, 0)
    except ValueError:
        return int(text) if text.isdecimal() else 0


def _worked_out(text: str, known: Mapping[str, str]) -> int:
    plain = _NAME.sub(lambda match: f"({_value_of(match[1], known)})", text).strip() or "0"
    plain = re.sub(r"!(?!=)", " not ", plain.replace("&&", " and ").replace("||", " or "))
    try:
        return _value(ast.parse(re.sub(r"\b0+(?=[0-9])", "", plain), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError):
        raise NotSimulated(f"the simulated shell cannot work out `{text}`") from None


def _value(node: ast.expr) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return int(not _value(inner))
        case ast.BoolOp(op=ast.And(), values=values):
            return int(all(map(_value, values)))
        case ast.BoolOp(values=values):
            return int(any(map(_value, values)))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _binary(type(op), _value(left), _value(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _BINARY:
            return int(_BINARY[type(op)](_value(left), _value(right)))
    raise ValueError("no sum")


def _binary(kind: type, left: int, right: int) -> int:
    if kind in (ast.Pow, ast.LShift) and not 0 <= right <= _LARGEST_POWER:
        raise ValueError("too large")
    return _BINARY[kind](left, right)
