"""Server-side apply: what is made so, who owns it, and who is in the way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api.apps import Deployment
from cluster.api.core import ConfigMap, Pod, Service
from cluster.api.errors import ApiError, ApplyConflict, BadRequest
from cluster.api.object import Object
from cluster.patch import field_set, managed, typed

_T1, _T2, _T3 = "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "2026-01-01T00:00:03Z"
Document = dict[str, Any]


def _apply(
    live: Document | None, applied: Document, manager: str = "me", *, force: bool = False, time: str = _T1, type_: type[Object] = Deployment
) -> Document:  # fmt: skip
    return managed.apply(type_, live, applied, api_version="apps/v1", manager=manager, force=force, time=time)


def _update(live: Document, changes: Document, manager: str = "kubectl-edit", time: str = _T2) -> Document:
    after = {**live, **changes}
    return managed.update(Deployment, live, after, api_version="apps/v1", manager=manager, time=time)


def _web(**spec: Any) -> Document:
    return {"metadata": {"name": "web", "namespace": "shop"}, "spec": spec}


def _containers(*containers: Document) -> Document:
    return _web(template={"spec": {"containers": list(containers)}})


def _owned(document: Document, manager: str) -> list[str]:
    found = [entry for entry in document["metadata"].get("managedFields", ()) if entry["manager"] == manager]
    return sorted(field_set.text(path) for entry in found for path in field_set.from_fields_v1(entry["fieldsV1"]))


def _list(document: Document) -> list[Document]:
    found: list[Document] = document["spec"]["template"]["spec"]["containers"]
    return found


def test_first_apply() -> None:
    """What is applied is there, and its leaves belong to the manager; names and the like to nobody."""
    made = _apply(None, _containers({"name": "c", "image": "i", "ports": [{"containerPort": 80}]}))
    assert made["metadata"]["managedFields"] == [
        {
            "manager": "me", "operation": "Apply", "apiVersion": "apps/v1", "time": _T1, "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"c"}': {
                ".": {}, "f:image": {}, "f:name": {},
                "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
            }}}}}},
        }
    ]  # fmt: skip
    assert _list(made) == [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}]


def test_two_managers_share_an_object() -> None:
    """Appliers that name different fields do not meet, and each sees its own kept."""
    made = _apply(_apply(None, _web(replicas=2)), _web(paused=True), "other", time=_T2)
    assert made["spec"] == {"replicas": 2, "paused": True}
    assert (_owned(made, "me"), _owned(made, "other")) == ([".spec.replicas"], [".spec.paused"])


def test_two_managers_may_agree() -> None:
    """Applying the value that is there makes one more owner and no conflict."""
    made = _apply(_apply(None, _web(replicas=2)), _web(replicas=2), "other", time=_T2)
    assert _owned(made, "me") == _owned(made, "other") == [".spec.replicas"]


def test_a_conflict_names_the_manager_and_the_field() -> None:
    """Changing a field that somebody else applied is refused in Kubernetes' words."""
    with pytest.raises(ApplyConflict) as caught:
        _apply(_apply(None, _web(replicas=2)), _web(replicas=3), "other")
    assert caught.value.message == 'Apply failed with 1 conflict: conflict with "me": .spec.replicas'
    assert caught.value.details is not None
    (cause,) = caught.value.details.causes
    assert (cause.reason, cause.message, cause.field) == (
        "FieldManagerConflict",
        'conflict with "me"',
        ".spec.replicas",
    )


def test_a_conflict_with_an_update_names_its_version() -> None:
    """A manager that updated is named with the version it used."""
    live = _update(_apply(None, _web(replicas=2)), {"spec": {"replicas": 5}}, "kubectl-scale")
    with pytest.raises(ApplyConflict) as caught:
        _apply(live, _web(replicas=2))
    assert (
        caught.value.message
        == 'Apply failed with 1 conflict: conflict with "kubectl-scale" using apps/v1: .spec.replicas'
    )


def test_several_conflicts_are_listed_by_manager() -> None:
    """With more than one conflict every manager has its list."""
    live = _apply(
        _apply(None, {**_containers({"name": "c", "image": "i", "args": ["a"]})}, "b"),
        _web(replicas=2, paused=True),
        "a",
    )
    wanted = _containers({"name": "c", "image": "j"})
    wanted["spec"] |= {"replicas": 3, "paused": False}
    with pytest.raises(ApplyConflict) as caught:
        _apply(live, wanted)
    assert caught.value.message == (
        'Apply failed with 3 conflicts: conflicts with "a":\n- .spec.paused\n- .spec.replicas\n'
        'conflicts with "b":\n- .spec.template.spec.containers[name="c"].image'
    )


def test_force_takes_fields_over() -> None:
    """A forced apply changes the field and its owner loses it, and only it."""
    made = _apply(_apply(None, _web(replicas=2, paused=True)), _web(replicas=3), "other", force=True)
    assert made["spec"] == {"replicas": 3, "paused": True}
    assert (_owned(made, "me"), _owned(made, "other")) == ([".spec.paused"], [".spec.replicas"])


def test_what_is_no_longer_applied_goes() -> None:
    """A field that its only owner leaves out is removed, and its empty containers with it."""
    live = _apply(None, _containers({"name": "c", "livenessProbe": {"httpGet": {"port": 80}}, "image": "i"}))
    _list(live)[0]["livenessProbe"]["periodSeconds"] = 10
    made = _apply(live, _containers({"name": "c", "image": "i"}), time=_T2)
    assert _list(made) == [{"name": "c", "image": "i"}]


def test_what_others_own_too_stays() -> None:
    """A field left out by one of its owners stays for the other."""
    live = _apply(_apply(None, _web(replicas=2, paused=True)), _web(replicas=2), "other")
    made = _apply(live, _web(paused=True), time=_T2)
    assert made["spec"] == {"replicas": 2, "paused": True}
    assert _owned(made, "me") == [".spec.paused"]


def test_what_nobody_owns_stays() -> None:
    """Defaults beside applied fields are not removed with them."""
    live = _apply(None, _web(replicas=2, paused=True))
    live["spec"]["progressDeadlineSeconds"] = 600
    made = _apply(live, _web(paused=True))
    assert made["spec"] == {"paused": True, "progressDeadlineSeconds": 600}


def test_a_container_no_longer_applied_goes_whole() -> None:
    """A list's item goes with all that was defaulted in it; its neighbours stay."""
    live = _apply(None, _containers({"name": "a", "image": "i"}, {"name": "b", "image": "i"}))
    _list(live)[0]["imagePullPolicy"] = "Always"
    assert _list(_apply(live, _containers({"name": "b", "image": "i"}))) == [{"name": "b", "image": "i"}]


def test_labels_and_metadata() -> None:
    """Labels are owned one by one, and giving up the last of them does not touch the rest of the metadata."""
    live = _apply(None, {"metadata": {"name": "web", "labels": {"a": "1", "b": "2"}}}, type_=ConfigMap)
    assert _owned(live, "me") == [".metadata.labels.a", ".metadata.labels.b"]
    made = _apply(live, {"metadata": {"name": "web"}}, type_=ConfigMap)
    assert made == {"metadata": {"name": "web"}}


def test_atomic_values_have_one_owner() -> None:
    """A selector, or a list without keys, is owned and replaced as a whole."""
    wanted = _web(
        selector={"matchLabels": {"app": "web"}},
        template={"spec": {"tolerations": [{"key": "a"}], "nodeSelector": {"d": "1"}}},
    )
    made = _apply(None, wanted)
    assert _owned(made, "me") == [
        ".spec.selector",
        ".spec.template.spec.nodeSelector",
        ".spec.template.spec.tolerations",
    ]
    made = _apply(made, _web(selector={"matchLabels": {"tier": "front"}}), "other", force=True)
    assert made["spec"]["selector"] == {"matchLabels": {"tier": "front"}}


def test_finalizers_are_a_set() -> None:
    """Each manager owns the values it applied, and removes no others."""
    live = _apply(None, {"metadata": {"name": "x", "finalizers": ["a", "b"]}}, type_=ConfigMap)
    live = _apply(live, {"metadata": {"name": "x", "finalizers": ["c"]}}, "other", type_=ConfigMap)
    assert live["metadata"]["finalizers"] == ["a", "b", "c"]
    made = _apply(live, {"metadata": {"name": "x", "finalizers": ["b"]}}, type_=ConfigMap)
    assert made["metadata"]["finalizers"] == ["b", "c"]
    assert _owned(made, "other") == ['.metadata.finalizers[="c"]']


@pytest.mark.parametrize(
    ("live", "applied", "result"),
    [
        ("abc", "cb", "acb"),
        ("abc", "nb", "anbc"),
        ("ab", "bna", "bna"),
        ("ax", "nab", "naxb"),
        ("", "ab", "ab"),
        ("xy", "ab", "xyab"),
    ],
)
def test_order_of_merged_lists(live: str, applied: str, result: str) -> None:
    """Applied items take the applied order; the others keep their places between them."""
    before = _containers(*({"name": name} for name in live))
    made = _apply(before, _containers(*({"name": name} for name in applied)))
    assert "".join(container["name"] for container in _list(made)) == result


def test_items_that_repeat_in_the_live_list_stay() -> None:
    """An old object may hold two variables of one name; applying another leaves both alone."""
    variables = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    live = _containers({"name": "c", "env": variables})
    made = _apply(live, _containers({"name": "c", "env": [{"name": "B", "value": "3"}]}))
    assert _list(made)[0]["env"] == [*variables, {"name": "B", "value": "3"}]


def test_an_object_that_was_not_tracked() -> None:
    """What an object had before the first apply belongs to `before-first-apply`, status aside."""
    live = {**_web(replicas=2), "status": {"replicas": 2}}
    with pytest.raises(ApplyConflict) as caught:
        _apply(live, _web(replicas=3))
    assert caught.value.message.endswith('conflict with "before-first-apply" using apps/v1: .spec.replicas')
    made = _apply(live, _web(replicas=2))
    assert _owned(made, "before-first-apply") == _owned(made, "me") == [".spec.replicas"]


def test_quantities_are_compared_as_amounts() -> None:
    """Another way of writing the same amount is no change and no conflict."""
    live = _apply(None, _containers({"name": "c", "resources": {"limits": {"cpu": "1"}}}))
    made = _apply(live, _containers({"name": "c", "resources": {"limits": {"cpu": "1000m"}}}), "other")
    assert _list(made)[0]["resources"] == {"limits": {"cpu": "1"}}


def test_times_tell_the_last_change() -> None:
    """Applying the same again keeps the time of the first; a change takes a new one."""
    live = _apply(None, _web(replicas=2), time=_T1)
    assert _apply(live, _web(replicas=2), time=_T2) == live
    changed = _apply(live, _web(replicas=3), time=_T3)
    assert [entry["time"] for entry in changed["metadata"]["managedFields"]] == [_T3]


def test_an_update_owns_what_it_changed() -> None:
    """Whoever updates owns the fields that changed; those that went belong to nobody."""
    live = _apply(None, _web(replicas=2, paused=True))
    made = _update(live, {"spec": {"replicas": 3, "minReadySeconds": 5}})
    assert (_owned(made, "me"), _owned(made, "kubectl-edit")) == ([], [".spec.minReadySeconds", ".spec.replicas"])
    assert [entry["operation"] for entry in made["metadata"]["managedFields"]] == ["Update"]


def test_an_update_that_changes_nothing_owns_nothing() -> None:
    """Writing the same object again leaves every owner as it was."""
    live = _apply(None, _web(replicas=2))
    assert _update(live, {}) == live


def test_entries_are_in_order() -> None:
    """Appliers come first, then by time; a subresource is told in its entry."""
    live = _update(_apply(None, _web(replicas=2), time=_T3), {"spec": {"replicas": 2, "paused": True}}, time=_T1)
    after = {**live, "status": {"replicas": 2}}
    made = managed.update(
        Deployment, live, after, api_version="apps/v1", manager="deployer", time=_T2, subresource="status"
    )
    entries = made["metadata"]["managedFields"]
    assert [(entry["manager"], entry.get("subresource")) for entry in entries] == [
        ("me", None),
        ("kubectl-edit", None),
        ("deployer", "status"),
    ]


def test_items_that_cannot_be_told_apart_are_refused() -> None:
    """Two items with one key, or one without, make a document that cannot be merged."""
    with pytest.raises(ApiError) as caught:
        _apply(None, _containers({"name": "c"}, {"name": "c"}))
    assert caught.value.message == (
        "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): "
        '.spec.template.spec.containers: duplicate entries for key [name="c"]'
    )
    with pytest.raises(ApiError) as caught:
        managed.apply(
            Service,
            None,
            {"spec": {"ports": [{"name": "http"}]}},
            api_version="v1",
            manager="me",
            force=False,
            time=_T1,
        )
    assert caught.value.message == (
        "failed to create typed patch object (/; /v1, Kind=Service): .spec.ports: element 0: associative list with keys has an "
        'element that omits key field "port" (and doesn\'t have default value)'
    )


def test_managed_fields_cannot_be_applied() -> None:
    """Who owns what is the server's to say."""
    with pytest.raises(BadRequest, match=r"^metadata\.managedFields must be nil$"):
        _apply(None, {"metadata": {"name": "x", "managedFields": [{"manager": "me"}]}})


_CONTAINER = st.fixed_dictionaries(
    {"name": st.sampled_from("abc")},
    optional={
        "image": st.sampled_from(["i", "j"]),
        "args": st.lists(st.sampled_from("xy"), max_size=2),
        "tty": st.booleans(),
    },
)
_PODS = st.fixed_dictionaries(
    {"metadata": st.fixed_dictionaries({"name": st.just("x")}, optional={"labels": st.dictionaries(st.sampled_from("lm"), st.sampled_from("12"), min_size=1)})},
    optional={"spec": st.fixed_dictionaries({"containers": st.lists(_CONTAINER, min_size=1, max_size=3, unique_by=lambda item: item["name"])})},
)  # fmt: skip


def _apply_pod(live: Document | None, applied: Document, manager: str) -> Document:
    return managed.apply(Pod, live, applied, api_version="v1", manager=manager, force=True, time=_T1)


@given(_PODS, _PODS, _PODS)
def test_an_applied_document_is_what_comes_out(first: Document, second: Document, third: Document) -> None:
    """Whatever was before, a forced apply makes every leaf of its document so, and owns exactly these."""
    live = _apply_pod(_apply_pod(_apply_pod(None, first, "a"), second, "b"), third, "a")
    bare = managed.without_managed(live)
    assert field_set.compare(Pod, bare, typed.merge(Pod, bare, third)).changed == frozenset()
    own = managed.read(live).get(managed.Owner("a", "Apply", ""))
    assert (own.paths if own else frozenset()) == field_set.of(Pod, third)


@given(_PODS, _PODS)
def test_one_manager_alone_gets_exactly_its_document(first: Document, second: Document) -> None:
    """With nobody else in play, nothing of an earlier document is left after a later one."""
    live = _apply_pod(_apply_pod(None, first, "a"), second, "a")
    assert field_set.of(Pod, managed.without_managed(live)) == field_set.of(Pod, second)


@given(_PODS)
def test_field_sets_survive_being_written(document: Document) -> None:
    """FieldsV1 says exactly the set it was made of."""
    paths = field_set.of(Pod, document)
    assert field_set.from_fields_v1(field_set.to_fields_v1(paths)) == paths
