"""Programs in containers that use the network: what they find, what they say, how they end."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.kubelet.runtime import entry_points, network_programs
from tests.cluster.kubelet.runtime.clients import Clients
from tests.cluster.proxy.town import WEB

HELLO = "GET / reached pod web-1 in namespace default, container c, port 8080\n"
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(HELLO)}\r\n\r\n"
CURL = "curlimages/curl:8.14.1"


@pytest.fixture(scope="module")
def town() -> Clients:
    """A Service with one server, and one with none."""
    made = Clients(WEB)
    made.apply("""
apiVersion: v1
kind: Service
metadata: {name: empty, namespace: default}
spec: {selector: {app: none}, clusterIP: 10.96.0.90, ports: [{port: 80}]}
""")
    made.server("web-1", "node-1")
    return made


def test_the_programs_are_those_that_are_named() -> None:
    """Every program that uses the network is known where commands are judged without being run."""
    assert sorted(network_programs.PROGRAMS) == sorted(entry_points.NETWORK_PROGRAMS)


@pytest.mark.parametrize(
    ("command", "out", "err", "code"),
    [
        ("wget -qO- http://web", HELLO, "", 0),
        ("wget -q -O - web:80/", HELLO, "", 0),
        ("wget -qO- http://web.default.svc.cluster.local", HELLO, "", 0),
        ("wget -qO- 10.96.0.80", HELLO, "", 0),
        ("wget -q -O /tmp/x web/a/b && cat /tmp/x", HELLO.replace("/ r", "/a/b r"), "", 0),
        ("wget -q web && cat index.html", HELLO, "", 0),
        ("wget --spider web", "", "Connecting to web (10.96.0.80:80)\nremote file exists\n", 0),
        ("wget -q --spider web && echo yes", "yes\n", "", 0),
        ("wget -qO- nobody", "", "wget: bad address 'nobody'\n", 1),
        ("wget -qO- nobody:8080", "", "wget: bad address 'nobody:8080'\n", 1),
        ("wget -qO- empty", "", "wget: can't connect to remote host (10.96.0.90): Connection refused\n", 1),
        ("wget -qO- -T 2 web:81", "", "wget: download timed out\n", 1),
        ("wget -qO- --timeout=2 web:81", "", "wget: download timed out\n", 1),
        ("wget -qO- web:81", "", "wget: can't connect to remote host (10.96.0.80): Connection timed out\n", 1),
        ("wget -qO- 10.244.77.7", "", "wget: can't connect to remote host (10.244.77.7): No route to host\n", 1),
        ("wget -qO- ftp://web", "", "wget: not an http or ftp url: ftp://web\n", 1),
        ("wget -qO /none/x web", "", "wget: can't open '/none/x': No such file or directory\n", 1),
        ("wget -Z", "", "wget: unrecognized option: Z\n", 1),
    ],
)
def test_wget_speaks_as_busybox_does(town: Clients, command: str, out: str, err: str, code: int) -> None:
    """Names are searched, Services lead to pods, and what goes wrong is told in busybox's words with its exit code."""
    assert town.run(command) == (out, err, code)


def test_wget_tells_what_it_does(town: Clients) -> None:
    """Without -q it tells where it connects and what it saves, on stderr."""
    out, err, code = town.run("wget -O page web")
    bar = f"page                 100% |{'*' * 32}|    69  0:00:00 ETA"
    assert (out, code) == ("", 0)
    assert err.splitlines() == ["Connecting to web (10.96.0.80:80)", "saving to 'page'", bar, "'page' saved"]


@pytest.mark.parametrize(
    ("command", "out", "err", "code"),
    [
        ("curl web", HELLO, "", 0),
        ("curl -sS http://web:80/", HELLO, "", 0),
        ("curl -s -o /dev/null -w '%{http_code}' web", "200", "", 0),
        ("curl -s -o /dev/null -w '%{http_code} %{remote_ip} %{exitcode}\\n' empty", "000  7\n", "", 7),
        ("curl -I web", HEAD, "", 0),
        ("curl -si web", HEAD + HELLO, "", 0),
        ("curl -so /tmp/x web; cat /tmp/x", HELLO, "", 0),
        ("curl -X POST -d a=b web/form", HELLO.replace("GET / r", "POST /form r"), "", 0),
        ("curl nobody", "", "curl: (6) Could not resolve host: nobody\n", 6),
        ("curl -s nobody", "", "", 6),
        ("curl -sS nobody", "", "curl: (6) Could not resolve host: nobody\n", 6),
        ("curl empty", "", "curl: (7) Failed to connect to empty port 80 after 0 ms: Could not connect to server\n", 7),
        ("curl -m 2 web:81", "", "curl: (28) Connection timed out after 2000 milliseconds\n", 28),
        ("curl --connect-timeout 1 --max-time 5 web:81", "", "curl: (28) Connection timed out after 1000 milliseconds\n", 28),
        ("curl http://", "", "curl: (3) URL rejected: No host part in the URL\n", 3),
        ("curl", "", "curl: (2) no URL specified\n", 2),
        ("curl gopher://web", "", 'curl: (1) Protocol "gopher" not supported\n', 1),
        ("curl https://kubernetes", "", "curl: (60) SSL certificate problem: unable to get local issuer certificate\n", 60),
        ("curl -fsSk https://kubernetes", "", "curl: (22) The requested URL returned error: 403\n", 22),
    ],
)  # fmt: skip
def test_curl_speaks_as_curl_does(town: Clients, command: str, out: str, err: str, code: int) -> None:
    """Codes and words are curl's; -s silences them, -S does not let it, -w tells what was asked."""
    assert town.run(command, CURL) == (out, err, code)


def test_curl_shows_both_sides(town: Clients) -> None:
    """With -v it shows on stderr what was sent and what came."""
    out, err, code = town.run("curl -v -H 'Accept: text/html' web", CURL)
    assert (out, code) == (HELLO, 0)
    assert "* Connected to web (10.96.0.80) port 80" in err.splitlines()
    assert "> Accept: text/html" in err.splitlines()
    assert "< HTTP/1.1 200 OK" in err.splitlines()


def test_busybox_has_no_curl(town: Clients) -> None:
    """What an image is known to lack is not found in it."""
    assert town.run("curl web") == ("", "sh: 1: curl: not found\n", 127)


def test_waiting_takes_time(town: Clients) -> None:
    """A request takes a moment; one that nobody answers takes what the client gives it, or the kernel."""
    assert town.took("curl -s web") == 7
    assert town.took("curl -s empty") == 5
    assert town.took("curl -s -m 3 web:81") == 3_005
    assert town.took("curl -s web:81") == 131_005
    assert town.took("curl -s 10.244.77.7") == 3_005
    assert town.took("curl -s -m 1 10.244.77.7") == 1_005


@pytest.mark.parametrize(
    ("command", "out", "err", "code"),
    [
        ("nc -z web 80", "", "", 0),
        ("nc -zv web 80", "", "web (10.96.0.80:80) open\n", 0),
        ("nc -z empty 80", "", "", 1),
        ("nc -zv empty 80", "", "nc: empty (10.96.0.90:80): Connection refused\n", 1),
        ("nc -zv -w 1 web 81", "", "nc: timed out\n", 1),
        ("nc -z nobody 80", "", "nc: bad address 'nobody'\n", 1),
        ("echo GET / HTTP/1.1 | nc web 80", HEAD + HELLO, "", 0),
        ("ping -c 1 nobody", "", "ping: bad address 'nobody'\n", 1),
    ],
)
def test_nc_and_ping_tell_who_is_there(town: Clients, command: str, out: str, err: str, code: int) -> None:
    """A port is open or not; a name is known or not."""
    assert town.run(command) == (out, err, code)


def test_ping_meets_machines_only(town: Clients) -> None:
    """A pod and a node answer, a Service's address does not."""
    address = town.pod("web-1").status.podIP
    out, _, code = town.run(f"ping -c 2 {address}")
    assert (code, out.splitlines()[1]) == (0, f"64 bytes from {address}: seq=0 ttl=62 time=0.100 ms")
    assert "2 packets transmitted, 2 packets received, 0% packet loss" in out
    assert town.run("ping -c 1 172.18.0.3")[2] == 0
    out, _, code = town.run("ping -c 2 web")
    assert (code, "2 packets transmitted, 0 packets received, 100% packet loss" in out) == (1, True)


BUSYBOX = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n"
BIND = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n"
CLASSIC = "Server:    10.96.0.10\nAddress 1: 10.96.0.10\n\n"
FOUND = "Name:\tweb.default.svc.cluster.local\nAddress: 10.96.0.80\n"


@pytest.mark.parametrize(
    ("image", "command", "out", "code"),
    [
        ("busybox:1.36", "nslookup web.default.svc.cluster.local", f"{BUSYBOX}{FOUND}\n\n", 0),
        ("busybox", "nslookup web.default", BUSYBOX + 2 * "** server can't find web.default: NXDOMAIN\n\n", 1),
        ("alpine", "nslookup -type=a web.default.svc.cluster.local", f"{BUSYBOX}{FOUND}\n", 0),
        ("busybox", "nslookup 10.96.0.80", f"{BUSYBOX}80.0.96.10.in-addr.arpa\tname = web.default.svc.cluster.local\n\n", 0),
        ("busybox:1.28", "nslookup web.default", f"{CLASSIC}Name:      web.default\nAddress 1: 10.96.0.80 web.default.svc.cluster.local\n", 0),
        ("busybox:1.28.4", "nslookup nobody", CLASSIC, 1),
        ("tutum/dnsutils", "nslookup web", f"{BIND}{FOUND}\n", 0),
        ("tutum/dnsutils", "nslookup nobody", f"{BIND}** server can't find nobody: NXDOMAIN\n\n", 1),
        ("tutum/dnsutils", "nslookup -type=srv web.default.svc.cluster.local", f"{BIND}web.default.svc.cluster.local\tservice = 0 100 80 web.default.svc.cluster.local.\n\n", 0),
        ("tutum/dnsutils", "nslookup -type=txt web", f"{BIND}*** Can't find web: No answer\n\n", 1),
        ("busybox", "nslookup web 192.0.2.9", ";; connection timed out; no servers could be reached\n\n", 1),
    ],
)  # fmt: skip
def test_nslookup_speaks_as_the_images_do(town: Clients, image: str, command: str, out: str, code: int) -> None:
    """Busybox asks for names without a dot along the search list only, its old versions and BIND for all names."""
    assert town.run(command, image)[::2] == (out, code)


def test_a_name_without_a_dot_is_searched_for_everywhere(town: Clients) -> None:
    """Newer busybox shows every name that it tried, and fails if one was not there."""
    out, _, code = town.run("nslookup web")
    assert FOUND in out
    assert "** server can't find web.svc.cluster.local: NXDOMAIN" in out
    assert code == 1


UTILS = "registry.k8s.io/e2e-test-images/jessie-dnsutils:1.3"
SRV = "0 100 80 web.default.svc.cluster.local."


@pytest.mark.parametrize(
    ("command", "out", "code"),
    [
        ("dig +short web.default.svc.cluster.local", "10.96.0.80\n", 0),
        ("dig +short SRV web.default.svc.cluster.local @10.96.0.10", f"{SRV}\n", 0),
        ("dig +short web", "", 0),
        ("dig +short -x 10.96.0.80", "web.default.svc.cluster.local.\n", 0),
        ("dig @192.0.2.9 web", ";; communications error to 192.0.2.9#53: timed out\n;; connection timed out; no servers could be reached\n", 9),
        ("host web", "web.default.svc.cluster.local has address 10.96.0.80\n", 0),
        ("host nobody", "Host nobody not found: 3(NXDOMAIN)\n", 1),
        ("host 10.96.0.80", "80.0.96.10.in-addr.arpa domain name pointer web.default.svc.cluster.local.\n", 0),
        ("host 10.96.0.99", "Host 99.0.96.10.in-addr.arpa. not found: 3(NXDOMAIN)\n", 1),
        ("getent hosts web", "10.96.0.80      web.default.svc.cluster.local\n", 0),
        ("getent hosts nobody", "", 2),
    ],
)  # fmt: skip
def test_there_are_other_ways_to_ask_for_a_name(town: Clients, command: str, out: str, code: int) -> None:
    """Dig asks for the name as it is given; host and getent along the search list."""
    assert town.run(command, UTILS)[::2] == (out, code)


def test_dig_tells_of_the_answer(town: Clients) -> None:
    """Without +short it shows the status, the question, the answer and the server."""
    lines = town.run("dig web.default.svc.cluster.local", UTILS)[0].splitlines()
    assert "status: NOERROR" in lines[4]
    assert "web.default.svc.cluster.local.\t30\tIN\tA\t10.96.0.80" in lines
    assert ";; SERVER: 10.96.0.10#53(10.96.0.10) (UDP)" in lines
    assert "status: NXDOMAIN" in town.run("dig web", UTILS)[0]


def test_the_words_of_a_failure_are_on_stderr(town: Clients) -> None:
    """Old busybox says on stderr that it found nothing."""
    assert town.run("nslookup nobody", "busybox:1.28")[1] == "nslookup: can't resolve 'nobody'\n"


def test_ports_are_listened_to_as_declared(town: Clients) -> None:
    """A server listens where it is declared to, a well-known one where it is known to, an unknown one anywhere."""
    containers: dict[str, dict[str, Any]] = {
        "declared": {"image": "server", "ports": [{"containerPort": 9000}]},
        "known": {"image": "nginx:1.27"},
        "unknown": {"image": "server"},
        "silent": {"image": "redis:7"},
        "shell": {"image": "busybox", "command": ["sleep", "infinity"]},
        "told": {"image": "hashicorp/http-echo", "args": ["-text=hello from apple"]},
    }
    listening = {
        "declared": [9000],
        "known": [80],
        "unknown": [80, 9000],
        "silent": [6379],
        "shell": [],
        "told": [5678],
    }
    for name, container in containers.items():
        town.apply(_manifest(name, container))
        address = town.pod(name).status.podIP
        opened = [port for port in (80, 5678, 6379, 9000) if town.run(f"nc -z {address} {port}")[2] == 0]
        assert opened == listening[name] or (name == "unknown" and len(opened) == 4)
    silent, told = town.pod("silent").status.podIP, town.pod("told").status.podIP
    assert town.run(f"curl {silent}:6379", CURL)[1:] == ("curl: (52) Empty reply from server\n", 52)
    assert town.run(f"wget -qO- {told}:5678")[0] == "hello from apple\n"


def _manifest(name: str, container: dict[str, Any]) -> str:
    return (
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: default}}, "
        f"spec: {{nodeName: node-2, containers: [{{name: c, {str(container)[1:-1]}}}]}}}}"
    )


def test_a_pod_reaches_itself(town: Clients) -> None:
    """On localhost a pod meets its own containers."""
    assert town.run("wget -qO- localhost:8080", pod="web-1")[0] == HELLO
    assert town.run("wget -qO- 127.0.0.1", pod="client")[2] == 1


def test_a_node_port_answers_at_a_nodes_address() -> None:
    """A request to any node's address and the node port reaches a pod, from inside the cluster."""
    town = Clients(
        WEB.replace("clusterIP", "type: NodePort, clusterIP").replace("port: 80,", "port: 80, nodePort: 30080,")
    )
    town.server("web-1", "node-1")
    for node in ("172.18.0.3", "172.18.0.4", "172.18.0.5"):
        assert town.run(f"wget -qO- {node}:30080")[0] == HELLO
    assert town.run("wget -qO- 172.18.0.3:30081")[1].endswith("Connection refused\n")


def test_a_container_waits_for_a_service() -> None:
    """An init container that waits for a name ends at its next try after the Service is there, and costs nothing before."""
    town = Clients(text="")
    script = "until nslookup web; do echo waiting; sleep 2; done"
    town.apply(_pod("late", "busybox:1.28", script, init=True))
    town.engine.run_for(60_000)
    assert town.pod("late").status.phase == "Pending"
    assert town.engine.clock.next_time() is None
    waited = town.log("late", "wait")
    assert waited[:5] == [*CLASSIC.splitlines(), "nslookup: can't resolve 'web'", "waiting"]
    town.apply(WEB)
    town.engine.run_for(3_000)
    assert town.pod("late").status.phase == "Running"
    assert town.log("late", "wait")[: len(waited)] == waited
    assert town.log("late", "wait")[-2:] == ["Name:      web", "Address 1: 10.96.0.80 web.default.svc.cluster.local"]


def test_a_container_may_wait_for_hours() -> None:
    """However often it has asked in vain, a container still sees what it waits for appear."""
    town = Clients(text="")
    town.apply(_pod("late", "busybox:1.28", "until nslookup web > /dev/null; do sleep 1; done", init=True))
    town.engine.run_for(4 * 3_600_000)
    town.apply(WEB)
    town.engine.run_for(2_000)
    assert town.pod("late").status.phase == "Running"


@pytest.mark.parametrize("command", ["nslookup web", "nc -z 10.96.0.80 80", "wget -qO- web", "ping -c 1 web"])
def test_a_container_that_asks_without_a_pause_waits_too(command: str) -> None:
    """A loop of nothing but questions is no more than another one that waits."""
    town = Clients(text="")
    town.apply(_pod("late", "busybox:1.28", f"until {command} > /dev/null 2>&1; do :; done", init=True))
    town.engine.run_for(2_000)
    assert town.pod("late").status.phase == "Pending"
    if not command.startswith("ping"):
        town.apply(WEB)
        town.server("web-1", "node-1")
        town.engine.run_for(140_000)
        assert town.pod("late").status.phase == "Running"


def test_a_log_has_nothing_from_the_future() -> None:
    """A program that waits for an answer says what came of it when it has waited."""
    town = Clients(WEB)
    town.apply(_pod("slow", "busybox", "wget -qO- -T 30 web:81; sleep 1000"))
    town.engine.run_for(20_000)
    assert town.log("slow", "c") == []
    town.engine.run_for(20_000)
    assert town.log("slow", "c") == ["wget: download timed out"]


def test_a_container_waits_for_endpoints() -> None:
    """A loop that waits for a connection goes on when the first pod is ready."""
    town = Clients(WEB)
    town.apply(_pod("late", "busybox", "until nc -z web 80; do sleep 1; done; wget -qO- web; exit 3", restart="Never"))
    town.engine.run_for(30_000)
    assert town.pod("late").status.phase == "Running"
    town.server("web-1", "node-1")
    town.engine.run_for(3_000)
    ended = town.pod("late").status.containerStatuses[0].state.terminated
    assert ended is not None
    assert (ended.exitCode, town.log("late", "c")) == (3, [HELLO.strip()])


def test_a_loop_tells_who_answered_when() -> None:
    """The log of a container that asks for ever shows each answer as it was at its time, and never changes."""
    town = Clients(WEB)
    town.server("web-1", "node-1")
    town.apply(_pod("loop", "busybox", "while true; do wget -qO- web; sleep 1; done"))
    town.engine.run_for(5_000)
    first = town.log("loop", "c")
    assert set(first) == {HELLO.strip()}
    town.delete(kinds.PODS, "web-1")
    town.server("web-2", "node-2")
    town.engine.run_for(5_000)
    then = town.log("loop", "c")
    assert then[: len(first)] == first
    refused = "wget: can't connect to remote host (10.96.0.80): Connection refused"
    assert list(dict.fromkeys(then)) == [HELLO.strip(), refused, HELLO.strip().replace("web-1", "web-2")]


def test_a_load_generator_does_not_end() -> None:
    """A loop that changes nothing is known to have no end, without running it for ever."""
    town = Clients(WEB)
    town.server("web-1", "node-1")
    town.apply(_pod("load", "busybox", "while sleep 0.01; do wget -q -O- http://web; done"))
    town.engine.run_for(1_000)
    assert town.pod("load").status.phase == "Running"
    assert len(town.log("load", "c")) > 50


def test_variables_tell_of_the_services_at_the_start() -> None:
    """A process finds variables for the Services that were there when it started, unless its pod does not want them."""
    town = Clients(WEB)
    town.apply(_pod("before", "busybox", "sleep 100000"))
    town.apply(WEB.replace("web", "late").replace("10.96.0.80", "10.96.0.81"))
    town.apply(_pod("after", "busybox", "sleep 100000"))
    town.apply(
        _pod("plain", "busybox", "sleep 100000").replace("restartPolicy", "enableServiceLinks: false, restartPolicy")
    )
    told = {name: _variables(town, name) for name in ("before", "after", "plain")}
    assert told["before"]["WEB_SERVICE_HOST"] == "10.96.0.80"
    assert told["before"]["WEB_PORT_80_TCP"] == "tcp://10.96.0.80:80"
    assert "LATE_SERVICE_HOST" not in told["before"]
    assert told["after"]["LATE_SERVICE_HOST"] == "10.96.0.81"
    assert told["plain"]["KUBERNETES_SERVICE_HOST"] == "10.96.0.1"
    assert not [name for name in told["plain"] if name.startswith(("WEB", "LATE"))]


def _variables(town: Clients, pod: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in town.run("env", pod=pod)[0].splitlines())


def _pod(name: str, image: str, script: str, *, init: bool = False, restart: str = "Always") -> str:
    waiting = f'{{name: {"wait" if init else "c"}, image: "{image}", command: [sh, -c, "{script}"]}}'
    others = "containers: [{name: c, image: nginx}], initContainers" if init else "containers"
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: default}}
spec: {{nodeName: node-3, restartPolicy: {restart}, {others}: [{waiting}]}}
"""
