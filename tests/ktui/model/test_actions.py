"""What is typed: command lines, labels, numbers; each is understood or refused in words."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.errors import ApiError, BadRequest
from ktui.client.simulated import SimulatedClient
from ktui.model import actions, command_line
from ktui.model.command_line import OpenKind, OpenWord, UnknownCommand
from ktui.model.manifest import to_yaml
from ktui.model.selection import Selection
from tests.ktui import engines

WEB = Selection(kinds.DEPLOYMENTS, "default/web")


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.plural)
def test_any_kind_opens_by_any_of_its_names(kind: kinds.Kind[Any]) -> None:
    """Plural, singular, short, qualified, any case."""
    for name in (kind.plural, kind.singular, kind.kind, kind.qualified, *kind.short_names):
        assert command_line.parse(name) == OpenKind(kind, "")


def test_a_line_may_name_a_namespace_and_a_filter() -> None:
    """What follows the kind narrows it."""
    namespaces = ("default", "kube-system")
    assert command_line.parse("po kube-system", namespaces) == OpenKind(kinds.PODS, "namespace:^kube-system$")
    assert command_line.parse("po default /web", namespaces) == OpenKind(kinds.PODS, "namespace:^default$ web")
    assert command_line.parse("svc /web", namespaces) == OpenKind(kinds.SERVICES, "web")
    assert command_line.parse("po -l app=web", namespaces) == OpenKind(kinds.PODS, "-l app=web")
    assert command_line.parse("q") == OpenWord("quit")


@pytest.mark.parametrize(
    ("line", "told"),
    [("dep", "deploy"), ("serviec", "service"), ("xyzzy", r"Ctrl\+P lists every kind"), ("", "type a kind")],
)
def test_an_unknown_line_is_told_with_the_nearest(line: str, told: str) -> None:
    """Nothing is guessed; what comes near is offered."""
    with pytest.raises(UnknownCommand, match=told):
        command_line.parse(line)


def test_completions_begin_as_the_line_does() -> None:
    """Kinds first, then namespaces behind a kind."""
    assert command_line.completions("dep") == ["deployments", "deploy"]
    assert command_line.completions("po ku", ("kube-system", "default")) == ["po kube-system"]
    assert command_line.completions("xyz ku", ("kube-system",)) == []
    assert command_line.completions("") == []


def test_labels_are_set_and_removed() -> None:
    """As kubectl label has it."""
    assert actions.parse_labels("a=b c- d=") == {"a": "b", "c": None, "d": ""}
    for wrong in ("", "a", "-", "a b=c"):
        with pytest.raises(BadRequest, match="key=value"):
            actions.parse_labels(wrong)
    for wrong, why in (
        ("a=b!", "invalid label value 'b!'"),
        ("a b=c", "key=value"),
        ("-a=b", "invalid label key '-a'"),
    ):
        with pytest.raises(BadRequest, match=why):
            actions.parse_labels(wrong)


async def test_what_a_kind_cannot_do_is_refused() -> None:
    """A pod is not scaled nor restarted; a number is a number; a Deployment without history does not go back."""
    engine = engines.started()
    engines.apply(engine, engines.deployment())
    client = SimulatedClient(engine)
    pod = Selection(kinds.PODS, "default/x")
    for refused, told in (
        (actions.scale(client, pod, "1"), "pods cannot be scaled"),
        (actions.scale(client, WEB, "-1"), "'-1' is not a number"),
        (actions.restart(client, pod), "pods have no rollouts"),
        (actions.roll_back(client, WEB), "no rollout history found"),
    ):
        with pytest.raises(ApiError, match=told):
            await refused


async def test_rolling_back_twice_goes_there_and_back() -> None:
    """Back to the revision before, and from there to the one before that."""
    engine = engines.started()
    engines.apply(engine, engines.deployment(image="nginx:1"))
    engines.apply(engine, engines.deployment(image="nginx:2"))
    client = SimulatedClient(engine)

    def image() -> str:
        return client.get(kinds.DEPLOYMENTS, WEB.key).spec.template.spec.containers[0].image

    assert await actions.roll_back(client, WEB) == "deployment/web rolled back"
    assert image() == "nginx:1"
    engine.run_for(engines.SETTLED)
    await actions.roll_back(client, WEB)
    assert image() == "nginx:2"
    assert actions.current_replicas(client, WEB) == 3


async def test_a_stateful_set_rolls_back_and_restarts() -> None:
    """Its revisions are its own, and a restart is a new template."""
    engine = engines.started()
    engines.apply(engine, engines.stateful_set("other"), engines.stateful_set(image="postgres:1"))
    engines.apply(engine, engines.stateful_set(image="postgres:2"))
    client, target = SimulatedClient(engine), Selection(kinds.STATEFUL_SETS, "default/db")
    assert await actions.roll_back(client, target) == "statefulset/db rolled back"
    assert client.get(kinds.STATEFUL_SETS, target.key).spec.template.spec.containers[0].image == "postgres:1"
    assert await actions.restart(client, target) == "statefulset/db restarted"
    with pytest.raises(BadRequest, match="failed to create patch for db"):
        await actions.restart(client, target)
    with pytest.raises(BadRequest, match="no last revision to roll back to"):
        await actions.roll_back(client, Selection(kinds.STATEFUL_SETS, "default/other"))


async def test_a_cron_job_is_suspended_and_resumed() -> None:
    """The same key twice leaves it as it was; what has no work to suspend is refused."""
    engine = engines.started()
    engines.apply(engine, engines.cron_job())
    client, target = SimulatedClient(engine), Selection(kinds.CRON_JOBS, "default/every")
    assert await actions.suspend(client, target) == "cronjob/every suspended"
    assert client.get(kinds.CRON_JOBS, target.key).spec.suspend is True
    assert await actions.suspend(client, target) == "cronjob/every resumed"
    assert client.get(kinds.CRON_JOBS, target.key).spec.suspend is False
    with pytest.raises(BadRequest, match="namespaces cannot be suspended"):
        await actions.suspend(client, Selection(kinds.NAMESPACES, "default"))


def test_yaml_is_what_kubectl_prints() -> None:
    """ApiVersion first, the revision in it, managedFields left out."""
    engine = engines.started()
    engines.apply(engine, engines.deployment())
    client = SimulatedClient(engine)
    text = to_yaml(WEB.kind, client.get(kinds.DEPLOYMENTS, WEB.key), 42)
    assert text.startswith("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n")
    assert 'resourceVersion: "42"' in text.replace("'", '"')
    assert "managedFields" not in text
