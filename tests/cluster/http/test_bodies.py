"""Bodies that are cut off, too deep, full of aliases or not what they say: a Status, and nothing written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.authorization import OWNER
from cluster.http.messages import Request, Response
from tests.cluster.http.client import CONFIG_MAPS, DEPLOYMENTS, PODS, Client, config_map, deployment, pod

CLIENT = Client()
CLIENT.plain("POST", CONFIG_MAPS, config_map("a"))
JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
APPLY = "application/apply-patch+yaml"
DEEP = 100_000
BILLION = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def refused(method: str, path: str, body: bytes, media_type: str, **query: str) -> int:
    """The code of a refusal, which is a Status and has written nothing."""
    before = CLIENT.store.revision
    asked = {name: (text,) for name, text in query.items()}
    answered = CLIENT.rest.handle(Request(method, path, asked, {"content-type": media_type}, body, OWNER))
    assert isinstance(answered, Response)
    told = json.loads(answered.body)
    assert (told["kind"], told["status"], told["code"]) == ("Status", "Failure", answered.status)
    assert "Traceback" not in told["message"]
    assert CLIENT.store.revision == before
    return answered.status


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from([(CONFIG_MAPS, config_map("b")), (PODS, pod("b")), (DEPLOYMENTS, deployment("b", 1))]),
    st.floats(0.01, 0.99), st.sampled_from([JSON, YAML]),
)  # fmt: skip
def test_a_body_that_is_cut_off(made: tuple[str, dict[str, object]], part: float, media_type: str) -> None:
    """JSON that ends too early is no JSON, read as either type."""
    body = json.dumps(made[1]).encode()
    assert refused("POST", made[0], body[: max(1, int(len(body) * part))], media_type) == 400


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"[" * DEEP, JSON), (b'{"a":' * DEEP, JSON), (b'{"a":' * DEEP + b"1" + b"}" * DEEP, JSON),
        (b"[" * DEEP, YAML), (b"{a: " * DEEP, YAML), (b"- " * DEEP, YAML), (BILLION.encode(), YAML),
        (b"&a [*a]", YAML), (b"a: *b", YAML), (b"\xff\xfe\x00", YAML), (b"\x00", JSON), (b"a: b: c", YAML),
        (b"a: 1\n---\nb: 2\n", YAML), (b"null", JSON), (b'"text"', JSON), (b"12", YAML), (b"", JSON),
        (b"!!python/object/apply:os.system [ls]", YAML), (b"k8s\x00", PROTOBUF), (b"k8s\x00" + b"\xff" * 40, PROTOBUF),
        (b"<xml/>", JSON), (b"{}", PROTOBUF), (b'{"metadata":{"name":"x"},"metadata":{"name":"y"}', JSON),
    ],
)  # fmt: skip
def test_a_body_that_is_no_object(body: bytes, media_type: str) -> None:
    """Deep nesting, aliases that multiply or go round, tags, several documents, and what is not of the type."""
    assert refused("POST", CONFIG_MAPS, body, media_type) == 400


@pytest.mark.parametrize(
    "body", [b"[" * DEEP, b"{a: " * DEEP, BILLION.encode(), b"&a {data: *a}", b"- a", b"\x00", b""]
)
def test_an_applied_body_that_is_no_object(body: bytes) -> None:
    """What is applied is YAML, with the same limits; what has no kind, or another one, is no object of this resource."""
    code = refused("PATCH", f"{CONFIG_MAPS}/a", body, APPLY, fieldManager="test")
    assert code in (400, 422, 500)


@pytest.mark.parametrize("levels", [195, 300, 500, 2_000])
def test_what_is_taken_can_be_walked_through(levels: int) -> None:
    """An object is refused before it is too deep for what comes after: whatever kind it is, and however it is written."""
    inside = b'{"a":' * levels + b"1" + b"}" * levels
    for path, body in (
        (CONFIG_MAPS, b'{"metadata":{"name":"deep"},"data":' + inside + b"}"),
        ("/apis/apps/v1/namespaces/default/controllerrevisions",
         b'{"metadata":{"name":"deep"},"revision":1,"data":' + inside + b"}"),
    ):  # fmt: skip
        answered = CLIENT.rest.handle(Request("POST", path, {"dryRun": ("All",)}, {}, body, OWNER))
        assert isinstance(answered, Response)
        assert answered.status == 201 if levels == 195 and path != CONFIG_MAPS else answered.status == 400


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b'{"a":' * DEEP, "application/merge-patch+json"), (b"[" * DEEP, "application/json-patch+json"),
     (b'{"data":' * DEEP, "application/strategic-merge-patch+json"), (b"a: b", "application/merge-patch+json"),
     (b'[{"op":"add"', "application/json-patch+json"), (b"", "application/merge-patch+json")],
)  # fmt: skip
def test_a_patch_that_is_none(body: bytes, media_type: str) -> None:
    """A patch that cannot be read is refused before anything is looked at."""
    assert refused("PATCH", f"{CONFIG_MAPS}/a", body, media_type) == 400


@pytest.mark.parametrize(
    "media_type",
    ["text/html", "application/xml", "application/merge-patch+json", "x", "application/json;charset=utf-16"],
)
def test_a_media_type_that_is_not_taken(media_type: str) -> None:
    """A body of another type is refused as such, or read as what it is."""
    assert refused("POST", CONFIG_MAPS, b"\x00\x01", media_type) in (400, 415)
