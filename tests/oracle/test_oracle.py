"""Whole scenarios, with a real kubectl, against what a real Kubernetes showed.

`exact.txt` names the scenarios in which nothing differs; it only grows. The test replays those that may run
beside others, in the list's order, as many as fit in the time of a check. Those that must run alone, and all:

    python -m tests.oracle.test_oracle --all

The cluster runs at the speed of the clock on the wall, because kubectl reckons ages by that clock.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KUBECTL = Path(sys.executable).with_name("kubectl")
SIDE_BY_SIDE = 5
MOST = 36
"""How many scenarios fit in the time of a check: about 90 seconds on two cores."""


def exact(*, exclusive: bool) -> list[str]:
    """The scenarios of the list; `exclusive`: with those that nothing else may run beside."""
    names = HERE.joinpath("exact.txt").read_text().split()
    return [name for name in names if exclusive or not re.search(r"(?m)^exclusive:", scenario(name).read_text())]


def scenario(name: str) -> Path:
    """The file of a scenario."""
    return HERE / "scenarios" / f"{name}.yaml"


@contextmanager
def served(kubeconfig: Path) -> Iterator[subprocess.Popen[str]]:
    """The cluster of the recordings, served until the end; nothing is left running."""
    command = [sys.executable, "-m", "ktui", "serve", "--cluster", str(HERE / "cluster.yaml"), "--port", "0"]
    with subprocess.Popen(
        [*command, "--write-kubeconfig", str(kubeconfig), "--speed", "1"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            assert "The Kubernetes API is at" in server.stdout.readline()
            yield server
        finally:
            server.kill()


def replayed(names: Sequence[str]) -> tuple[dict[str, str], int]:
    """What the replay says of each scenario that is not exact, and the server's exit code."""
    with TemporaryDirectory() as folder, served(Path(folder, "kubeconfig")) as server:
        kubeconfig = str(Path(folder, "kubeconfig"))

        def told(name: str) -> str:
            options = ["--kubeconfig", kubeconfig, "--kubectl", str(KUBECTL), "--quiet", "1", "--limit", "30"]
            done = subprocess.run(
                [sys.executable, str(HERE / "replay.py"), "check", *options, str(scenario(name))],
                capture_output=True, text=True, check=False, timeout=300, env={**os.environ, "TMPDIR": folder},
            )  # fmt: skip
            return done.stdout + done.stderr

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            answers = dict(zip(names, pool.map(told, names), strict=True))
        server.send_signal(signal.SIGINT)
        code = server.wait(timeout=10)
    return {name: text for name, text in answers.items() if "1 of 1 scenarios exact" not in text}, code


def test_the_list_names_scenarios_once() -> None:
    """The list is sorted, holds no name twice, and every name is a scenario with a recording."""
    names = exact(exclusive=True)
    assert names == sorted(set(names))
    assert all(scenario(name).exists() and scenario(name).with_suffix(".expected.json").exists() for name in names)


def test_exact_scenarios_stay_exact() -> None:
    """What was the same as in a real cluster stays the same, and the server stops cleanly."""
    different, code = replayed(exact(exclusive=False)[:MOST])
    assert not different, "\n".join(different.values())
    assert code == 0


def main() -> int:
    """Replay the whole list (--all), or what the test replays, and print what differs."""
    names = exact(exclusive=True) if "--all" in sys.argv[1:] else exact(exclusive=False)[:MOST]
    different, code = replayed(names)
    print("\n".join(different.values()))
    print(f"{len(names) - len(different)} of {len(names)} scenarios exact; the server's exit code is {code}")
    return 1 if different or code else 0


if __name__ == "__main__":
    sys.exit(main())
