"""A real kubectl on a served cluster: what people type, and what they read."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.clients.served import Kubectl, served
from tests.terminal.terminal import Terminal

SPEED = "20"
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '%s'}\n"


@pytest.fixture(scope="module")
def config() -> Iterator[Path]:
    """The kubeconfig of one cluster for all tests."""
    with served("--cluster", str(Path(__file__).with_name("cluster.yaml")), "--speed", SPEED) as kubeconfig:
        yield kubeconfig


@pytest.fixture
def kubectl(config: Path, request: pytest.FixtureRequest) -> Kubectl:
    """A kubectl in a namespace of the test's own."""
    namespace = re.sub("[^a-z0-9]+", "-", str(request.node.name).removeprefix("test_")).strip("-")[:60].strip("-")
    Kubectl(config).out("create", "namespace", namespace)
    return Kubectl(config, namespace)


@contextmanager
def background(kubectl: Kubectl, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs beside others until it is stopped."""
    command = kubectl.command(*arguments)
    with subprocess.Popen(
        command, env=kubectl.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        try:
            yield running
        finally:
            running.terminate()


def read(running: subprocess.Popen[str]) -> str:
    """The next line that a command writes."""
    assert running.stdout is not None
    return running.stdout.readline()


def test_a_deployment_is_made_rolled_out_and_rolled_back(kubectl: Kubectl) -> None:
    """Creation, rollout, a new image, history, undo, and scaling, each to its end."""
    out = kubectl.out
    made = out("create", "deployment", "web", "--image=nginx:1.27", "--replicas=3", "--port=80")
    assert made == "deployment.apps/web created\n"
    assert out("rollout", "status", "deploy/web").endswith('deployment "web" successfully rolled out\n')
    assert [row[:4] + row[5:] for row in kubectl.rows("get", "deploy", "-o", "wide")] == [
        ["web", "3/3", "3", "3", "nginx", "nginx:1.27", "app=web"]
    ]
    assert out("set", "image", "deploy/web", "nginx=nginx:1.28") == "deployment.apps/web image updated\n"
    out("rollout", "status", "deploy/web")
    history = "deployment.apps/web \nREVISION  CHANGE-CAUSE\n{}         <none>\n{}         <none>\n\n"
    assert out("rollout", "history", "deploy/web") == history.format(1, 2)
    assert out("rollout", "undo", "deploy/web") == "deployment.apps/web rolled back\n"
    out("rollout", "status", "deploy/web")
    assert out("rollout", "history", "deploy/web") == history.format(2, 3)
    assert out("get", "deploy", "web", "-o", "jsonpath={..image}") == "nginx:1.27"
    assert out("scale", "deploy/web", "--replicas=5") == "deployment.apps/web scaled\n"
    assert (
        out("wait", "--for=jsonpath={.status.readyReplicas}=5", "deploy/web") == "deployment.apps/web condition met\n"
    )
    assert len(kubectl.rows("get", "pods", "-l", "app=web")) == 5
    assert out("delete", "deploy", "web") == f'deployment.apps "web" deleted from {kubectl.namespace} namespace\n'


def test_objects_are_changed_in_every_way(kubectl: Kubectl) -> None:
    """Labels, annotations, four patches, an editor, a Service, an autoscaler in both of its versions."""
    out = kubectl.out
    out("create", "deployment", "web", "--image=nginx", "--port=80")
    assert out("label", "deploy", "web", "tier=front") == "deployment.apps/web labeled\n"
    assert out("annotate", "deploy", "web", "note=hello") == "deployment.apps/web annotated\n"
    merge = '{"spec":{"minReadySeconds":1}}'
    assert out("patch", "deploy", "web", "--type=merge", "-p", merge) == "deployment.apps/web patched\n"
    assert out("patch", "deploy", "web", "--type=merge", "-p", merge) == "deployment.apps/web patched (no change)\n"
    replaced = '[{"op":"replace","path":"/spec/minReadySeconds","value":2}]'
    assert out("patch", "deploy", "web", "--type=json", "-p", replaced) == "deployment.apps/web patched\n"
    variable = '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"b"}]}]}}}}'
    out("patch", "deploy", "web", "-p", variable)
    path = "jsonpath={.spec.minReadySeconds} {..env[0].value} {..containers[0].image} {.metadata.labels.tier}"
    assert out("get", "deploy", "web", "-o", path) == "2 b nginx front"
    editor = f"{sys.executable} -c \"import sys; p=sys.argv[1]; s=open(p).read(); open(p,'w').write(s.replace('replicas: 1','replicas: 2'))\""
    assert out("edit", "deploy", "web", KUBE_EDITOR=editor) == "deployment.apps/web edited\n"
    assert out("expose", "deployment", "web", "--port=80") == "service/web exposed\n"
    assert [row[:2] + row[3:5] for row in kubectl.rows("get", "svc")] == [["web", "ClusterIP", "<none>", "80/TCP"]]
    autoscaled = out("autoscale", "deployment", "web", "--min=2", "--max=9", "--cpu=50%")
    assert autoscaled == "horizontalpodautoscaler.autoscaling/web autoscaled\n"
    old = ("get", "horizontalpodautoscalers.v1.autoscaling", "web", "-o")
    assert out(*old, "jsonpath={.spec.targetCPUUtilizationPercentage}") == "50"
    assert out("get", "hpa", "web", "-o", "jsonpath={.spec.metrics[0].resource.target.averageUtilization}") == "50"


def test_manifests_are_applied_compared_and_refused(kubectl: Kubectl) -> None:
    """apply, diff, replace, server-side apply and its conflict, and the refusals that name what is wrong."""
    one, two = SETTINGS % 1, SETTINGS % 2
    assert kubectl.out("apply", "-f", "-", stdin=one) == "configmap/settings created\n"
    assert kubectl.out("apply", "-f", "-", stdin=one) == "configmap/settings unchanged\n"
    compared = kubectl("diff", "-f", "-", stdin=two)
    assert (compared.code, '-  a: "1"\n+  a: "2"\n' in compared.out) == (1, True)
    assert kubectl.out("apply", "-f", "-", stdin=two) == "configmap/settings configured\n"
    number = kubectl(
        "apply",
        "--server-side",
        "-f",
        "-",
        stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: number}\ndata: {a: 1}\n",
    )
    assert number.err == (
        f"Error from server: failed to create typed patch object ({kubectl.namespace}/number; /v1, Kind=ConfigMap): .data.a: "
        "expected string, got &value.valueUnstructured{Value:1}\n"
    )
    refused = kubectl("apply", "--server-side", "-f", "-", stdin=one)
    why = 'error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a\n'
    assert (refused.code, refused.err[: len(why)]) == (1, why)
    forced = kubectl.out("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=one)
    assert forced == "configmap/settings serverside-applied\n"
    assert kubectl.out("replace", "-f", "-", stdin=two) == "configmap/settings replaced\n"
    again = kubectl("create", "-f", "-", stdin=one)
    assert (
        again.err
        == 'Error from server (AlreadyExists): error when creating "STDIN": configmaps "settings" already exists\n'
    )
    strange = kubectl("create", "-f", "-", stdin=one.replace("settings", "other").replace("\ndata", "\ndat"))
    assert strange.err == (
        'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a '
        'ConfigMap: strict decoding error: unknown field "dat"\n'
    )
    gone = kubectl.out("delete", "-f", "-", stdin=one)
    assert gone == f'configmap "settings" deleted from {kubectl.namespace} namespace\n'
    missing = kubectl("get", "cm", "settings")
    assert missing.err == 'Error from server (NotFound): configmaps "settings" not found\n'


def test_typed_commands_make_what_they_say(kubectl: Kubectl) -> None:
    """What kubectl sends as protobuf arrives with every field."""

    def field(resource: str, path: str) -> str:
        return kubectl.out("get", resource, "-o", f"jsonpath={path}")

    for command in (
        "quota q --hard=pods=10,requests.cpu=2", "role r --verb=get,list --resource=pods --resource-name=a",
        "rolebinding rb --role=r --user=jane --serviceaccount=x:y", "secret generic s --from-literal=a=b",
        "cronjob c --image=busybox --schedule=@daily -- date", "ingress i --rule=a.example/x*=web:80,tls=cert",
        "poddisruptionbudget p --selector=app=web --min-available=50%", "configmap cm --from-literal=k=v",
        "service nodeport np --tcp=80:8080", "serviceaccount sa",
    ):  # fmt: skip
        assert kubectl.out("create", *command.split()).endswith(" created\n")
    assert field("quota/q", "{.spec.hard}") == '{"pods":"10","requests.cpu":"2"}'
    assert (
        field("role/r", "{.rules[0]}")
        == '{"apiGroups":[""],"resourceNames":["a"],"resources":["pods"],"verbs":["get","list"]}'
    )
    assert field("rolebinding/rb", "{.subjects[*].name} {.roleRef.name}") == "jane y r"
    assert field("secret/s", "{.data.a}") == "Yg=="
    assert field("cj/c", "{.spec.schedule} {..containers[0].command[0]}") == "@daily date"
    assert (
        field("ing/i", "{..host} {..path} {..pathType} {..backend.service.port.number} {..secretName}")
        == "a.example /x Prefix 80 cert"
    )
    assert field("pdb/p", "{.spec.minAvailable} {.spec.selector.matchLabels.app}") == "50% web"
    assert field("cm/cm", "{.data.k}") == "v"
    assert field("svc/np", "{.spec.type} {.spec.ports[0].targetPort}") == "NodePort 8080"
    assert kubectl.out("create", "token", "sa").count(".") == 2


def test_what_happens_is_watched(kubectl: Kubectl) -> None:
    """Get --watch prints the table's head once and a row for each change."""
    kubectl.out("create", "configmap", "first", "--from-literal=a=b")
    with background(kubectl, "get", "cm", "-w", "--field-selector", "metadata.name!=kube-root-ca.crt") as watching:
        assert read(watching).split() == ["NAME", "DATA", "AGE"]
        assert read(watching).split()[:2] == ["first", "1"]
        kubectl.out("create", "configmap", "second", "--from-literal=a=b", "--from-literal=c=d")
        assert read(watching).split()[:2] == ["second", "2"]
        kubectl.out("delete", "cm", "first")
        assert read(watching).split()[:2] == ["first", "1"]


def test_pods_are_looked_into(kubectl: Kubectl) -> None:
    """Logs, commands, their exit codes, attach and forwarded ports, as on a real node."""
    script = 'echo "hello from $NAME"; sleep 30; echo more; sleep 100000'
    overrides = '{"spec":{"containers":[{"name":"talk","image":"busybox","command":["sh","-c",%s],"ports":[{"containerPort":80}],"env":[{"name":"NAME","value":"x"}]}]}}'
    quoted = '"' + script.replace('"', '\\"') + '"'
    kubectl.out("run", "talk", "--image=busybox", "--overrides", overrides % quoted)
    kubectl.out("wait", "--for=condition=Ready", "pod/talk")
    assert kubectl.out("logs", "talk").startswith("hello from x\n")
    with background(kubectl, "logs", "-f", "talk") as following:
        assert (read(following), read(following)) == ("hello from x\n", "more\n")
    assert kubectl.out("logs", "talk", "--tail=1") == "more\n"
    assert kubectl.out("exec", "talk", "--", "hostname") == "talk\n"
    failed = kubectl("exec", "talk", "--", "sh", "-c", "echo out; nothing; exit 3")
    assert failed == ("out\n", "sh: 1: nothing: not found\ncommand terminated with exit code 3\n", 3)
    spoken = kubectl("exec", "-i", "talk", "--", "sh", stdin="cd /etc\ncat hostname\nexit 5\n")
    assert (spoken.out, spoken.code) == ("talk\n", 5)
    assert kubectl.out("exec", "-i", "talk", "--", "sh", stdin="echo end") == "end\n"
    missing = kubectl("exec", "talk", "--", "curl")
    assert missing.code == 1
    assert missing.err.endswith('exec: "curl": executable file not found in $PATH: unknown\n')
    wrong = kubectl("logs", "talk", "-c", "none")
    assert wrong.err == "error: container none is not valid for pod talk out of: talk\n"
    with background(kubectl, "port-forward", "pod/talk", ":80") as forwarding:
        port = re.search(r":(\d+) ->", read(forwarding))
        assert port is not None
        with urlopen(f"http://127.0.0.1:{port[1]}/path", timeout=10) as answer:
            assert answer.read().decode() == (
                f"GET /path reached pod talk in namespace {kubectl.namespace}, container talk, port 80\n"
            )


def test_a_shell_is_spoken_with_in_a_terminal(kubectl: Kubectl) -> None:
    """`exec -it` gives a prompt, an echo and the shell's exit code; `attach` shows what a container goes on writing."""
    kubectl.out("run", "web", "--image=nginx")
    kubectl.out("run", "count", "--image=busybox", "--", "sh", "-c", "while true; do echo again; sleep 1; done")
    kubectl.out("wait", "--for=condition=Ready", "pod/web", "pod/count")
    program, *arguments = kubectl.command("exec", "-it", "web", "--", "sh")
    with closing(Terminal(arguments, program=program)) as terminal:
        terminal.wait_for("/ # ")
        terminal.send("hostname; exit 4\r")
        assert terminal.end() == 4
        shown = [line.rstrip() for line in terminal.screen.display]
    assert shown[:3] == ["/ # hostname; exit 4", "web", "command terminated with exit code 4"]
    with background(kubectl, "attach", "count") as attached:
        assert [read(attached), read(attached)] == ["again\n", "again\n"]


def test_services_are_reached_by_name(kubectl: Kubectl) -> None:
    """From pods, by the API server and through a forwarded port; a loop shows who answers until it is interrupted."""
    kubectl.out("create", "deployment", "web", "--image=nginx")
    kubectl.out("expose", "deployment", "web", "--port=80")
    kubectl.out("run", "client", "--image=busybox:1.36", "--", "sleep", "infinity")
    kubectl.out("wait", "--for=condition=Ready", "pod", "--all")
    kubectl.out("exec", "client", "--", "sh", "-c", "until nc -z web 80; do sleep 1; done")
    said = re.compile(rf"GET / reached pod web-[a-z0-9-]+ in namespace {kubectl.namespace}, container nginx, port 80\n")
    assert said.fullmatch(kubectl.out("exec", "client", "--", "wget", "-qO-", "http://web"))
    wrong = kubectl("exec", "client", "--", "wget", "-qO-", "http://nobody")
    assert (wrong.err, wrong.code) == ("wget: bad address 'nobody'\ncommand terminated with exit code 1\n", 1)
    assert said.fullmatch(kubectl.out("get", "--raw", f"/api/v1/namespaces/{kubectl.namespace}/services/web/proxy/"))
    loop = "while true; do wget -qO- web; sleep 1; done"
    with background(kubectl, "exec", "client", "--", "sh", "-c", loop) as asking:
        assert said.fullmatch(read(asking))
        assert said.fullmatch(read(asking))
    program, *arguments = kubectl.command("exec", "-it", "client", "--", "sh")
    with closing(Terminal(arguments, program=program, columns=160)) as terminal:
        terminal.wait_for("/ # ")
        terminal.send(f"{loop}\r")
        terminal.wait_for("reached pod")
        terminal.send("\x03")
        terminal.wait_for("^C")
        terminal.send("exit 5\r")
        assert terminal.end() == 5


def test_a_shell_is_run_and_gone(kubectl: Kubectl) -> None:
    """`run -i --rm` attaches to the container's own shell, which ends with what was typed; so does the pod."""
    once = ("--image=busybox", "--restart=Never", "--", "sh")
    ran = kubectl("run", "-i", "--rm", "try", *once, stdin="hostname\nexit\n")
    assert (ran.code, ran.out) == (0, f'try\npod "try" deleted from {kubectl.namespace} namespace\n')
    failed = kubectl("run", "-i", "fail", *once, stdin="exit 3\n")
    assert failed.err.endswith(f"pod {kubectl.namespace}/fail terminated (Error)\n")
    assert kubectl.out("get", "pod", "fail", "-o", "jsonpath={..exitCode}") == "3"


def test_a_pod_is_debugged(kubectl: Kubectl) -> None:
    """A container for debugging is added to a pod that runs, and can be looked into."""
    kubectl.out("run", "web", "--image=nginx")
    kubectl.out("wait", "--for=condition=Ready", "pod/web")
    script = "echo looking; sleep 100000"
    kubectl.out("debug", "web", "--image=busybox", "-c", "look", "--target=web", "--", "sh", "-c", script)
    running = "--for=jsonpath={.status.ephemeralContainerStatuses[0].state.running.startedAt}"
    kubectl.out("wait", running, "pod/web")
    assert kubectl.out("logs", "web", "-c", "look") == "looking\n"
    assert kubectl.out("exec", "web", "-c", "look", "--", "hostname") == "web\n"
    described = kubectl.out("describe", "pod", "web")
    assert re.search(r"^Ephemeral Containers:\n  look:\n", described, re.MULTILINE)


def test_nodes_are_cordoned_tainted_and_drained(kubectl: Kubectl) -> None:
    """A drained node has no pods but may have them again; a taint is set and taken away."""
    kubectl.out("create", "deployment", "web", "--image=nginx", "--replicas=6")
    kubectl.out("rollout", "status", "deploy/web")
    drained = kubectl.out("drain", "node-1", "--ignore-daemonsets", "--force")
    assert drained.startswith("node/node-1 cordoned\n")
    assert drained.endswith("node/node-1 drained\n")
    assert kubectl.rows("get", "nodes")[0][:2] == ["node-1", "Ready,SchedulingDisabled"]
    kubectl.out("rollout", "status", "deploy/web")
    pods = kubectl.out("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").split()
    assert set(pods) == {"node-2", "node-3"}
    assert kubectl.out("uncordon", "node-1") == "node/node-1 uncordoned\n"
    assert kubectl.out("cordon", "node-3") == "node/node-3 cordoned\n"
    assert kubectl.out("cordon", "node-3") == "node/node-3 already cordoned\n"
    kubectl.out("uncordon", "node-3")
    assert kubectl.out("taint", "nodes", "node-2", "key=value:NoSchedule") == "node/node-2 tainted\n"
    assert kubectl.out("taint", "nodes", "node-2", "key-") == "node/node-2 untainted\n"


def test_the_api_explains_itself(kubectl: Kubectl) -> None:
    """Versions, resources, and fields, by either OpenAPI document."""
    assert "Server Version: v1.36.2\n" in kubectl.out("version")
    resources = kubectl.out("api-resources", "--api-group=apps", "--no-headers", "-o", "name").split()
    assert resources == [
        "controllerrevisions.apps", "daemonsets.apps", "deployments.apps", "replicasets.apps", "statefulsets.apps",
    ]  # fmt: skip
    assert {"autoscaling/v1", "autoscaling/v2", "events.k8s.io/v1", "v1"} < set(kubectl.out("api-versions").split())
    told = kubectl.out("explain", "pod.spec.restartPolicy").splitlines()
    assert told[:6] == ["KIND:       Pod", "VERSION:    v1", "", "FIELD: restartPolicy <string>", "ENUM:", "    Always"]
    assert "  containerPort\t<integer> -required-\n" in kubectl.out("explain", "pod.spec.containers.ports")
    assert "\n  replicas\t<integer>\n" in kubectl.out("explain", "deploy.spec", "--recursive")
    assert "RESOURCE: spec <Object>" in kubectl.out("explain", "deploy.spec", "--output", "plaintext-openapiv2")
    assert kubectl("explain", "pod.spec.colour").err == 'error: field "colour" does not exist\n'
    assert kubectl("get", "widgets").err == 'error: the server doesn\'t have a resource type "widgets"\n'
    assert kubectl.out("get", "--raw", "/livez/ping") == "ok"


def test_everything_can_be_listed_and_described(kubectl: Kubectl) -> None:
    """Every kind that can be listed is, in a table; a pod's description tells of its node and events."""
    kinds = kubectl.out("api-resources", "--verbs=list", "-o", "name").split()
    listed = kubectl("get", ",".join(kinds), "-A", "-o", "wide")
    assert (listed.code, "Error" in listed.err) == (0, False)
    assert re.search(r" node/node-1 +Ready +<none> ", listed.out)
    kubectl.out("run", "web", "--image=nginx")
    kubectl.out("wait", "--for=condition=Ready", "pod/web")
    described = kubectl.out("describe", "pod", "web")
    assert re.search(r"^Status: +Running$", described, re.MULTILINE)
    assert re.search(r"Normal +Scheduled .* Successfully assigned \S+/web to node-", described)
    assert [row[1:3] for row in kubectl.rows("get", "events", "--field-selector", "reason=Scheduled")] == [
        ["Normal", "Scheduled"]
    ]
    assert "Pod/web" in kubectl.out("events", "--for", "pod/web")
    everything = kubectl.out("get", "all", "-A", "-o", "wide")
    assert re.search(r"^\S+ +pod/web +1/1 +Running +0 .* node-\d +<none> +<none>$", everything, re.MULTILINE)
    assert re.search(r"^default +service/kubernetes +ClusterIP .* 443/TCP +\S+ +<none>$", everything, re.MULTILINE)


def test_rights_are_asked_for(kubectl: Kubectl) -> None:
    """Who I am, what I may, and what another may, after a role was bound to them."""
    assert kubectl.out("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}") == "kubernetes-admin"
    assert kubectl.out("auth", "can-i", "delete", "nodes").splitlines()[-1] == "yes"
    kubectl.out("create", "role", "reader", "--verb=get", "--resource=pods")
    kubectl.out("create", "rolebinding", "jane", "--role=reader", "--user=jane")
    assert kubectl.out("auth", "can-i", "get", "pods", "--as=jane") == "yes\n"
    denied = kubectl("auth", "can-i", "list", "pods", "--as=jane")
    assert (denied.out, denied.code) == ("no\n", 1)
    refused = kubectl("get", "pods", "--as=jane")
    assert refused.err == (
        'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the '
        f'namespace "{kubectl.namespace}"\n'
    )


def test_rules_in_cel_are_checked_and_obeyed(kubectl: Kubectl) -> None:
    """What is no rule is refused with its place; one that is bound refuses what it is about, where it is meant."""
    rule = "{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}"
    policy = (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: short}\nspec:\n"
        f'  matchConstraints: {{resourceRules: [{rule}]}}\n  validations: [{{expression: "%s", message: too many}}]\n'
    )
    wrong = kubectl("create", "-f", "-", stdin=policy % "size(object.data) < 'a'")
    assert wrong.err == (
        'The ValidatingAdmissionPolicy "short" is invalid: spec.validations[0].expression: Invalid value: '
        "\"size(object.data) < 'a'\": compilation failed: ERROR: <input>:1:19: found no matching overload for '_<_' "
        "applied to '(int, string)'\n | size(object.data) < 'a'\n | ..................^\n"
    )
    kubectl.out("create", "-f", "-", stdin=policy % "size(object.data) < 2")
    binding = (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: short}\n"
        "spec:\n  policyName: short\n  validationActions: [Deny]\n  matchResources: {namespaceSelector: {matchLabels: "
        f"{{kubernetes.io/metadata.name: {kubectl.namespace}}}}}}}\n"
    )
    kubectl.out("create", "-f", "-", stdin=binding)
    refused = kubectl("create", "configmap", "two", "--from-literal=a=b", "--from-literal=c=d")
    assert refused.err == (
        "error: failed to create configmap: configmaps \"two\" is forbidden: ValidatingAdmissionPolicy 'short' with "
        "binding 'short' denied request: too many\n"
    )
    assert kubectl.out("create", "configmap", "one", "--from-literal=a=b") == "configmap/one created\n"
    kubectl.out("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", "short")


def test_use_is_shown(kubectl: Kubectl) -> None:
    """`top` tells of pods and nodes where the metrics addon is on."""
    use = '{"metadata":{"annotations":{"sim.ktui.dev/cpu-use":"250m","sim.ktui.dev/memory-use":"64Mi"}}}'
    kubectl.out("run", "busy", "--image=nginx", "--overrides", use)
    kubectl.out("wait", "--for=condition=Ready", "pod/busy")
    shown = kubectl("top", "pods", "--no-headers")
    for _ in range(100):  # a container is told of once it has run for 15 s of the cluster's time
        if shown.code == 0:
            break
        shown = kubectl("top", "pods", "--no-headers")
    assert shown.out.split() == ["busy", "250m", "64Mi"]
    nodes = kubectl.out("top", "nodes").splitlines()
    assert nodes[0].split() == ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]
    assert [line.split()[0] for line in nodes[1:]] == ["node-1", "node-2", "node-3"]
