"""Bytes in JSON: texts in base64, and what Go says of those that are none.

Part of decoding. Mirrors encoding/base64's StdEncoding. Invariant: what passes here, the validation of
Secrets and ConfigMaps can read.
"""

from string import ascii_letters, digits

_ALPHABET = frozenset(f"{ascii_letters}{digits}+/")
_SKIPPED = "\r\n"


def corrupt_at(text: str) -> int | None:
    """Where the text stops being base64 (Go's CorruptInputError), or None if it is."""
    position, filled = 0, 0
    while position < len(text):
        character = text[position]
        if character in _ALPHABET:
            filled = (filled + 1) % 4
        elif character == "=":
            return _padding(text, position, filled)
        elif character not in _SKIPPED:
            return position
        position += 1
    return len(text) - filled if filled else None


def _padding(text: str, position: int, filled: int) -> int | None:
    """What is wrong with the end that begins at the padding."""
    if filled < 2:
        return position
    rest = [index for index in range(position + 1, len(text)) if text[index] not in _SKIPPED]
    if filled == 2:
        if not rest:
            return len(text)
        if text[rest[0]] != "=":
            return rest[0]
        rest = rest[1:]
    return rest[0] if rest else None
