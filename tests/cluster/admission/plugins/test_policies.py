"""The indexes that admission asks: always what the store says, and the same value while nothing changes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cluster.admission.plugins.policies import ByNamespace, Policies
from cluster.api import kinds
from cluster.store import Store
from tests.cluster.admission.requests import read

STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "delete", "compact", "ask"]), st.sampled_from("ab"), st.sampled_from("xyz")),
    max_size=30,
)


def range_of(namespace: str, name: str) -> Any:
    """A LimitRange without limits."""
    return read(kinds.LIMIT_RANGES, {"metadata": {"namespace": namespace}}, name)


@given(STEPS)
def test_by_namespace(steps: list[tuple[str, str, str]]) -> None:
    """The index equals a look at the table, whatever was written or forgotten since it was last asked."""
    store = Store()
    table, index = store.table(kinds.LIMIT_RANGES), ByNamespace(store, kinds.LIMIT_RANGES)
    for what, namespace, name in steps:
        key = f"{namespace}/{name}"
        if what == "put":
            store.put(kinds.LIMIT_RANGES, key, range_of(namespace, name), "tester")
        elif what == "delete" and key in table:
            store.delete(kinds.LIMIT_RANGES, key, "tester")
        elif what == "compact":
            store.compact(store.revision)
        else:
            found = index.of(namespace)
            assert found == tuple(value for other, value in sorted(table.items()) if other.startswith(f"{namespace}/"))
            assert index.of(namespace) is found


def test_one_namespace_does_not_disturb_another() -> None:
    """What a namespace has stays the very same value while another one changes."""
    store = Store()
    index = ByNamespace(store, kinds.LIMIT_RANGES)
    store.put(kinds.LIMIT_RANGES, "a/x", range_of("a", "x"), "tester")
    before = index.of("a")
    store.put(kinds.LIMIT_RANGES, "b/x", range_of("b", "x"), "tester")
    assert index.of("a") is before


def test_chosen() -> None:
    """The default is looked for again when its kind changes."""
    store = Store()
    policies = Policies(store)
    assert policies.priority_class.get() is None
    value = read(kinds.PRIORITY_CLASSES, {"value": 3, "globalDefault": True}, "low")
    store.put(kinds.PRIORITY_CLASSES, "low", value, "tester")
    assert policies.priority_class.get() is value
    store.delete(kinds.PRIORITY_CLASSES, "low", "tester")
    assert policies.priority_class.get() is None
