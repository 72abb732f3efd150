"""What commands in a container find: its environment, its files, its name and the time."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster import manifests
from cluster.api import kinds
from cluster.api.core import Pod
from cluster.engine import Engine
from cluster.kubelet.runtime import commands, logs
from cluster.kubelet.runtime.execute import Inside, NotExecutable, Outcome, execute
from cluster.kubelet.runtime.syntax import NotSimulated

DATE = "2026-01-01T00:00:00Z"
TEXT = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: default}
data: {colour: red, shape: round}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: default}
stringData: {password: secret}
---
apiVersion: v1
kind: Service
metadata: {name: my-db, namespace: default}
spec: {clusterIP: 10.96.7.7, ports: [{port: 5432, name: sql}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {app: web}}
spec:
  hostAliases: [{ip: 192.0.2.1, hostnames: [one, two]}]
  containers:
  - name: main
    image: busybox
    command: [sh, -c, 'echo "up on $(HOSTNAME)"; sleep 2; echo late >/dev/null']
    resources: {limits: {memory: 64Mi, cpu: 1500m}}
    envFrom:
    - {prefix: S_, configMapRef: {name: settings}}
    env:
    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
    - {name: CORES, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: MEBIBYTES, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: keys, key: password}}}
    - {name: LOST, valueFrom: {secretKeyRef: {name: none, key: x, optional: true}}}
    - {name: URL, value: "sql://$(MY_DB_SERVICE_HOST)/$(NAME)?$$(x)&$(NOTHING)"}
    volumeMounts:
    - {name: all, mountPath: /etc/settings}
    - {name: all, mountPath: /etc/only, subPath: colour}
    - {name: some, mountPath: /srv}
    - {name: about, mountPath: /about}
    - {name: empty, mountPath: /cache}
  volumes:
  - {name: all, configMap: {name: settings}}
  - {name: some, secret: {secretName: keys, items: [{key: password, path: deep/word}]}}
  - {name: about, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
  - {name: empty, emptyDir: {}}
"""


@pytest.fixture(scope="module")
def view() -> Inside:
    """A running pod, with everything it refers to, from inside."""
    engine = Engine()
    engine.run_for(2_000)
    for document in manifests.read(TEXT).documents:
        engine.api.create(document.kind, document.object, actor="test")
    engine.run_for(10_000)
    pod: Pod = engine.api.get(kinds.PODS, "default/web")
    assert pod.status.phase == "Running"
    return commands.view_at(engine.store, pod, pod.spec.containers[0], DATE, 0)


def run(view: Inside, *argv: str) -> tuple[str, str, int]:
    """What a command writes to stdout and stderr, and its exit code."""
    outcome = execute(view, argv, DATE)
    return outcome.text(1).decode(), outcome.text(2).decode(), outcome.code


def test_the_environment_is_the_kubelets(view: Inside) -> None:
    """Variables come from the container, from objects, fields and resources, and from Services."""
    told: dict[str, Any] = dict(line.split("=", 1) for line in run(view, "env")[0].splitlines())
    assert list(told)[:4] == ["PATH", "HOSTNAME", "S_colour", "S_shape"]
    assert {name: told[name] for name in ("HOSTNAME", "NAME", "APP", "CORES", "MEBIBYTES", "PASSWORD", "S_colour")} == {
        "HOSTNAME": "web", "NAME": "web", "APP": "web", "CORES": "2", "MEBIBYTES": "64", "PASSWORD": "secret",
        "S_colour": "red",
    }  # fmt: skip
    assert told["URL"] == "sql://10.96.7.7/web?$(x)&$(NOTHING)"
    assert (told["MY_DB_SERVICE_PORT_SQL"], told["MY_DB_PORT_5432_TCP_ADDR"]) == ("5432", "10.96.7.7")
    assert told["KUBERNETES_SERVICE_HOST"] == "10.96.0.1"
    assert "LOST" not in told


def test_mounted_files_can_be_read(view: Inside) -> None:
    """Entries of ConfigMaps and Secrets, single ones and chosen ones, and the pod's own fields are files."""
    assert run(view, "cat", "/etc/settings/colour")[0] == "red"
    assert run(view, "cat", "/etc/only")[0] == "red"
    assert run(view, "cat", "/srv/deep/word")[0] == "secret"
    assert run(view, "cat", "/about/labels")[0].splitlines()[0] == 'app="web"'
    assert run(view, "cat", "/etc/hostname")[0] == "web\n"
    assert run(view, "cat", "/etc/hosts")[0].endswith("# Entries added by HostAliases.\n192.0.2.1\tone\ttwo\n")
    assert run(view, "ls", "/srv") == ("deep\n", "", 0)
    assert run(view, "ls", "/cache") == ("", "", 0)
    assert "cache" in run(view, "ls", "/")[0].split()
    assert run(view, "ls", "/var/run/secrets/kubernetes.io/serviceaccount")[0].split() == ["ca.crt", "namespace"]


def test_what_is_not_there_is_told_as_usual(view: Inside) -> None:
    """Missing files, folders, times and variables are complaints on stderr with the programs' exit codes."""
    assert run(view, "cat", "/none") == ("", "cat: /none: No such file or directory\n", 1)
    assert run(view, "cat", "/etc") == ("", "cat: /etc: Is a directory\n", 1)
    assert run(view, "ls", "/none") == ("", "ls: cannot access '/none': No such file or directory\n", 2)
    assert run(view, "sleep", "x") == ("", "sleep: invalid time interval 'x'\n", 1)
    assert run(view, "printenv", "NONE") == ("", "", 1)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["curl"], 'exec: "curl": executable file not found in $PATH'),
        (["/opt/run"], 'exec: "/opt/run": stat /opt/run: no such file or directory'),
        ([], 'exec: "": executable file not found in $PATH'),
    ],
)
def test_unknown_programs_are_not_found_in_the_words_of_runc(view: Inside, argv: list[str], words: str) -> None:
    """What is not simulated is as if it were not in the image."""
    with pytest.raises(NotExecutable) as caught:
        execute(view, argv, DATE)
    assert str(caught.value) == f"exec failed: unable to start container process: {words}"


@pytest.mark.parametrize(
    ("script", "out", "code"),
    [
        ("echo a; echo b", "a\nb\n", 0),
        ("false && echo no || echo yes", "yes\n", 0),
        ("true || echo no; exit 3; echo never", "", 3),
        ("X='a b'; echo $X \"$X-${NAME}\" '$X' \\$X", "a b a b-web $X $X\n", 0),
        ("cd /srv && pwd && ls", "/srv\ndeep\n", 0),
        ("nothing; echo $?", "127\n", 0),
        ("export Y=1\nprintenv Y\nexit", "1\n", 0),
        ("date +%H:%M:%S; sleep 90; date +%H:%M:%S", "00:00:00\n00:01:30\n", 0),
        ("echo -n x; hostname; whoami; id", "xweb\nroot\nuid=0(root) gid=0(root) groups=0(root)\n", 0),
    ],
)
def test_scripts_run_as_in_a_shell(view: Inside, script: str, out: str, code: int) -> None:
    """Lists, conditions, quotes, variables, folders and exit codes are a POSIX shell's."""
    said, _, ended = run(view, "sh", "-c", script)
    assert (said, ended) == (out, code)


def test_a_shell_complains_of_what_it_does_not_find(view: Inside) -> None:
    """An unknown command is a message and 127, a missing folder a message and 2."""
    assert run(view, "/bin/sh", "-c", "curl x") == ("", "sh: 1: curl: not found\n", 127)
    assert run(view, "bash", "-c", "cd /none") == ("", "sh: 1: cd: can't cd to /none\n", 2)


@pytest.mark.parametrize(
    "script",
    [
        "echo 'a",
        "if a",
        "while a; do b",
        "a &&",
        "echo ${x@Q}",
        "echo $((a b))",
        "a; )",
        "case a in b) c",
        "f() {",
        "[[ a",
    ],
)
def test_scripts_beyond_it_are_not_run_at_all(view: Inside, script: str) -> None:
    """What is not simulated, or has no end, is refused rather than run in part."""
    with pytest.raises(NotSimulated):
        execute(view, ["sh", "-c", script], DATE)


def test_a_log_is_the_output_of_the_pods_command(view: Inside) -> None:
    """Lines come with the time that the command took to them; what cannot be run writes nothing."""
    engine, pod = Engine(), view.pod
    command = ("sh", "-c", "echo one; sleep 2; echo $NAME")
    told = replace(view.container, image="nginx", command=command, args=(), envFrom=(), volumeMounts=())
    lines = [(line.after, line.stream, line.text) for line in logs.lines(engine.store, pod, told, DATE, 2000)]
    assert lines == [(0, 1, b"one\n"), (2000, 1, b"web\n")]
    assert len(list(logs.lines(engine.store, pod, told, DATE, 1999))) == 1
    for silent in (
        replace(told, command=()),
        replace(told, command=("server",)),
        replace(told, command=("sh", "-c", "&")),
    ):
        assert list(logs.lines(engine.store, pod, silent, DATE, 9000)) == []


def test_an_outcome_keeps_the_streams_apart() -> None:
    """An outcome without output is one that took no time."""
    assert (Outcome((), 0, 0).text(1), Outcome((), 0, 0).took) == (b"", 0)
