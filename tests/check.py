"""The whole check, as the README's second command runs it: lint, types, layers, generated files, tests.

    python -m tests.check

Every part runs whatever the others found; the exit code is 1 if any failed. The tests come last, so that
their summary closes the output.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
PARTS = {
    "format": ["-m", "ruff", "format", "--check", "."],
    "lint": ["-m", "ruff", "check", "."],
    "types": ["-m", "mypy"],
    "layers": ["-c", LINT_IMPORTS],
    "generated objects": ["-m", "tests.reference.generate", "--check"],
    "tests": ["-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"],
}


def main() -> int:
    """Run every part and say which failed."""
    failed = []
    for name, arguments in PARTS.items():
        print(f"== {name}", flush=True)
        started = time.monotonic()
        if subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"== {name}: {'FAILED' if name in failed else 'ok'} in {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
