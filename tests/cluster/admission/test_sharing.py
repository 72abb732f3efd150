"""Changes that keep identity, and answers remembered by it."""

from cluster.admission.sharing import IdentityMemo, changed, each, merged
from cluster.api.core import Container, ContainerPort

PORT = ContainerPort(containerPort=80)


def test_a_change_to_the_same_is_no_change() -> None:
    """An object that has the wanted values already is returned itself."""
    container = Container(name="web", ports=(PORT,))
    assert changed(container, name=container.name, ports=container.ports) is container
    assert changed(container, image="nginx") == Container(name="web", image="nginx", ports=(PORT,))


def test_items_keep_their_tuple() -> None:
    """A tuple of which no item changes is returned itself."""
    ports = (PORT, ContainerPort(containerPort=81))
    assert each(ports, lambda port: port) is ports
    assert each((), lambda port: port) == ()
    assert each(ports, lambda port: changed(port, protocol="TCP"))[1].protocol == "TCP"


def test_merging() -> None:
    """Later entries win; nothing over a mapping leaves it itself."""
    first = {"a": 1, "b": 2}
    assert merged(first, {"b": 3}) == {"a": 1, "b": 3}
    assert merged(first, {}) is first


def test_memo_asks_who_not_what() -> None:
    """Two equal objects are two; one object is known under each key by itself."""
    memo: IdentityMemo[str] = IdentityMemo()
    one, twin = ContainerPort(containerPort=80), ContainerPort(containerPort=80)
    memo.put(one, "first")
    memo.put(one, "second", "key")
    assert (memo.get(one), memo.get(one, "key"), memo.get(twin)) == ("first", "second", None)


def test_memo_forgets_when_full() -> None:
    """It never holds more than its limit."""
    memo: IdentityMemo[int] = IdentityMemo(limit=2)
    ports = [ContainerPort(containerPort=number) for number in range(3)]
    for number, port in enumerate(ports):
        memo.put(port, number)
    assert [memo.get(port) for port in ports] == [None, None, 2]
