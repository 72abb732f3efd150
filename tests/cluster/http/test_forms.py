"""The forms of answers: indented, YAML, compressed, Tables in watches; and what is refused at the door."""

import gzip
import json
from typing import Any

import pytest
import yaml

from cluster.authorization import OWNER
from cluster.http import forms
from cluster.http.messages import Request, Response
from cluster.http.watching import WatchStream
from tests.cluster.http.client import CONFIG_MAPS, PARTIAL, PODS, TABLE, Client, config_map, lines, pod

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def client() -> Client:
    """A cluster with one ConfigMap of ours."""
    made = Client()
    made.plain("POST", CONFIG_MAPS, config_map("a", at="x"))
    return made


def watched(client: Client, path: str, headers: dict[str, str], **query: str) -> WatchStream:
    """A watch in a form."""
    answered = client.answer("GET", path, None, headers, watch="true", **query)
    assert isinstance(answered, WatchStream)
    return answered


def test_people_get_lines_and_programs_do_not(client: Client) -> None:
    """`?pretty` and a browser's or curl's name indent the answer, `pretty=false` does not; it says the same."""
    plain = client.response("GET", f"{CONFIG_MAPS}/a").body
    assert b"\n" not in plain
    for headers, query in (({}, {"pretty": "true"}), ({"user-agent": "curl/8"}, {}), ({}, {"pretty": ""})):
        shown = client.response("GET", f"{CONFIG_MAPS}/a", None, headers, **query).body
        assert shown.startswith(b'{\n  "apiVersion": "v1",\n')
        assert json.loads(shown) == json.loads(plain)
    assert client.response("GET", f"{CONFIG_MAPS}/a", None, {"user-agent": "curl/8"}, pretty="false").body == plain


def test_yaml_is_what_json_is(client: Client) -> None:
    """A client that prefers YAML gets it, refusals included."""
    accept = {"accept": "application/yaml"}
    shown = client.response("GET", f"{CONFIG_MAPS}/a", None, accept)
    assert shown.content_type == "application/yaml"
    assert yaml.safe_load(shown.body)["data"] == {"at": "x"}
    refused = client.response("GET", f"{CONFIG_MAPS}/none", None, accept)
    assert (refused.status, yaml.safe_load(refused.body)["reason"]) == (404, "NotFound")


def test_forms_that_there_are_not_are_refused(client: Client) -> None:
    """Only protobuf, or something else, is a 406; protobuf or JSON is JSON."""
    code, status = client.plain("GET", CONFIG_MAPS, None, {"accept": "application/vnd.kubernetes.protobuf"})
    assert (code, status["reason"]) == (406, "NotAcceptable")
    both = {"accept": "application/vnd.kubernetes.protobuf,application/json"}
    assert client.plain("GET", CONFIG_MAPS, None, both)[0] == 200


def test_large_answers_are_compressed_for_who_can_read_it() -> None:
    """Above 128 KiB and with gzip accepted; otherwise the answer is as it was."""
    large = Response(200, b"x" * (forms.COMPRESSED_FROM + 1))
    small = Response(200, b"x" * forms.COMPRESSED_FROM)
    packed = forms.compressed("gzip, deflate", large)
    assert ("Content-Encoding", "gzip") in packed.headers
    assert gzip.decompress(packed.body) == large.body
    assert forms.compressed("gzip", small) is small
    assert forms.compressed("deflate", large) is large


def test_a_watch_in_tables_has_its_columns_once(client: Client) -> None:
    """The first event carries the columns, later ones rows alone, and bookmarks are Tables too."""
    stream = watched(
        client, CONFIG_MAPS, TABLE, allowWatchBookmarks="true", sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan", fieldSelector="metadata.name!=kube-root-ca.crt",
    )  # fmt: skip
    client.plain("POST", CONFIG_MAPS, config_map("b"))
    first, mark, second = lines(stream)
    assert [event for event, _ in (first, mark, second)] == ["ADDED", "BOOKMARK", "ADDED"]
    assert [column["name"] for column in first[1]["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert first[1]["rows"][0]["cells"][:2] == ["a", "1"]
    assert second[1]["columnDefinitions"] is None
    marked: Any = mark[1]["rows"][0]["object"]["metadata"]
    assert marked["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert int(marked["resourceVersion"]) < int(second[1]["rows"][0]["object"]["metadata"]["resourceVersion"])


def test_a_table_may_carry_whole_objects_or_none(client: Client) -> None:
    """IncludeObject is Metadata, Object or None, in lists and in watches."""
    query = {"fieldSelector": "metadata.name=a"}
    _, table = client.plain("GET", CONFIG_MAPS, None, TABLE, **query, includeObject="Object")
    assert table["rows"][0]["object"]["data"] == {"at": "x"}
    told = lines(watched(client, CONFIG_MAPS, TABLE, **query, includeObject="None"))
    assert [event[1]["rows"][0]["object"] for event in told] == [None]


def test_a_watch_of_metadata_alone(client: Client) -> None:
    """PartialObjectMetadata in a watch, its bookmarks included."""
    stream = watched(client, CONFIG_MAPS, PARTIAL, allowWatchBookmarks="true", fieldSelector="metadata.name=a")
    assert [(event, value["kind"], set(value)) for event, value in lines(stream)] == [
        ("ADDED", "PartialObjectMetadata", {"apiVersion", "kind", "metadata"})
    ]
    bookmark = stream.bookmark()
    assert bookmark is not None
    told = json.loads(bookmark)
    assert (told["type"], told["object"]["kind"]) == ("BOOKMARK", "PartialObjectMetadata")
    assert told["object"]["metadata"]["resourceVersion"] == str(client.store.revision)


def test_watches_of_one_kind_share_their_lines(client: Client) -> None:
    """Two watches send the same bytes for the same change; of one that selects, an arrival is its own."""
    first, second = client.watch(CONFIG_MAPS), client.watch(CONFIG_MAPS)
    chosen = client.watch(CONFIG_MAPS, labelSelector="new=yes")
    for stream in (first, second, chosen):
        stream.poll()
    patch = {"content-type": "application/merge-patch+json"}
    client.plain("PATCH", f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"new": "yes"}}}, patch)
    one, other, own = first.poll(), second.poll(), chosen.poll()
    assert one[0] is other[0]
    assert (json.loads(one[0])["type"], json.loads(own[0])["type"]) == ("MODIFIED", "ADDED")


def test_every_kind_is_shown_in_every_form(client: Client) -> None:
    """Tables and metadata of every kind that can be listed, watched and bookmarked."""
    for kind in client.engine.api.registry.served:
        root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.api_version}"
        for headers in (TABLE, PARTIAL):
            stream = watched(client, f"{root}/{kind.plural}", headers, allowWatchBookmarks="true")
            stream.poll()
            assert stream.bookmark() is not None, kind
        assert client.plain("GET", f"{root}/{kind.plural}", None, TABLE)[1]["kind"] == "Table"


def test_the_head_of_a_request_may_be_anything() -> None:
    """Odd Accept headers and encodings are read as far as they can be."""
    client = Client()
    for accept in ("", ",", ";;", "application/json;q=0.1", "*/*", "application/json;as=Table;g=meta.k8s.io;v=v1;"):
        answered = client.rest.handle(Request("GET", PODS, {}, {"accept": accept}, b"", OWNER))
        assert isinstance(answered, Response)
        assert answered.status == 200
    assert client.plain("POST", PODS, pod("a"))[0] == 201
