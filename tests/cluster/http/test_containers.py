"""Logs and sessions: which container is meant, what is refused, what goes over the wire."""

from typing import Any

import pytest

from cluster.authorization import OWNER
from cluster.http import spdy
from cluster.http.forwarding import ChannelForwarding, SpdyForwarding
from cluster.http.logs import LogStream
from cluster.http.messages import Request
from cluster.http.sessions import Attachment, Command, Forwarding
from cluster.http.spdy import BadFrame, Framer, Opened, Received, data_frame
from tests.cluster.http.client import PODS, Client, pod

TALKING = "echo one | tee /tmp/said; sleep 2; echo two; sleep 2; echo three; sleep 1000"


@pytest.fixture
def client() -> Client:
    """A pod that talks, one that ended after it talked, one of two containers, and one that cannot run."""
    made = Client()
    for name, containers in {
        "talk": [
            {"name": "main", "image": "busybox", "command": ["sh", "-c", TALKING], "ports": [{"containerPort": 80}]}
        ],
        "two": [{"name": "a", "image": "nginx"}, {"name": "b", "image": "nginx"}],
    }.items():
        assert made.plain("POST", PODS, pod(name, containers=containers))[0] == 201
    stuck = pod("stuck", nodeSelector={"none": "such"})
    ended = pod(
        "ended", restartPolicy="Never", containers=[{"name": "main", "image": "busybox", "command": ["echo", "bye"]}]
    )
    ended["metadata"]["annotations"] = {"sim.ktui.dev/exit-after": "1s"}
    broken = pod("broken")
    broken["metadata"]["annotations"] = {"sim.ktui.dev/pull-error": "gone"}
    for manifest in (stuck, ended, broken):
        assert made.plain("POST", PODS, manifest)[0] == 201
    made.engine.run_for(10_000)
    return made


def log(client: Client, name: str, **query: str) -> str:
    """The text of a log."""
    return client.response("GET", f"{PODS}/{name}/log", None, None, **query).body.decode()


def session(client: Client, path: str, **query: Any) -> Any:
    """What a request for a session is answered with."""
    values = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in query.items()}
    return client.rest.handle(Request("GET", f"{PODS}/{path}", values, {}, b"", OWNER))


def message(client: Client, path: str, **query: str) -> tuple[int, str]:
    """The code and words of a refusal."""
    code, status = client.plain("GET", f"{PODS}/{path}", None, None, **query)
    return code, status["message"]


def test_a_log_can_be_had_in_part(client: Client) -> None:
    """The last lines, those since a time, so many bytes, with timestamps, or of one stream."""
    assert log(client, "talk") == "one\ntwo\nthree\n"
    assert log(client, "talk", tailLines="1") == "three\n"
    assert log(client, "talk", tailLines="0") == ""
    assert log(client, "talk", limitBytes="5") == "one\nt"
    assert log(client, "talk", stream="Stderr") == ""
    first = log(client, "talk", timestamps="true").splitlines()[1]
    assert first.endswith("Z two")
    assert log(client, "talk", sinceTime=first.split()[0]) == "two\nthree\n"
    assert log(client, "ended") == "bye\n"
    assert log(client, "stuck") == ""


def test_a_followed_log_has_the_last_words(client: Client) -> None:
    """What a process says that is told to end is sent, though its pod is gone by then."""
    script = "trap 'echo bye; exit 0' TERM; echo up; sleep 1000 & wait"
    containers = [{"name": "main", "image": "busybox", "command": ["sh", "-c", script]}]
    assert client.plain("POST", PODS, pod("last", containers=containers))[0] == 201
    client.engine.run_for(10_000)
    stream = client.answer("GET", f"{PODS}/last/log", None, None, follow="true")
    assert isinstance(stream, LogStream)
    assert stream.poll() == b"up\n"
    client.plain("DELETE", f"{PODS}/last")
    client.engine.run_for(1000)
    assert (stream.poll(), stream.ended) == (b"bye\n", True)


def test_a_log_grows_with_time_and_ends_with_its_container(client: Client) -> None:
    """A followed log sends each line once; it ends when the pod is gone."""
    client.plain(
        "POST", PODS, pod("late", containers=[{"name": "main", "image": "x", "command": ["sh", "-c", TALKING]}])
    )
    while True:
        client.engine.run_for(100)
        if client.plain("GET", f"{PODS}/late")[1]["status"]["phase"] == "Running":
            break
    stream = client.answer("GET", f"{PODS}/late/log", None, None, follow="true")
    assert isinstance(stream, LogStream)
    assert (stream.poll(), stream.poll()) == (b"one\n", b"")
    client.engine.run_for(2_500)
    assert (stream.poll(), stream.ended) == (b"two\n", False)
    client.plain("DELETE", f"{PODS}/late", None, None, gracePeriodSeconds="0")
    client.engine.run_for(1_000)
    stream.poll()
    assert stream.ended


@pytest.mark.parametrize(
    ("path", "query", "code", "words"),
    [
        ("none/log", {}, 404, 'pods "none" not found'),
        ("two/log", {}, 400, "a container name must be specified for pod two, choose one of: [a b]"),
        ("two/log", {"container": "c"}, 400, "container c is not valid for pod two"),
        ("broken/log", {}, 400, 'container "main" in pod "broken" is waiting to start: '),
        ("talk/log", {"previous": "true"}, 400, 'previous terminated container "main" in pod "talk" not found'),
        (
            "talk/log",
            {"tailLines": "-1"},
            422,
            'PodLogOptions "talk" is invalid: tailLines: Invalid value: -1: must be ',
        ),
        (
            "talk/log",
            {"limitBytes": "0"},
            422,
            'PodLogOptions "talk" is invalid: limitBytes: Invalid value: 0: must be',
        ),
        ("talk/log", {"sinceTime": "soon"}, 400, 'parsing time "soon"'),
        ("talk/log", {"stream": "Both"}, 422, 'PodLogOptions "talk" is invalid: stream: Unsupported value: "Both"'),
        ("stuck/exec", {"command": "ls"}, 400, "pod stuck does not have a host assigned"),
        ("ended/exec", {"command": "ls"}, 404, 'container not found ("main")'),
        ("talk/exec", {}, 400, "you must specify at least one command for the container"),
        ("ended/portforward", {}, 400, "unable to forward port because pod is not running. Current status=Succeeded"),
        ("talk/portforward", {"ports": "x"}, 400, "invalid ports"),
    ],
)
def test_what_cannot_be_had_is_refused_in_the_words_of_kubernetes(
    client: Client, path: str, query: dict[str, str], code: int, words: str
) -> None:
    """Missing pods, containers that are not meant, that have not started or have ended, options out of range."""
    answered = message(client, path, **query)
    assert answered[0] == code
    assert answered[1].startswith(words)


def test_a_command_ends_with_a_status(client: Client) -> None:
    """Success, an exit code, or why the program could not be started."""
    ran = session(client, "talk/exec", command=["echo", "hi"], stdout="true", stderr="true")
    assert isinstance(ran, Command)
    assert (ran.outcome.text(1), ran.ending["status"]) == (b"hi\n", "Success")
    assert session(client, "talk/exec", command=["cat", "/tmp/said"]).outcome.text(1) == b"one\n"
    failed = session(client, "talk/exec", command=["sh", "-c", "exit 7"]).ending
    assert (failed["reason"], failed["details"]["causes"]) == (
        "NonZeroExitCode",
        [{"reason": "ExitCode", "message": "7"}],
    )
    missing = session(client, "talk/exec", command=["foo"]).ending
    assert missing["message"].endswith('exec: "foo": executable file not found in $PATH: unknown')
    loop = session(client, "talk/exec", command=["sh", "-c", "echo ${a@Q}"])
    assert loop.outcome.text(2) == b"sh: the simulated shell knows no `${a@Q}`\n"
    assert isinstance(session(client, "talk/attach"), Attachment)


def test_a_session_takes_the_right_to_create(client: Client) -> None:
    """Who may only read pods may not run commands in them, though the request is a GET."""
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["pods", "pods/exec"], "verbs": ["get"]}],
    }  # fmt: skip
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"},
        "subjects": [{"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"}],
    }  # fmt: skip
    roots = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    assert client.plain("POST", roots, role)[0] == client.plain("POST", f"{roots[:-1]}bindings", binding)[0] == 201
    jane = type(OWNER)(name="jane")
    assert client.refusal(jane, "GET", f"{PODS}/talk") == ""
    words = client.refusal(jane, "GET", f"{PODS}/talk/exec", command="ls")
    assert words.startswith('pods "talk" is forbidden: User "jane" cannot create resource "pods/exec" in API group ""')


def test_a_forwarded_port_is_answered_by_its_container(client: Client) -> None:
    """Over channels: each port's number first, then answers that name the pod; other ports are refused."""
    forwarding = session(client, "talk/portforward", ports="80,81")
    assert isinstance(forwarding, Forwarding)
    channels = ChannelForwarding(forwarding.pod, forwarding.ports)
    greeting = list(channels.greeting())
    assert greeting[:4] == [b"\x00\x50\x00", b"\x01\x50\x00", b"\x02\x51\x00", b"\x03\x51\x00"]
    assert greeting[4][:1] == b"\x03"
    assert b"connection refused" in greeting[4]
    assert channels.feed(b"\x00GET /x HT") == b""
    answer = channels.feed(b"\x00TP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"\x00HTTP/1.1 200 OK\r\n")
    assert b"GET /x reached pod talk in namespace default, container main, port 80\n" in answer
    assert channels.feed(b"\x02GET / HTTP/1.1\r\n\r\n") == channels.feed(b"\x01x") == channels.feed(b"") == b""


def test_a_tunnel_speaks_spdy(client: Client) -> None:
    """As kubectl forwards: a stream for errors, one for data; pings are answered, and rubbish is told."""
    far, near = SpdyForwarding(session(client, "talk/portforward").pod), Framer()
    error = {"streamType": "error", "port": "80", "requestID": "0"}
    opened = far.feed(near.opening(1, error) + near.opening(3, {**error, "streamType": "data"}))
    assert next(iter(Framer().feed(opened[-8:]))) == Received(1, b"", last=True)
    asked = data_frame(3, b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
    got = [event for cut in (asked[:20], asked[20:]) for event in Framer().feed(far.feed(cut))]
    assert len(got) == 1
    assert isinstance(got[0], Received)
    assert b"POST / reached pod talk" in got[0].data
    assert list(Framer().feed(far.feed(data_frame(3, b"", last=True)))) == [Received(3, b"", last=True)]
    assert (
        far.feed(b"\x80\x03\x00\x06\x00\x00\x00\x04\x00\x00\x00\x05")
        == b"\x80\x03\x00\x06\x00\x00\x00\x04\x00\x00\x00\x05"
    )
    refused = far.feed(
        near.opening(5, {**error, "port": "9", "requestID": "1"})
        + near.opening(7, {"streamType": "data", "port": "9", "requestID": "1"})
    )
    assert b"failed to connect to localhost:9" in refused
    far.feed(b"\x80\x03\x00\x03\x00\x00\x00\x08" + bytes(8))
    far.feed(b"\x80\x03\x00\x07\x00\x00\x00\x08" + bytes(8))
    assert far.ended
    with pytest.raises(BadFrame):
        list(Framer().feed(b"\x80\x02\x00\x06" + bytes(4)))
    with pytest.raises(BadFrame):
        list(Framer().feed(b"\x80\x03\x00\x01\x00\x00\x00\x0e" + bytes(10) + b"rubb"))


def test_header_blocks_come_back_as_they_went() -> None:
    """What one framer compresses another one reads, block after block."""
    there, here = Framer(), Framer()
    for number, headers in enumerate(({"a": "1"}, {"streamtype": "data", "port": "80"}, {})):
        assert list(here.feed(there.opening(number, headers))) == [Opened(number, headers)]
    assert len(spdy.DICTIONARY) == 1423


def test_requests_are_passed_on_to_pods_and_services(client: Client) -> None:
    """By pod and port, by Service and its port's name or number; without anybody behind it is a 503."""
    client.plain(
        "POST", PODS, pod("web", containers=[{"name": "main", "image": "nginx", "ports": [{"containerPort": 8080}]}])
    )
    labels = {"content-type": "application/merge-patch+json"}
    client.plain("PATCH", f"{PODS}/web", {"metadata": {"labels": {"app": "web"}}}, labels)
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    spec = {"selector": {"app": "web"}, "ports": ports}
    services = "/api/v1/namespaces/default/services"
    for name, given in (("web", spec), ("none", {**spec, "selector": {"app": "none"}})):
        client.plain(
            "POST", services, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": given}
        )
    client.engine.run_for(10_000)
    said = b"GET /a/b reached pod web in namespace default, container main, port 8080\n"
    for path in (
        f"{PODS}/web/proxy/a/b", f"{PODS}/web:8080/proxy/a/b", f"{PODS}/http:web:8080/proxy/a/b",
        f"{services}/web/proxy/a/b", f"{services}/web:http/proxy/a/b", f"{services}/http:web:80/proxy/a/b",
    ):  # fmt: skip
        answered = client.response("GET", path)
        assert (answered.status, answered.body) == (200, said), path
    for path, code, words in (
        (f"{PODS}/web:81/proxy/", 503, "error trying to reach service: dial tcp "),
        (f"{services}/none/proxy/", 503, 'no endpoints available for service "none"'),
        (f"{services}/web:other/proxy/", 503, 'no service port "other" found for service "web"'),
        (f"{PODS}/a:b:c:d/proxy", 400, 'invalid service request "a:b:c:d"'),
        (f"{PODS}/web:x/proxy", 400, 'invalid port "x"'),
        (f"{PODS}/lost/proxy", 404, 'pods "lost" not found'),
    ):
        refused = client.plain("POST", path)
        assert refused[0] == code, path
        assert refused[1]["message"].startswith(words), path


def test_a_services_requests_are_spread(client: Client) -> None:
    """Requests at different times reach different pods behind a Service; endpoints that are no pods are out of reach."""
    labels = {"content-type": "application/merge-patch+json"}
    for name in ("one", "two"):
        client.plain("POST", PODS, pod(name, containers=[{"name": "main", "image": "nginx"}]))
        client.plain("PATCH", f"{PODS}/{name}", {"metadata": {"labels": {"app": "pair"}}}, labels)
    services = "/api/v1/namespaces/default/services"
    spec = {"selector": {"app": "pair"}, "ports": [{"port": 80}]}
    client.plain("POST", services, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "pair"}, "spec": spec})
    client.engine.run_for(10_000)
    met = set()
    for _ in range(20):
        met.add(client.response("GET", f"{services}/pair/proxy/").body.split()[4])
        client.engine.run_for(100)
    assert met == {b"one", b"two"}
    refused = client.plain("GET", f"{services}/kubernetes/proxy/")
    assert (refused[0], refused[1]["message"]) == (
        503, "error trying to reach service: dial tcp 172.18.0.2:6443: i/o timeout"
    )  # fmt: skip


def test_a_kubelet_answers_for_its_node(client: Client) -> None:
    """Its health, its pods and what they use, through the API server; other pages, ports and nodes do not answer."""
    client.plain(
        "POST", PODS, {**pod("mine"), "metadata": {"name": "mine", "annotations": {"sim.ktui.dev/cpu-use": "250m"}}}
    )
    client.engine.run_for(60_000)
    node = client.plain("GET", f"{PODS}/mine")[1]["spec"]["nodeName"]
    proxy = f"/api/v1/nodes/{node}/proxy"
    for path in ("healthz", "healthz/"):
        assert client.plain("GET", f"{proxy}/{path}") == (200, "ok")
    listed = client.plain("GET", f"{proxy}/pods")[1]
    assert (listed["kind"], {each["spec"]["nodeName"] for each in listed["items"]}) == ("PodList", {node})
    told = client.plain("GET", f"{proxy.replace(node, node + ':10250')}/stats/summary")[1]
    (row,) = (each for each in told["pods"] if each["podRef"]["name"] == "mine")
    assert [each["cpu"]["usageNanoCores"] for each in (row, *row["containers"])] == [250_000_000, 250_000_000]
    assert told["node"]["cpu"]["usageNanoCores"] >= 330_000_000
    assert client.plain("GET", f"{proxy}/none") == (404, "404 page not found\n")
    assert client.plain("POST", f"{proxy}/pods")[0] == 405
    refused = client.plain("GET", f"{proxy.replace(node, node + ':80')}/healthz")[1]
    assert refused["message"].endswith(":80: connect: connection refused")
    assert client.plain("GET", "/api/v1/nodes/none/proxy/healthz")[0] == 404
    client.engine.fail_node(node)
    client.engine.run_for(120_000)
    assert client.plain("GET", f"{proxy}/healthz")[1]["message"].endswith(":10250: i/o timeout")
    client.engine.restore_node(node)
