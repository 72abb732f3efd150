"""Strategic merge patch: lists by key, directives and order."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api.apps import Deployment, DeploymentSpec
from cluster.api.core import ConfigMap, Container, PodSpec, Service
from cluster.api.errors import ApiError, Invalid
from cluster.patch import strategic


def _containers(*names: str) -> dict[str, Any]:
    return {"containers": [{"name": name} for name in names]}


def test_a_container_is_changed_by_its_name() -> None:
    """An item with a known key is merged into; what the patch does not say stays."""
    document = {
        "containers": [{"name": "web", "image": "nginx:1.26", "tty": True}, {"name": "log", "image": "fluentd"}]
    }
    before = deepcopy(document)
    patched = strategic.apply(PodSpec, document, {"containers": [{"name": "log", "image": "fluentd:2"}]})
    assert patched == {
        "containers": [{"name": "web", "image": "nginx:1.26", "tty": True}, {"name": "log", "image": "fluentd:2"}]
    }
    assert document == before


def test_a_new_container_goes_first() -> None:
    """An item that the live list lacks comes before those that the patch does not name."""
    patched = strategic.apply(PodSpec, _containers("old"), _containers("new"))
    assert patched == _containers("new", "old")


def test_the_patch_orders_what_it_names() -> None:
    """Named items take the patch's order; the others keep theirs around them."""
    assert strategic.apply(PodSpec, _containers("a", "b", "c"), _containers("c", "a")) == _containers("b", "c", "a")


def test_a_list_without_a_key_is_replaced() -> None:
    """Tolerations have no merge key: the patch's list is the new list."""
    document = {"tolerations": [{"key": "a"}, {"key": "b"}]}
    assert strategic.apply(PodSpec, document, {"tolerations": [{"key": "c"}]}) == {"tolerations": [{"key": "c"}]}


def test_null_removes_a_field() -> None:
    """A null takes away a field, at any depth, and is never kept."""
    document = {"data": {"a": "1", "b": "2"}, "immutable": False}
    patch = {"data": {"a": None, "c": None}, "immutable": None}
    assert strategic.apply(ConfigMap, document, patch) == {"data": {"b": "2"}}


def test_nulls_in_something_new_are_dropped() -> None:
    """A map that the document lacks is taken without the nulls and directives in it."""
    patch = {"metadata": {"labels": {"a": "1", "b": None}}}
    assert strategic.apply(ConfigMap, {}, patch) == {"metadata": {"labels": {"a": "1"}}}


@pytest.mark.parametrize(
    ("patch", "names"),
    [
        ({"containers": [{"name": "b", "$patch": "delete"}]}, ["a", "c"]),
        ({"containers": [{"name": "gone", "$patch": "delete"}]}, ["a", "b", "c"]),
        ({"containers": [{"$patch": "replace"}, {"name": "x"}]}, ["x"]),
        ({"containers": [{"$patch": "replace"}]}, []),
        ({"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}, {"name": "b"}]}, ["c", "a", "b"]),
        ({"$setElementOrder/containers": [{"name": "c"}, {"name": "n"}, {"name": "a"}], "containers": [{"name": "n"}]}, ["b", "c", "n", "a"]),
    ],
)  # fmt: skip
def test_directives_of_a_list(patch: dict[str, Any], names: list[str]) -> None:
    """Items are deleted, the list replaced, or its order set, as the directive says."""
    patched = strategic.apply(PodSpec, _containers("a", "b", "c"), patch)
    assert [container["name"] for container in patched["containers"]] == names


def test_a_service_port_is_deleted_by_its_number() -> None:
    """The merge key of a Service's ports is the port."""
    document = {"spec": {"ports": [{"port": 80, "name": "http"}, {"port": 9113, "name": "metrics"}]}}
    patched = strategic.apply(Service, document, {"spec": {"ports": [{"port": 9113, "$patch": "delete"}]}})
    assert patched == {"spec": {"ports": [{"port": 80, "name": "http"}]}}


@pytest.mark.parametrize(
    ("patch", "finalizers"),
    [
        ({"finalizers": ["c"]}, ["c", "a", "b"]),
        ({"finalizers": ["b"]}, ["a", "b"]),
        ({"$deleteFromPrimitiveList/finalizers": ["a"]}, ["b"]),
        ({"$deleteFromPrimitiveList/finalizers": ["a"], "$setElementOrder/finalizers": ["b", "c"], "finalizers": ["c"]}, ["b", "c"]),
        ({"$setElementOrder/finalizers": ["b", "a"]}, ["b", "a"]),
    ],
)  # fmt: skip
def test_lists_of_plain_values(patch: dict[str, Any], finalizers: list[str]) -> None:
    """Finalizers are merged as a set; values are deleted and ordered by directives."""
    patched = strategic.apply(ConfigMap, {"metadata": {"finalizers": ["a", "b"]}}, {"metadata": patch})
    assert patched == {"metadata": {"finalizers": finalizers}}


def test_directives_of_a_map() -> None:
    """A map is replaced or emptied as a whole."""
    document = {"data": {"a": "1", "b": "2"}}
    assert strategic.apply(ConfigMap, document, {"data": {"$patch": "replace", "c": "3"}}) == {"data": {"c": "3"}}
    assert strategic.apply(ConfigMap, document, {"data": {"$patch": "delete"}}) == {"data": {}}


def test_retained_keys() -> None:
    """`$retainKeys` takes away the fields it does not name, so that one of several can be chosen."""
    document = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}
    patch = {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}
    assert strategic.apply(DeploymentSpec, document, patch) == {"strategy": {"type": "Recreate"}}
    with pytest.raises(Invalid):
        strategic.apply(DeploymentSpec, document, {"strategy": {"$retainKeys": ["rollingUpdate"], "type": "Recreate"}})


def test_without_retained_keys_fields_stay() -> None:
    """Setting the strategy's type alone keeps what belongs to the other, for validation to refuse."""
    document = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}
    patched = strategic.apply(DeploymentSpec, document, {"strategy": {"type": "Recreate"}})
    assert patched == {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}}


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (
            {"spec": {"template": {"spec": {"containers": [{"image": "x", "tty": True, "args": ["a", "b"]}]}}}},
            "map: map[args:[a b] image:x tty:true] does not contain declared merge key: name",
        ),
        ({"spec": {"$patch": "mend", "replicas": 1}}, "unknown patch type: mend in map: map[$patch:mend replicas:1]"),
        (
            {"spec": {"template": {"spec": {"containers": [{"$patch": "mend", "name": "c"}]}}}},
            "unknown patch type: mend in map: map[$patch:mend name:c]",
        ),
    ],
)
def test_malformed_patches(patch: dict[str, Any], words: str) -> None:
    """An item without its merge key, or a directive nobody knows, is refused in the API server's words."""
    with pytest.raises(ApiError) as caught:
        strategic.apply(Deployment, {"spec": {"template": {"spec": _containers("c")}}}, patch)
    assert (caught.value.message, caught.value.code, caught.value.reason) == (words, 500, "")


_NAMES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


@given(_NAMES, _NAMES)
def test_every_item_is_there_once_and_in_order(live: list[str], patch: list[str]) -> None:
    """Merging keeps each item once; those of the patch in its order, the others in the live order."""
    patched = strategic.apply(PodSpec, _containers(*live), _containers(*patch))
    names = [container["name"] for container in patched["containers"]]
    assert sorted(names) == sorted({*live, *patch})
    assert [name for name in names if name in patch] == patch
    assert [name for name in names if name not in patch] == [name for name in live if name not in patch]


def test_untyped_maps_merge() -> None:
    """Where no type is known, maps merge and lists are replaced."""
    assert strategic.apply(None, {"a": {"b": 1}, "l": [1]}, {"a": {"c": 2}, "l": [2]}) == {
        "a": {"b": 1, "c": 2},
        "l": [2],
    }
    assert strategic.apply(
        Container, {"resources": {"limits": {"cpu": "1"}}}, {"resources": {"limits": {"memory": "1Gi"}}}
    ) == {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}
