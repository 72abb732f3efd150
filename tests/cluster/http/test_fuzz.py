"""Any request at all: an answer that clients understand, and nothing written by what was refused."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.api import kinds
from cluster.authorization import OWNER
from cluster.http.logs import LogStream
from cluster.http.messages import Request, Response
from cluster.http.watching import WatchStream
from tests.cluster.http.client import Client, config_map, deployment, pod

CLIENT = Client()
for made in (config_map("a"), pod("a")):
    CLIENT.plain("POST", f"/api/v1/namespaces/default/{made['kind'].lower()}s", made)
CLIENT.plain("POST", "/apis/apps/v1/namespaces/default/deployments", deployment("a", 1))
CLIENT.engine.run_for(10_000)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "NONE"])
WORDS = sorted({kind.plural for kind in kinds.KINDS} | {name for kind in kinds.KINDS for name in kind.subresources})
PARTS = st.sampled_from([*WORDS, "api", "apis", "v1", "apps", "namespaces", "default", "a", "", "..", "openapi", "v3"])
PATHS = st.one_of(
    st.builds("{}/{}".format, st.sampled_from(["/api/v1", "/apis/apps/v1"]), st.sampled_from(WORDS)),
    st.builds(
        "/{}/namespaces/default/{}/a{}".format,
        st.sampled_from(["api/v1", "apis/apps/v1", "apis/discovery.k8s.io/v1"]),
        st.sampled_from(WORDS),
        st.sampled_from(
            [
                "",
                "/status",
                "/scale",
                "/binding",
                "/eviction",
                "/resize",
                "/ephemeralcontainers",
                "/log",
                "/exec",
                "/attach",
                "/portforward",
                "/token",
                "/proxy",
                "/proxy/a",
            ]
        ),
    ),
    st.lists(PARTS, max_size=7).map(lambda parts: "/" + "/".join(parts)),
    st.text(max_size=20).map(lambda text: "/" + text),
)
NAMES = st.sampled_from(
    ["limit", "continue", "watch", "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "labelSelector",
     "fieldSelector", "dryRun", "fieldManager", "fieldValidation", "force", "gracePeriodSeconds", "propagationPolicy",
     "timeoutSeconds", "allowWatchBookmarks", "includeObject", "pretty", "container", "command", "ports", "follow",
     "previous", "tailLines", "sinceTime", "sinceSeconds", "limitBytes", "timestamps", "stream", "tty"]
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "1",
            "-1",
            "true",
            "All",
            "Strict",
            "Warn",
            "Exact",
            "NotOlderThan",
            "a=b",
            "a in (b)",
            "a in (b",
            "!a",
            "a notin (b),c",
            "a>1",
            "=",
            "metadata.name=a",
            "status.phase!=Running",
            "spec.x=y",
            "metadata.name",
            "main",
            "1h",
            "2026-01-01T00:00:00Z",
            "80",
            "Object",
            "None",
        ]
    ),
    st.text(max_size=8),
)
QUERIES = st.dictionaries(NAMES, VALUES.map(lambda text: (text,)), max_size=3)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["metadata", "spec", "status", "data", "name", "op", "path", "value", "replicas", "target"]),
        inner, max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip
OBJECTS = st.builds(
    lambda made, other: {**made, **other} if isinstance(other, dict) else made,
    st.sampled_from([config_map("a"), pod("b"), deployment("a", 2)]),
    PLAIN,
)
STEPS = st.sampled_from(
    ["/metadata", "/metadata/labels", "/metadata/labels/a~1b", "/spec/containers/0/image", "/spec/containers/-", "/data/x",
     "", "/", "/spec/containers/99", "/spec/nodeName", "/kind", "/metadata/name", "x", "/~", "/spec/tolerations/-1"]
)  # fmt: skip
OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "none"]), "path": STEPS},
        optional={"value": PLAIN, "from": STEPS},
    ),
    max_size=3,
)
MERGES = st.recursive(
    PLAIN,
    lambda inner: st.dictionaries(
        st.sampled_from(
            ["metadata", "labels", "spec", "containers", "name", "image", "data", "$patch", "$retainKeys", "tolerations",
             "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers", "finalizers", "status", "conditions",
             "apiVersion", "kind", "managedFields", "ownerReferences"]
        ), inner, max_size=4,
    ),
    max_leaves=10,
)  # fmt: skip
PATCHED = st.sampled_from([
    "/api/v1/namespaces/default/pods/a", "/api/v1/namespaces/default/configmaps/a", "/api/v1/namespaces/default",
    "/api/v1/namespaces/default/pods/a/status", "/api/v1/namespaces/default/pods/a/resize",
    "/api/v1/namespaces/default/pods/a/ephemeralcontainers",
    "/apis/apps/v1/namespaces/default/deployments/a", "/apis/apps/v1/namespaces/default/deployments/a/scale",
])  # fmt: skip
PATCHES = st.sampled_from(
    ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
     "application/apply-patch+yaml"]
)  # fmt: skip
BODIES = st.one_of(
    st.just(b""), st.binary(max_size=40), st.binary(max_size=60).map(lambda data: b"k8s\x00" + data),
    st.one_of(PLAIN, OBJECTS, OPERATIONS, MERGES).map(lambda value: json.dumps(value).encode()),
)  # fmt: skip
TYPES = st.sampled_from(
    ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json",
     "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml", "x/y"]
)  # fmt: skip
ACCEPTS = st.sampled_from(
    [
        "",
        "application/json",
        "application/json;as=Table;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadata",
    ]
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(METHODS, PATHS, QUERIES, BODIES, TYPES, ACCEPTS)
def test_every_request_has_an_answer(
    method: str, path: str, query: dict[str, tuple[str, ...]], body: bytes, media_type: str, accept: str
) -> None:
    """No request is an exception; a refusal is a Status with its code, and writes nothing."""
    before = CLIENT.store.revision
    headers = {"content-type": media_type, "accept": accept}
    answered = CLIENT.rest.handle(Request(method, path, query, headers, body, OWNER))
    if isinstance(answered, WatchStream | LogStream):
        answered.poll()
    if not isinstance(answered, Response):
        assert CLIENT.store.revision == before
        return
    if not answered.content_type.startswith("application/json"):
        assert answered.content_type.startswith("text/plain")
        return
    document = json.loads(answered.body)
    if answered.status >= 400:
        assert (document["kind"], document["status"], document["code"]) == ("Status", "Failure", answered.status)
        assert CLIENT.store.revision == before
    else:
        assert isinstance(document, dict)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(PATCHED, QUERIES, PATCHES, st.one_of(OBJECTS, OPERATIONS, MERGES))
def test_every_patch_has_an_answer(
    path: str, query: dict[str, tuple[str, ...]], media_type: str, patch: object
) -> None:
    """Whatever is patched onto objects that there are is taken or refused, and what is refused changes nothing."""
    before = CLIENT.store.revision
    asked = {"fieldManager": ("fuzz",), **query}
    body = json.dumps(patch).encode()
    answered = CLIENT.rest.handle(Request("PATCH", path, asked, {"content-type": media_type}, body, OWNER))
    assert isinstance(answered, Response)
    document = json.loads(answered.body)
    if answered.status >= 400:
        assert (document["kind"], document["code"]) == ("Status", answered.status)
        assert CLIENT.store.revision == before
