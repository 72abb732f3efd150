"""The programs of a container that use the network, by name.

Run by `execute` beside those of `programs`. Invariant: a program learns of the cluster only what its sockets tell it.
"""

from collections.abc import Callable, Mapping

from cluster.kubelet.runtime.curl import curl
from cluster.kubelet.runtime.dig import dig, getent, host
from cluster.kubelet.runtime.name_programs import nslookup
from cluster.kubelet.runtime.programs import Run
from cluster.kubelet.runtime.reach_programs import nc, ping
from cluster.kubelet.runtime.sockets import Sockets
from cluster.kubelet.runtime.wget import wget

START = 5
"""How long it takes until a program has started and asks (ms): so a loop of nothing else takes time."""
PROGRAMS: Mapping[str, Callable[[Run, Sockets, list[str]], int]] = {
    "curl": curl, "dig": dig, "getent": getent, "host": host, "nc": nc, "nslookup": nslookup, "ping": ping, "wget": wget,
}  # fmt: skip


def run_program(name: str, run: Run, sockets: Sockets, words: list[str]) -> int:
    """Run one of the programs; the exit code."""
    run.elapsed += START
    return PROGRAMS[name](run, sockets, words)
