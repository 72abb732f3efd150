"""How long ago, in the few characters a table has room for.

Every age on screen comes from here. Invariant: the text never claims more precision than two units.
"""


def duration(milliseconds: int) -> str:
    """A span of time as Kubernetes' HumanDuration prints it: `119s`, `2m5s`, `25h`, `7d23h`, `2y3d`."""
    seconds = int(milliseconds / 1000)
    if seconds < 0:
        return "0s" if seconds == -1 else "<invalid>"
    if seconds < 120:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 2 * 365:
        return f"{days}d"
    if days < 8 * 365:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"
