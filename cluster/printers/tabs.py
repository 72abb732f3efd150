"""Elastic tab stops: the alignment kubectl gives to its tables and descriptions.

The last step of both: text with tabs in, text with blanks out. Invariant: a cell ends at a tab;
cells in a run of consecutive lines that all have the column share one width, and what follows a
line's last tab is never padded.
"""


def align(text: str, *, minimum: int = 0, padding: int = 2) -> str:
    """The text with every tab replaced by blanks, as Go's tabwriter does it.

    A column is as wide as its widest cell plus `padding`, and at least `minimum` characters.
    """
    lines = [line.split("\t") for line in text.split("\n")]
    out: list[str] = []
    _block(lines, 0, len(lines), [], minimum, padding, out)
    return "\n".join(out)


def _block(
    lines: list[list[str]], start: int, end: int, widths: list[int], minimum: int, padding: int, out: list[str]
) -> None:
    column, position, line = len(widths), start, start
    while line < end:
        if column >= len(lines[line]) - 1:
            line += 1
            continue
        _write(lines[position:line], widths, out)
        position = line
        width = minimum
        while line < end and column < len(lines[line]) - 1:
            width = max(width, len(lines[line][column]) + padding)
            line += 1
        _block(lines, position, line, [*widths, width], minimum, padding, out)
        position = line
    _write(lines[position:end], widths, out)


def _write(lines: list[list[str]], widths: list[int], out: list[str]) -> None:
    for cells in lines:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        out.append("".join([*padded, *cells[len(widths) :]]))
