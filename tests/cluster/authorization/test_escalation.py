"""The guard of roles and bindings: nobody gives away more than they have."""

import pytest
from msgspec.structs import replace

from cluster.api.errors import Forbidden, NotFound
from cluster.api.meta import LabelSelector, ObjectMeta, Resource
from cluster.api.rbac import AggregationRule, ClusterRole, PolicyRule
from cluster.authorization import User, escalation
from tests.cluster.authorization.policies import (
    GROUP,
    JANE,
    READ_PODS,
    Policies,
    binding,
    cluster_binding,
    cluster_role,
    role,
    user,
)

MANAGE = PolicyRule(apiGroups=(GROUP,), resources=("roles", "rolebindings"), verbs=("create", "update"))
SECRETS = PolicyRule(apiGroups=("",), resources=("secrets",), verbs=("get", "list"))


@pytest.fixture
def made() -> Policies:
    """Jane reads pods and manages roles in the namespace shop."""
    policies = Policies()
    policies.put(role("own", READ_PODS, MANAGE), binding("own", "own", user("jane")))
    return policies


def refusal(made: Policies, new: Resource, old: Resource | None = None, who: User = JANE) -> str:
    """What the writer is told, "" if they may write it."""
    try:
        escalation.check(made.rbac, who, new, old)
    except Forbidden as error:
        return error.message
    return ""


def test_a_role_may_hold_what_its_writer_has(made: Policies) -> None:
    """Rules that the writer's cover are fine; what is missing is listed, by resource, in Kubernetes' words."""
    assert refusal(made, role("new", READ_PODS)) == ""
    assert refusal(made, role("new", READ_PODS, SECRETS)) == (
        'roles.rbac.authorization.k8s.io "new" is forbidden: user "jane" (groups=["staff" "system:authenticated"]) '
        "is attempting to grant RBAC permissions not currently held:\n"
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'
    )
    elsewhere = role("new", READ_PODS, namespace="other")
    assert "not currently held" in refusal(made, elsewhere)


def test_what_is_missing_is_sorted_and_told_once(made: Policies) -> None:
    """Each resource (and name) once, with its verbs; URLs as they are."""
    named = PolicyRule(apiGroups=("",), resources=("secrets",), resourceNames=("a", "b"), verbs=("get",))
    urls = PolicyRule(nonResourceURLs=("/metrics",), verbs=("get",))
    told = refusal(made, cluster_role("new", urls, named, SECRETS, SECRETS)).split("\n")[1:]
    assert told == [
        '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}',
        '{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}',
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list" "get" "list"]}',
        '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
    ]


def test_escalate_and_bind_are_rights_of_their_own(made: Policies) -> None:
    """Who may escalate writes any role; who may bind a role gives it without having it."""
    escalate = PolicyRule(apiGroups=(GROUP,), resources=("roles",), verbs=("escalate",))
    made.put(role("more", escalate), binding("more", "more", user("joe")))
    assert refusal(made, role("new", SECRETS), who=User("joe")) == ""
    made.put(cluster_role("secrets", SECRETS))
    given = binding("given", "secrets", user("x"), kind="ClusterRole")
    assert "not currently held" in refusal(made, given)
    bind = PolicyRule(apiGroups=(GROUP,), resources=("clusterroles",), resourceNames=("secrets",), verbs=("bind",))
    made.put(role("binder", bind), binding("binder", "binder", user("jane")))
    assert refusal(made, given) == ""
    assert "not currently held" in refusal(made, cluster_binding("given", "secrets", user("x")))


def test_a_binding_gives_what_its_writer_has(made: Policies) -> None:
    """The role's rules count as if they were written; a role that does not exist is a 404 of its resource."""
    made.put(role("pods", READ_PODS), role("secrets", SECRETS))
    assert refusal(made, binding("a", "pods", user("x"))) == ""
    assert refusal(made, binding("a", "secrets", user("x"))).startswith(
        'rolebindings.rbac.authorization.k8s.io "a" is forbidden: user "jane" (groups='
    )
    with pytest.raises(NotFound, match=r'roles\.rbac\.authorization\.k8s\.io "gone" not found'):
        escalation.check(made.rbac, JANE, binding("a", "gone", user("x")), None)


def test_roles_not_found_are_told(made: Policies) -> None:
    """A binding of the writer whose role is gone might have covered it, so it is named."""
    made.put(binding("broken", "gone", user("jane")))
    told = refusal(made, role("new", SECRETS))
    assert told.endswith('; resolution errors: [roles.rbac.authorization.k8s.io "gone" not found]')


def test_aggregation_needs_everything(made: Policies) -> None:
    """A role that gathers others' rules may come to hold anything: only who has all may write it."""
    rule = AggregationRule(clusterRoleSelectors=(LabelSelector(matchLabels={"a": "b"}),))
    gathering = ClusterRole(metadata=ObjectMeta(name="all"), aggregationRule=rule)
    words = (
        'clusterroles.rbac.authorization.k8s.io "all" is forbidden: '
        "must have cluster-admin privileges to use the aggregationRule"
    )
    assert refusal(made, gathering) == words
    assert refusal(made, cluster_role("all"), gathering) == words
    every = PolicyRule(apiGroups=("*",), resources=("*",), verbs=("*",))
    made.put(cluster_role("root", every, PolicyRule(nonResourceURLs=("*",), verbs=("*",))))
    made.put(cluster_binding("root", "root", user("root")))
    assert refusal(made, gathering, who=User("root")) == ""
    assert refusal(made, role("new", SECRETS), who=User("any", ("system:masters",))) == ""


def test_letting_go_of_a_role_needs_nothing(made: Policies) -> None:
    """Taking finalizers or owners away only lets it be deleted."""
    held = role("held", SECRETS)
    held = replace(held, metadata=replace(held.metadata, finalizers=("example.com/hold",)))
    released = replace(held, metadata=replace(held.metadata, finalizers=()))
    assert refusal(made, released, held) == ""
    assert "not currently held" in refusal(made, role("held", SECRETS, READ_PODS), held)
