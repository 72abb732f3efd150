"""The parts of the README that are the code's own tables, and writing them into it.

Run `python -m tests.readme` to write them, with `--check` to exit with 1 if the README differs.
"""

import ast
import sys
from pathlib import Path

from cluster.api import annotations
from ktui import cli, commands

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ENGINE_ORDER = (
    "api", "clock.py", "ids.py", "manifests", "printers", "store.py", "watch.py", "patch", "admission", "apiserver",
    "reconcile.py", "bootstrap.py", "controllers", "scheduler", "kubelet", "engine.py", "realtime.py", "http",
)  # fmt: skip
APP_ORDER = ("cli.py", "serve.py", "app.py", "screens", "styles", "widgets", "commands.py", "model", "folder", "client")


def module_map() -> str:
    """A table of every module and folder in the two packages, each with the first line of its docstring."""
    rows = ["| part | what it is |", "| --- | --- |"]
    for package, order in (("cluster", ENGINE_ORDER), ("ktui", APP_ORDER)):
        names = [path.name for path in (ROOT / package).iterdir() if path.name not in SKIPPED]
        for name in sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name)):
            path = ROOT / package / name
            rows.append(f"| `{package}/{name}{'/' if path.is_dir() else ''}` | {first_line(path)} |")
    return "\n".join(rows)


SKIPPED = {"__init__.py", "__main__.py", "__pycache__", "py.typed"}


def first_line(path: Path) -> str:
    """The first sentence of a module's or package's docstring."""
    source = path / "__init__.py" if path.is_dir() else path
    if not source.exists():
        return "The look of the screens and widgets."
    return (ast.get_docstring(ast.parse(source.read_text())) or "").split("\n\n")[0].replace("\n", " ")


def sections() -> dict[str, str]:
    """Every section by its name."""
    return {
        "keys": commands.key_table_markdown(),
        "annotations": annotations.table_markdown(),
        "cluster": "```yaml\n" + cli.CLUSTER_TOPIC.partition("\n\n")[2].strip() + "\n```",
        "map": module_map(),
    }


def written(text: str) -> str:
    """The README with every section as the code has it."""
    for name, section in sections().items():
        before, _, rest = text.partition(f"<!-- {name} -->")
        _, _, after = rest.partition(f"<!-- /{name} -->")
        text = f"{before}<!-- {name} -->\n{section.strip()}\n<!-- /{name} -->{after}"
    return text


def main() -> int:
    """Write or check the README."""
    text = README.read_text()
    if "--check" in sys.argv:
        return int(written(text) != text)
    README.write_text(written(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
