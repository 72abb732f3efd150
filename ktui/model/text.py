"""Text made safe to show: whatever an object says is data, never a command to the terminal.

Every text from an object, a file or an error passes here before it is drawn. Invariant: the result
has no control, format, unassigned or line-breaking characters, so it takes exactly one line and
cannot move the cursor, change colours or reverse the reading order.
"""


def clean(text: str) -> str:
    """One line of printable text; what cannot be printed is shown as a symbol (`␛` for escape)."""
    return text if text.isprintable() else "".join(map(_visible, text))


def lines(text: str) -> list[str]:
    """Text of several lines as printable lines; tabs become spaces."""
    return [clean(line.expandtabs(4)) for line in text.split("\n")]


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
