"""A cluster served by a process of its own, and a real kubectl for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
KUBECTL = Path(sys.executable).with_name("kubectl")
LONGEST = 60


class Ran(NamedTuple):
    """How a command went."""

    out: str
    err: str
    code: int


class Kubectl:
    """A real kubectl, on one cluster and in one namespace."""

    def __init__(self, config: Path, namespace: str = "default") -> None:
        self.config, self.namespace = config, namespace
        self.home = config.parent

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Ran:
        """Run one command to its end."""
        done = subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=LONGEST, check=False,
            env=self.environment | environment,
        )  # fmt: skip
        return Ran(done.stdout, done.stderr, done.returncode)

    def out(self, *arguments: str, stdin: str = "", **environment: str) -> str:
        """What a command that must succeed writes."""
        ran = self(*arguments, stdin=stdin, **environment)
        assert ran.code == 0, (arguments, ran)
        return ran.out

    def rows(self, *arguments: str) -> list[list[str]]:
        """The cells of a table without the header."""
        return [line.split() for line in self.out(*arguments, "--no-headers").splitlines()]

    def command(self, *arguments: str) -> list[str]:
        """The command line."""
        return [str(KUBECTL), "--kubeconfig", str(self.config), "--namespace", self.namespace, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands: nothing of the user's own configuration."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.home)}


@contextmanager
def served(*arguments: str) -> Iterator[Path]:
    """The kubeconfig of a cluster that is served until the end."""
    with TemporaryDirectory() as folder:
        config = Path(folder, "config")
        command = [sys.executable, "-m", "ktui", "serve", "--port", "0", "--write-kubeconfig", str(config), *arguments]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                assert "The Kubernetes API is at" in server.stdout.readline()
                yield config
            finally:
                server.terminate()
        assert server.returncode == 0
