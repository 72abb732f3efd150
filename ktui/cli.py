"""The command line: what to run, on which cluster, with which folders. The only place that chooses.

The first thing on the data's way. Nothing heavy is imported before the arguments are understood, so
`--help` and a wrong argument answer at once. Exit codes: 0 fine, 2 usage or cannot start.
"""

import argparse
import contextlib
import gc
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cluster.api.cluster import Cluster
    from cluster.engine import Engine
    from cluster.realtime import Pacer
    from ktui.serve import ServedApi

CANNOT_START = 2
_CLUSTER = re.compile(rb"kind\W+Cluster\b")
DESCRIPTION = (
    "A Kubernetes cluster in your terminal: a whole simulated cluster in this process, fed from folders of manifests."
)
EPILOG = """\
topics:
  ktui --help annotations   annotations that tell the simulated runtime what a container does
  ktui --help keys          every key of the app
  ktui --help cluster       the file for --cluster

examples:
  ktui                                    an empty cluster of three nodes
  ktui sample_manifests/guestbook         keep a folder applied, and watch it
  ktui --nodes 50 --speed 10 my/manifests fifty nodes, ten times as fast
  ktui --serve --write-kubeconfig kc .    the app, and an API for kubectl beside it
  ktui serve --write-kubeconfig kc .      no app: the folder applied, and an API for kubectl
"""
SERVE_DESCRIPTION = (
    "Run the cluster without the app, and open the Kubernetes API on loopback for kubectl, k9s and other clients."
)
CLUSTER_TOPIC = """\
A cluster is described by one YAML document, given with --cluster FILE or lying in a watched folder.
Every field but apiVersion and kind may be left out; what is left out has the value shown.

apiVersion: ktui.dev/v1alpha1
kind: Cluster
seed: 1                        # the same seed and inputs give the same cluster, byte for byte
nodes:
- name: node-{n}               # n counts from 1
  count: 3
  labels: {topology.kubernetes.io/zone: "zone-{n}"}
  taints: []                   # - {key: dedicated, value: db, effect: NoSchedule}
  capacity: {cpu: "4", memory: 8Gi, pods: "110", ephemeral-storage: 100Gi}
network:
  serviceClusterIPRange: 10.96.0.0/16
  serviceNodePortRange: 30000-32767
  podCIDR: 10.244.0.0/16       # each node takes a part of it
timing:                        # virtual time of what the simulated runtime does
  imagePull: 1.5s
  containerStart: 200ms
  containerStop: 500ms
  processes: true              # containers run their commands and end with them (false where there is a timing without it)
addons:
  defaultStorageClass: true    # claims without a class get a simulated volume
  metrics: true                # kubectl top tells what pods and nodes use
"""


class HelpTopic(argparse.Action):
    """`--help`, and `--help TOPIC`."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Print the help asked for and exit."""
        del namespace, option_string
        parser._print_message(topic_text(str(values)) if values else parser.format_help(), sys.stdout)  # noqa: SLF001
        parser.exit()


class Version(argparse.Action):
    """`--version`."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Print the version and exit."""
        from importlib.metadata import version  # noqa: PLC0415 - many modules, for this answer alone

        del namespace, values, option_string
        print(f"ktui {version('ktui')}")
        parser.exit()


def topic_text(topic: str) -> str:
    """One of the help topics, from the tables that the code itself uses."""
    if topic == "annotations":
        from cluster.api import annotations  # noqa: PLC0415 - loaded when asked for

        return annotations.table_text()
    if topic == "keys":
        from ktui import commands  # noqa: PLC0415 - loaded when asked for

        return commands.key_table_text()
    return CLUSTER_TOPIC


def positive(text: str) -> int:
    """A whole number of at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def port(text: str) -> int:
    """A port number; 0 stands for any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number (0 to 65535)")
    return int(text)


def speed(text: str) -> float:
    """How many virtual seconds pass in a real one."""
    try:
        number = float(text.removeprefix("x"))
    except ValueError:
        number = 0.0
    if not 0.01 <= number <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0.01 and 1000")
    return number


def parser() -> argparse.ArgumentParser:
    """The arguments of `ktui`."""
    made = _parser("ktui", DESCRIPTION, EPILOG)
    made.add_argument(
        "--serve", action="store_true", help="open the Kubernetes API beside the app, for kubectl and other clients"
    )
    _add_serving(made, " (with --serve)")
    made.add_argument("--read-only", action="store_true", help="look, but change nothing from the app")
    made.add_argument("--version", action=Version, nargs=0, help="show the version of ktui")
    return made


def serve_parser() -> argparse.ArgumentParser:
    """The arguments of `ktui serve`."""
    made = _parser("ktui serve", SERVE_DESCRIPTION, "")
    _add_serving(made, "")
    return made


def _add_serving(made: argparse.ArgumentParser, when: str) -> None:
    """How the API is opened."""
    made.add_argument(
        "--port", type=port, default=0, metavar="N", help=f"the port to listen on{when}; default any free one"
    )
    made.add_argument(
        "--write-kubeconfig", type=Path, metavar="FILE",
        help=f"where to write a kubeconfig while it runs{when}; mode 0600",
    )  # fmt: skip


def _parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    """What both commands take."""
    made = argparse.ArgumentParser(
        name,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    made.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="manifests to keep applied while it runs")
    made.add_argument("--cluster", type=Path, metavar="FILE", help="the cluster's description (ktui --help cluster)")
    made.add_argument("--nodes", type=positive, metavar="N", help="how many nodes, all like the first")
    made.add_argument("--seed", type=int, metavar="N", help="what names and addresses are derived from (default 1)")
    made.add_argument("--speed", type=speed, default=1.0, metavar="X", help="virtual seconds in a real one (default 1)")
    made.add_argument(
        "-h", "--help", nargs="?", const="", action=HelpTopic, metavar="TOPIC",
        choices=("", "annotations", "keys", "cluster"), help="this text, or one of the topics of ktui --help",
    )  # fmt: skip
    return made


def cluster_documents(path: Path) -> list["Cluster"]:
    """The `kind: Cluster` documents in a file; ValueError says what is wrong with one."""
    from cluster.manifests import cluster_documents as read  # noqa: PLC0415 - loaded when needed

    try:
        return read(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text: byte {error.start}") from None


def _describing(folders: Sequence[Path]) -> list[Path]:
    """The files in the folders that seem to describe a cluster; what cannot be read the app tells once it runs."""
    from ktui.folder.scan import look  # noqa: PLC0415 - loaded when needed

    found = []
    for path in sorted(map(Path, look(folders).files)):
        with contextlib.suppress(OSError):
            data = path.read_bytes()
            if b"ktui.dev/" in data and _CLUSTER.search(data):
                found.append(path)
    return found


def configuration(options: argparse.Namespace) -> "Cluster":
    """The cluster to run: --cluster's, else the folders' own, else three nodes.

    Raises ValueError or OSError with what the user has to know.
    """
    from msgspec.structs import replace  # noqa: PLC0415 - loaded when needed

    from cluster.api.cluster import DEFAULT  # noqa: PLC0415 - loaded when needed

    if options.cluster is not None:
        found = cluster_documents(options.cluster)
        if not found:
            raise ValueError(f"{options.cluster}: no document of kind Cluster (apiVersion ktui.dev/v1alpha1) in it")
    else:
        found = [document for path in _describing(options.folders) for document in cluster_documents(path)]
    if len(found) > 1:
        raise ValueError(f"{len(found)} documents of kind Cluster; there can be one")
    config = found[0] if found else DEFAULT
    if options.nodes is not None:
        config = config.with_nodes(options.nodes)
    if options.seed is not None:
        config = replace(config, seed=options.seed)
    return config


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `ktui` or `ktui serve` and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    serving = words[:1] == ["serve"]
    options = serve_parser().parse_args(words[1:]) if serving else parser().parse_args(words)
    for folder in options.folders:
        if not folder.is_dir():
            what = "is not a folder" if folder.exists() else "does not exist"
            return _cannot_start(f"{folder} {what}; give a folder of manifests")
    try:
        config = configuration(options)
    except (ValueError, OSError) as error:
        return _cannot_start(str(error))
    epoch = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _serve(options, config, epoch) if serving else _run_app(options, config, epoch)


def _cannot_start(why: str) -> int:
    print(f"ktui: {why}", file=sys.stderr)
    return CANNOT_START


def _run_app(options: argparse.Namespace, config: "Cluster", epoch: str) -> int:
    why = _why_not_served() if options.serve else ""
    if not options.serve and (options.port or options.write_kubeconfig):
        why = "--port and --write-kubeconfig say how the API is opened: give --serve too"
    if why:
        return _cannot_start(why)
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return _cannot_start(
            "this is an app for a terminal; its input and output cannot be redirected (see ktui serve)"
        )
    gc.disable()  # what is loaded stays, so looking through it for garbage is for nothing; the pacer collects later
    from cluster.engine import Engine  # noqa: PLC0415 - after the arguments are understood
    from ktui.app import KtuiApp  # noqa: PLC0415 - after the arguments are understood

    app = KtuiApp(
        Engine(config, epoch),
        options.folders,
        speed=options.speed,
        read_only=options.read_only,
        serve=_served_api(options) if options.serve else None,
    )
    app.run()
    return app.return_code or 0


def _served_api(options: argparse.Namespace) -> "Callable[[Engine, Pacer], ServedApi]":
    from ktui.serve import ServedApi  # noqa: PLC0415 - loaded when asked for

    return partial(ServedApi, port=options.port, config_path=options.write_kubeconfig)


def _why_not_served() -> str:
    missing = [name for name in ("aiohttp", "cryptography") if find_spec(name) is None]
    return f"serving the API needs {' and '.join(missing)}: pip install 'ktui[serve]'" if missing else ""


def _serve(options: argparse.Namespace, config: "Cluster", epoch: str) -> int:
    why = _why_not_served()
    if why:
        return _cannot_start(why)
    import asyncio  # noqa: PLC0415 - after the arguments are understood

    from cluster.engine import Engine  # noqa: PLC0415 - after the arguments are understood
    from ktui.serve import serve  # noqa: PLC0415 - after the arguments are understood

    running = serve(
        Engine(config, epoch),
        options.folders,
        port=options.port,
        config_path=options.write_kubeconfig,
        speed=options.speed,
    )
    return asyncio.run(running)
