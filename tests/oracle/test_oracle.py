"""Whole scenarios, with a real kubectl, against what a real Kubernetes showed.

`exact.txt` names the scenarios in which nothing differs; it only grows, and the test replays all of it. Those that may
run beside others share a cluster, the others have one of their own each. To replay the list, or some of it, by hand:

    python -m tests.oracle.test_oracle [NAME ...]

The clusters run at the speed of the clock on the wall, because kubectl reckons ages by that clock.
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
SIDE_BY_SIDE = 16
"""How many are replayed at a time: most of what they do is to wait until nothing happens any more."""


def exact() -> list[str]:
    """The scenarios of the list."""
    return HERE.joinpath("exact.txt").read_text().split()


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


def is_exclusive(name: str) -> bool:
    """Whether nothing else may run beside a scenario."""
    return bool(re.search(r"(?m)^exclusive:", scenario(name).read_text()))


def told(name: str, folder: str) -> str:
    """What the replay says of a scenario on the cluster of the kubeconfig in a folder."""
    options = ["--kubeconfig", f"{folder}/kubeconfig", "--kubectl", str(KUBECTL), "--quiet", "1", "--limit", "30"]
    done = subprocess.run(
        [sys.executable, str(HERE / "replay.py"), "check", *options, str(scenario(name))],
        capture_output=True, text=True, check=False, timeout=300, env={**os.environ, "TMPDIR": folder},
    )  # fmt: skip
    return done.stdout + done.stderr


def told_alone(name: str) -> str:
    """What the replay says of a scenario on a cluster of its own."""
    with TemporaryDirectory() as folder, served(Path(folder, "kubeconfig")):
        return told(name, folder)


def replayed(names: Sequence[str]) -> tuple[dict[str, str], int]:
    """What the replay says of each scenario that is not exact, and the exit code of the server that most share."""
    with TemporaryDirectory() as folder, served(Path(folder, "kubeconfig")) as server:

        def answer(name: str) -> str:
            return told_alone(name) if is_exclusive(name) else told(name, folder)

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            answers = dict(zip(names, pool.map(answer, names), strict=True))
        server.send_signal(signal.SIGINT)
        code = server.wait(timeout=10)
    return {name: text for name, text in answers.items() if "1 of 1 scenarios exact" not in text}, code


def test_the_list_names_scenarios_once() -> None:
    """The list is sorted, holds no name twice, and every name is a scenario with a recording."""
    names = exact()
    assert names == sorted(set(names))
    assert all(scenario(name).exists() and scenario(name).with_suffix(".expected.json").exists() for name in names)


def test_exact_scenarios_stay_exact() -> None:
    """What was the same as in a real cluster stays the same, and the server stops cleanly."""
    different, code = replayed(exact())
    assert not different, "\n".join(different.values())
    assert code == 0


def main() -> int:
    """Replay the named scenarios, or the whole list, and print what differs."""
    names = sys.argv[1:] or exact()
    different, code = replayed(names)
    print("\n".join(different.values()))
    print(f"{len(names) - len(different)} of {len(names)} scenarios exact; the server's exit code is {code}")
    return 1 if different or code else 0


if __name__ == "__main__":
    sys.exit(main())
