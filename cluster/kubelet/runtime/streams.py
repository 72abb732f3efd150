"""Programs that read what comes in bit by bit: filters in a pipe, and those that follow a file.

Between the shell and the programs. Invariant: a filter is given whole lines, each once, as soon as they are there.
"""

from cluster.kubelet.runtime.endless import Endless
from cluster.kubelet.runtime.jobs import Steps
from cluster.kubelet.runtime.programs import Program, Run

_FILTERS = ("cat", "cut", "grep", "sed", "tee", "tr")
_READERS = (*_FILTERS, "head", "nc", "sort", "tail", "uniq", "wc", "awk", "xargs", "base64", "md5sum", "sha256sum")
_PATTERNED = ("grep", "sed", "awk", "tr")
_VALUED = {"cut": "dfc", "head": "nc", "tail": "nc", "sort": "kt", "grep": "ABCm", "nc": "wpq"}


def reads_input(name: str, arguments: list[str]) -> bool:
    """Whether a program reads its input: it is given no file to read."""
    if name not in _READERS:
        return False
    return name in ("tee", "tr", "nc", "xargs") or len(_operands(name, arguments)) <= (name in _PATTERNED)


def _operands(name: str, arguments: list[str]) -> list[str]:
    valued, found, skip = _VALUED.get(name, ""), list[str](), False
    for text in arguments:
        if skip:
            skip = False
        elif text.startswith("-") and len(text) > 1:
            skip = len(text) == 2 and text[1] in valued
        elif text != "-":
            found.append(text)
    return found


def in_streams(run: Run, name: str, arguments: list[str], program: Program) -> Steps:
    """Run a program on what comes in: bit by bit if it is a filter, else at the end."""
    bit_by_bit = name in _FILTERS and not any(text.startswith("-") and "c" in text for text in arguments)
    codes = list[int]()
    while not run.input.closed:
        yield (lambda: run.input.has_line) if bit_by_bit else (lambda: run.input.closed)
        if bit_by_bit and not run.input.closed:
            run.stdin = run.input.lines()
            codes.append(program(run, _further(name, arguments) if codes else arguments))
    run.stdin = run.input.take()
    if run.stdin or not codes:
        codes.append(program(run, _further(name, arguments) if codes else arguments))
    run.stdin = b""
    return min(codes)


def _further(name: str, arguments: list[str]) -> list[str]:
    """The arguments for what comes after the first bit: `tee` does not begin its files again."""
    return ["-a", *arguments] if name == "tee" else arguments


def follows(arguments: list[str]) -> bool:
    """Whether `tail` is to go on with what its files get."""
    return any(text[:1] == "-" and text[1:2] != "-" and "f" in text.lower() for text in arguments) or any(
        text.startswith("--follow") for text in arguments
    )


def tail(run: Run, arguments: list[str]) -> Steps:
    """`tail -f`: the last lines, and then whatever is written."""
    again = any(text[:1] == "-" and "F" in text for text in arguments)
    names = _operands("tail", [text for text in arguments if text != "--follow"])
    counts = [
        text[2:] or follower for text, follower in zip(arguments, [*arguments[1:], ""], strict=True) if text[:2] == "-n"
    ]
    first = next((text for text in counts if text.lstrip("+-").isdecimal()), "10")
    seen: dict[str, int] = {}
    for name in names:
        content = run.files.read(run.path(name))
        if content is None and name != "/dev/null":
            run.refuse(f"tail: can't open '{name}': No such file or directory")
            if not again:
                continue
        content = content or b""
        lines = content.splitlines(keepends=True)
        shown = (
            lines[int(first[1:]) - 1 :]
            if first.startswith("+")
            else lines[-int(first.lstrip("-")) :]
            if int(first)
            else []
        )
        run.write(b"".join(shown))
        seen[run.path(name)] = len(content)
    if names and not seen:
        return run.refuse("tail: no files")
    if run.searching:
        raise Endless
    while True:
        yield lambda: any(run.files.size(path) != size for path, size in seen.items())
        for path, size in seen.items():
            now = run.files.size(path)
            run.write(run.files.end(path, size if now >= size else 0))
            seen[path] = now
