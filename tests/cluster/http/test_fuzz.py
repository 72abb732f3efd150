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
                "/log",
                "/exec",
                "/attach",
                "/portforward",
                "/token",
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
    st.sampled_from(["", "0", "1", "-1", "true", "All", "Strict", "Warn", "Exact", "NotOlderThan", "a=b", "a in (b)"]),
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
BODIES = st.one_of(
    st.just(b""), st.binary(max_size=40), st.binary(max_size=60).map(lambda data: b"k8s\x00" + data),
    st.one_of(PLAIN, OBJECTS).map(lambda value: json.dumps(value).encode()),
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
