"""Bars of text: a share of a whole in eighths of a cell. Invariant: a bar is exactly as wide as asked."""

_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def bar(used: int, whole: int, width: int) -> str:
    """`used` of `whole` as a bar of `width` cells; anything above nothing shows at least a sliver."""
    if whole <= 0:
        return "·" * width
    eighths = min(width * 8, used * width * 8 // whole)
    if used > 0:
        eighths = max(1, eighths)
    full, part = divmod(eighths, 8)
    return ("█" * full + _EIGHTHS[part]).ljust(width, "·")


def percent(used: int, whole: int) -> int:
    """`used` of `whole` in percent, rounded down; above 100 when more is used than there is."""
    return used * 100 // whole if whole > 0 else 0


def cores(milli: int) -> str:
    """Millicores as people say them: `250m`, `4`, `1.5`."""
    if milli < 1000:
        return f"{milli}m" if milli else "0"
    return f"{milli / 1000:.1f}".removesuffix(".0")


def memory(count: int) -> str:
    """Bytes in the largest binary unit that keeps at least one whole digit: `512Mi`, `7.5Gi`."""
    amount = float(count)
    for unit in ("", "Ki", "Mi", "Gi", "Ti"):
        if amount < 1024:
            return f"{amount:.1f}".removesuffix(".0") + unit if amount < 10 else f"{amount:.0f}{unit}"
        amount /= 1024
    return f"{amount:.0f}Pi"
