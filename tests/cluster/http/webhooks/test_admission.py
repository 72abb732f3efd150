"""Which webhooks are asked, what of, and what becomes of their answers."""

import json
from typing import Any

import pytest

from cluster.authorization import OWNER
from cluster.http.messages import Request, Response
from cluster.http.webhooks import Admission
from tests.cluster.http.client import CONFIG_MAPS, MERGE, Client, config_map
from tests.cluster.http.webhooks.hooks import Callees, allowed, configuration, denied, hook, patched


class Asking:
    """A cluster whose requests go through its webhooks."""

    def __init__(self, callees: Callees) -> None:
        self.client, self.callees = Client(), callees
        self.admission = Admission(self.client.rest, callees.call)

    def configure(self, kind: str, *hooks: dict[str, Any]) -> None:
        """Create a configuration."""
        status, answered = self.client.plain("POST", *configuration(kind, *hooks))
        assert status == 201, answered

    async def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, tuple[str, ...]]:
        """Status and document of the answer, and the warnings of the webhooks."""
        content = b"" if body is None else json.dumps(body).encode()
        admitted = await self.admission.admit(Request(method, path, {}, headers or {}, content, user=OWNER))
        answered = admitted.refused or self.client.rest.handle(admitted.request)
        assert isinstance(answered, Response)
        return answered.status, json.loads(answered.body), admitted.warnings


async def test_a_validating_webhook_may_refuse() -> None:
    """In its own words, or without any; the object is not made."""
    asking = Asking(Callees(check=denied(message="not here", code=403, reason="Forbidden"), plain=denied()))
    asking.configure("Validating", hook())
    status, answered, _ = await asking.send("POST", CONFIG_MAPS, config_map("a"))
    words = 'admission webhook "check.example.com" denied the request: not here'
    assert (status, answered["reason"], answered["message"]) == (403, "Forbidden", words)
    assert asking.client.plain("GET", f"{CONFIG_MAPS}/a")[0] == 404
    asking.configure("Mutating", hook("plain.example.com"))
    status, answered, _ = await asking.send("POST", CONFIG_MAPS, config_map("a"))
    assert (status, answered["message"]) == (
        400,
        'admission webhook "plain.example.com" denied the request without explanation',
    )


async def test_it_is_asked_about_what_the_request_would_make() -> None:
    """With defaults and a name; an update with the old object, a deletion with that alone."""
    asking = Asking(Callees(check=allowed(warnings=["be careful"])))
    asking.configure("Validating", hook())
    status, _, warnings = await asking.send("POST", CONFIG_MAPS, config_map("a", x="1"))
    assert (status, warnings) == (201, ("be careful",))
    await asking.send("PATCH", f"{CONFIG_MAPS}/a", {"data": {"x": "2"}}, MERGE)
    await asking.send("DELETE", f"{CONFIG_MAPS}/a")
    (_, made), (_, changed), (_, gone) = asking.callees.asked
    assert (made["operation"], made["object"]["data"], made["oldObject"]) == ("CREATE", {"x": "1"}, None)
    assert (made["name"], made["namespace"], made["userInfo"]["username"]) == ("a", "default", "kubernetes-admin")
    assert made["resource"] == {"group": "", "version": "v1", "resource": "configmaps"}
    assert (changed["operation"], changed["object"]["data"], changed["oldObject"]["data"]) == (
        "UPDATE",
        {"x": "2"},
        {"x": "1"},
    )
    assert (gone["operation"], gone["object"], gone["oldObject"]["data"]) == ("DELETE", None, {"x": "2"})


async def test_mutating_webhooks_change_one_after_the_other() -> None:
    """Each sees what the one before made; the validating ones see the end."""
    first = patched({"op": "add", "path": "/data/first", "value": "1"})
    second = patched({"op": "add", "path": "/data/second", "value": "2"})
    asking = Asking(Callees(one=first, two=second, check=allowed()))
    asking.configure("Mutating", hook("one.example.com"), hook("two.example.com"))
    asking.configure("Validating", hook())
    status, made, _ = await asking.send("POST", CONFIG_MAPS, config_map("a", x="0"))
    assert (status, made["data"]) == (201, {"first": "1", "second": "2", "x": "0"})
    seen = [request["object"]["data"] for _, request in asking.callees.asked]
    assert seen == [{"x": "0"}, {"x": "0", "first": "1"}, {"x": "0", "first": "1", "second": "2"}]
    second_only = patched({"op": "replace", "path": "/data/x", "value": "mine"})
    asking.callees.answers |= {"one": allowed(), "two": second_only}
    status, changed, _ = await asking.send("PATCH", f"{CONFIG_MAPS}/a", {"data": {"x": "theirs"}}, MERGE)
    assert (status, changed["data"]["x"]) == (200, "mine")


async def test_a_request_that_would_fail_is_answered_at_once() -> None:
    """Nobody is asked about what cannot be done."""
    asking = Asking(Callees(check=allowed()))
    asking.configure("Validating", hook())
    status, answered, _ = await asking.send("POST", CONFIG_MAPS, {**config_map("A"), "data": {}})
    assert (status, answered["reason"]) == (422, "Invalid")
    assert asking.callees.asked == []


async def test_only_what_is_named_selected_and_meant_is_asked_about() -> None:
    """Rules, selectors and conditions narrow; configurations themselves are never asked about."""
    selector = {"matchLabels": {"ask": "yes"}}
    condition = {"name": "big", "expression": "size(object.data) > 1"}
    asking = Asking(Callees(check=denied(message="no")))
    asking.configure("Validating", hook(objectSelector=selector, matchConditions=[condition]))
    labelled = config_map("a", x="1", y="2")
    labelled["metadata"]["labels"] = {"ask": "yes"}
    small = {**labelled, "data": {"x": "1"}}
    assert (await asking.send("POST", CONFIG_MAPS, config_map("b", x="1", y="2")))[0] == 201
    assert (await asking.send("POST", CONFIG_MAPS, small))[0] == 201
    assert (await asking.send("PUT", f"{CONFIG_MAPS}/a", labelled))[0] == 400
    assert (await asking.send("GET", f"{CONFIG_MAPS}/a"))[0] == 200


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({}, "received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got , Kind="),
        (
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"},
            "received invalid webhook response: webhook response was absent",
        ),
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_counts_as_the_failure_policy_says(answer: dict[str, Any], why: str) -> None:
    """Fail refuses with an internal error, Ignore goes on."""
    asking = Asking(Callees(check=lambda _: answer))
    asking.configure("Validating", hook())
    status, answered, _ = await asking.send("POST", CONFIG_MAPS, config_map("a"))
    words = f'Internal error occurred: failed calling webhook "check.example.com": {why}'
    assert (status, answered["reason"], answered["message"]) == (500, "InternalError", words)
    lenient = Asking(Callees(check=lambda _: answer))
    lenient.configure("Validating", hook(failurePolicy="Ignore"))
    assert (await lenient.send("POST", CONFIG_MAPS, config_map("a")))[0] == 201
