"""How many replicas there may be: the arithmetic of rollouts."""

import pytest
from msgspec.structs import replace

from cluster.api.apps import ReplicaSet, ReplicaSetSpec, ReplicaSetStatus
from cluster.api.meta import ObjectMeta
from cluster.controllers.deployment import annotations, sizes
from tests.cluster.controllers.deployment.rollouts import deployment


def replica_set(
    replicas: int, available: int = 0, *, name: str = "a", created: str = "1", most: int | None = None
) -> ReplicaSet:
    """A ReplicaSet; `most` is what it was told of the most replicas."""
    told = {} if most is None else {annotations.MAX_REPLICAS: str(most)}
    return ReplicaSet(
        metadata=ObjectMeta(name=name, creationTimestamp=created, annotations=told),
        spec=ReplicaSetSpec(replicas=replicas),
        status=ReplicaSetStatus(availableReplicas=available),
    )


def named(steps: list[sizes.Step]) -> dict[str, int]:
    """Steps by the names of their ReplicaSets."""
    return {found.metadata.name: size for found, size in steps}


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (10, "25%", "25%", (3, 2)),
        (3, "25%", "25%", (1, 0)),
        (1, "25%", "25%", (1, 0)),
        (0, "25%", "25%", (0, 0)),
        (10, 0, "5%", (0, 1)),
        (2, 5, 5, (5, 2)),
        (4, "0%", 0, (0, 1)),
        (3, "100%", "100%", (3, 3)),
    ],
)
def test_limits_round_in_favour_of_availability(
    replicas: int, surge: sizes.IntOrPercent, unavailable: sizes.IntOrPercent, expected: tuple[int, int]
) -> None:
    """The surge rounds up, the unavailability down; both nothing means one pod may be unavailable."""
    assert sizes.limits(deployment(replicas, surge=surge, unavailable=unavailable)) == expected


def test_recreate_has_no_limits() -> None:
    """Nothing may be more, and nothing has to stay available."""
    wanted = deployment(5, recreate=True)
    assert sizes.limits(wanted) == (0, 0)
    assert (sizes.most(wanted), sizes.fewest_available(wanted)) == (5, 0)
    assert sizes.size_of_new(wanted, replica_set(0), [replica_set(5)]) == 5


@pytest.mark.parametrize(
    ("new", "old", "expected"), [(0, 10, 3), (0, 13, 0), (5, 8, 5), (5, 5, 8), (9, 0, 10), (12, 0, 10), (0, 0, 10)]
)
def test_the_new_replica_set_takes_the_room_there_is(new: int, old: int, expected: int) -> None:
    """It never grows past the wanted size, nor the sum past the surge."""
    wanted = deployment(10, surge="25%", unavailable="25%")
    assert sizes.size_of_new(wanted, replica_set(new), [replica_set(old)]) == expected


def test_unhealthy_replicas_of_the_oldest_go_first() -> None:
    """No more than there is room for, and only those that are not available."""
    olds = [
        replica_set(4, 1, name="younger", created="2"),
        replica_set(3, 1, name="older", created="1"),
        replica_set(2, 2, name="healthy", created="0"),
    ]
    assert named(sizes.unhealthy(olds, 3).steps) == {"older": 1, "younger": 3}
    assert named(sizes.unhealthy(olds, 1).steps) == {"older": 2}


def test_a_stale_status_stops_the_clean_up() -> None:
    """More available than asked for means that the status is older than the size: nothing further is safe."""
    olds = [replica_set(3, 1, name="first", created="1"), replica_set(2, 5, name="stale", created="2")]
    cleaning = sizes.unhealthy(olds, 5)
    assert (named(cleaning.steps), cleaning.stale) == ({"first": 1}, True)


def test_only_what_is_not_needed_is_taken_from_the_old() -> None:
    """The available replicas of all count; the oldest gives first."""
    wanted = deployment(10, surge=2, unavailable=2)
    olds = [replica_set(4, 4, name="younger", created="2"), replica_set(3, 3, name="older", created="1")]
    assert named(sizes.surplus(wanted, replica_set(5, 5), olds)) == {"older": 0, "younger": 3}
    assert sizes.surplus(wanted, replica_set(5, 1), olds) == []


def test_a_change_of_size_is_shared_by_size() -> None:
    """8 and 5 of at most 13 become 12 and 7 of at most 19 (deploy-percent-surge-stuck)."""
    wanted = deployment(15, surge="25%", unavailable="25%")
    found = [replica_set(8, name="old", created="1", most=13), replica_set(5, name="new", created="2", most=13)]
    assert named(sizes.proportional(wanted, found)) == {"old": 12, "new": 7}


@pytest.mark.parametrize(
    ("replicas", "held", "expected"),
    [
        (20, (5, 5, 5), (7, 7, 7)),
        (12, (5, 5, 5), (4, 4, 5)),
        (0, (5, 5, 5), (0, 0, 0)),
        (10, (5, 5, 1), (5, 5, 1)),
        (11, (10, 0, 1), (11, 0, 1)),
    ],
)
def test_what_rounding_leaves_goes_to_the_largest(
    replicas: int, held: tuple[int, ...], expected: tuple[int, ...]
) -> None:  # fmt: skip
    """The sum always comes out at the size and its surge; empty ReplicaSets stay empty."""
    wanted = deployment(replicas, surge=1)
    found = [
        replica_set(size, name=name, created=str(index), most=16 if replicas != 10 else 11)
        for index, (name, size) in enumerate(zip("abc", held, strict=True))
    ]
    shared = named(sizes.proportional(wanted, found))
    assert tuple(shared.get(name, 0) for name in "abc") == expected


def test_equal_sizes_grow_from_the_newest_and_shrink_from_the_oldest() -> None:
    """The leftover of a change goes to one of the largest, by age."""
    found = [replica_set(5, name="old", created="1", most=10), replica_set(5, name="new", created="2", most=10)]
    assert named(sizes.proportional(deployment(10, surge=1), found)) == {"new": 6, "old": 5}
    assert named(sizes.proportional(deployment(8, surge=1), found)) == {"old": 4, "new": 5}


def test_without_a_note_the_status_tells_the_size_before() -> None:
    """A ReplicaSet that was never told falls back on the Deployment's status, or takes no part."""
    wanted = deployment(20, surge=0, unavailable=1)
    wanted = replace(wanted, status=replace(wanted.status, replicas=10))
    found = [replica_set(5, name="a", created="1"), replica_set(5, name="b", created="2")]
    assert named(sizes.proportional(wanted, found)) == {"a": 10, "b": 10}
    unknown = replace(wanted, status=replace(wanted.status, replicas=0))
    assert named(sizes.proportional(unknown, found)) == {"b": 15, "a": 5}


def test_a_history_drops_its_oldest_numbers() -> None:
    """The revision history of a ReplicaSet has at most 2,000 characters."""
    long = ",".join(str(number) for number in range(1, 540))
    held = replica_set(1)
    told = {annotations.REVISION: "600", annotations.REVISION_HISTORY: long}
    held = replace(held, metadata=replace(held.metadata, annotations=told))
    found = annotations.as_newest(deployment(), held, 700).metadata.annotations
    assert found[annotations.REVISION] == "700"
    assert found[annotations.REVISION_HISTORY].endswith(",539,600")
    assert 1_990 < len(found[annotations.REVISION_HISTORY]) <= 2_000
    assert annotations.as_newest(deployment(), held, 600) is held
