"""What nodes and pods use, as the metrics server shows it in tables.

Invariant: a pod's row is the sum of its containers.
"""

from collections.abc import Iterable, Mapping

from cluster.api import quantity
from cluster.api.metrics import NodeMetrics, PodMetrics
from cluster.printers.column import NAME, Printer, texts
from cluster.printers.now import Now


def _node(value: NodeMetrics, _: Now) -> tuple[str, ...]:
    return value.metadata.name, *_sums([value.usage]), value.window


def _pod(value: PodMetrics, _: Now) -> tuple[str, ...]:
    return value.metadata.name, *_sums(container.usage for container in value.containers), value.window


def _sums(used: Iterable[Mapping[str, str]]) -> tuple[str, str]:
    cpu, memory = quantity.parse("0"), quantity.parse("0")
    for usage in used:
        cpu, memory = quantity.add(cpu, usage.get("cpu", "0")), quantity.add(memory, usage.get("memory", "0"))
    return cpu, memory


COLUMNS = (NAME, *texts("cpu", "memory", "Window"))
NODE, POD = Printer(COLUMNS, _node), Printer(COLUMNS, _pod)
