"""RBAC: who is allowed what by the roles bound to them, and what is said of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.api.meta import Resource
from cluster.api.rbac import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject
from cluster.authorization import Attributes, User
from cluster.authorization.rules import allows
from cluster.authorization.users import account_groups, account_name
from tests.cluster.authorization.policies import (
    JANE,
    READ_PODS,
    Policies,
    account,
    binding,
    cluster_binding,
    cluster_role,
    group,
    role,
    user,
)


def test_a_role_holds_in_its_namespace_and_a_cluster_role_where_it_is_bound() -> None:
    """A RoleBinding gives in its own namespace only, whichever role it names; a ClusterRoleBinding everywhere."""
    made = Policies()
    made.put(role("reader", READ_PODS), binding("a", "reader", user("jane")))
    assert made.allowed("get", namespace="shop")
    assert not made.allowed("get", namespace="other")
    assert not made.allowed("get")
    made.put(cluster_role("reader", READ_PODS), binding("b", "reader", user("jane"), kind="ClusterRole", namespace="x"))
    assert made.allowed("list", namespace="x")
    assert not made.allowed("list", namespace="other")
    made.put(cluster_binding("c", "reader", group("staff")))
    assert made.allowed("list", namespace="other")
    assert made.allowed("list")
    assert not made.allowed("delete")


def test_subjects_are_users_groups_and_accounts() -> None:
    """An account without a namespace is the binding's own; a group's name is no user's."""
    made = Policies()
    made.put(role("reader", READ_PODS))
    made.put(binding("a", "reader", account("bot"), account("far", "other"), group("team")))
    bot, far = User(account_name("shop", "bot")), User(account_name("other", "far"))
    assert made.allowed("get", user=bot, namespace="shop")
    assert made.allowed("get", user=far, namespace="shop")
    assert made.allowed("get", user=User("x", ("team",)), namespace="shop")
    assert not made.allowed("get", user=User(account_name("other", "bot")), namespace="shop")
    assert not made.allowed("get", user=User("team"), namespace="shop")


def test_changes_of_bindings_and_roles_hold_at_once() -> None:
    """A binding given, changed and taken away, and a role's rules, count from the next question on."""
    made = Policies()
    assert not made.allowed("get", namespace="shop")
    made.put(role("reader", READ_PODS), binding("a", "reader", user("jane")))
    assert made.allowed("get", namespace="shop")
    made.put(binding("a", "reader", user("joe")))
    assert not made.allowed("get", namespace="shop")
    assert made.allowed("get", user=User("joe"), namespace="shop")
    made.put(role("reader"))
    assert not made.allowed("get", user=User("joe"), namespace="shop")
    made.put(role("reader", READ_PODS))
    made.delete(binding("a", "reader"))
    assert not made.allowed("get", user=User("joe"), namespace="shop")


def test_history_that_is_gone_changes_no_answer() -> None:
    """An authorizer that reads on after compaction reads everything anew."""
    made = Policies()
    made.put(role("reader", READ_PODS), binding("a", "reader", user("joe")))
    made.allowed("get")
    made.put(binding("a", "reader", user("jane")))
    made.put(binding("a", "reader", user("jane"), user("jim")))
    made.store.compact(made.store.revision)
    assert made.allowed("get", namespace="shop")
    assert not made.allowed("get", user=User("joe"), namespace="shop")


def test_masters_may_do_anything() -> None:
    """The group system:masters needs no role, nor could taking one away stop it."""
    made = Policies()
    assert made.allowed("delete", "nodes", user=User("root", ("system:masters",)))


def test_the_reason_names_the_binding() -> None:
    """An answer says by which binding, of which role, to whom; a refusal which roles it could not find."""
    made = Policies()
    made.put(role("reader", READ_PODS), binding("a", "reader", account("bot")))
    bot = User(account_name("shop", "bot"))
    decision = made.rbac.authorize(Attributes(bot, "get", "", "pods", namespace="shop"))
    assert decision.reason == 'RBAC: allowed by RoleBinding "a/shop" of Role "reader" to ServiceAccount "bot/shop"'
    made.put(cluster_role("reader", READ_PODS), cluster_binding("all", "reader", group("staff")))
    decision = made.rbac.authorize(Attributes(JANE, "get", "", "pods"))
    assert decision.reason == 'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "reader" to Group "staff"'
    made.put(binding("b", "gone", user("jim")), cluster_binding("c", "lost", user("jim")))
    jim = Attributes(User("jim"), "get", "", "pods", namespace="shop")
    assert made.rbac.authorize(jim).reason == (
        'RBAC: [clusterrole.rbac.authorization.k8s.io "lost" not found, role.rbac.authorization.k8s.io "gone" not found]'
    )


def test_rules_match_as_they_are_written() -> None:
    """Stars, subresources of any resource, names, and URLs with a star at their end."""
    rule = PolicyRule(apiGroups=("apps",), resources=("deployments", "*/scale"), verbs=("*",))
    assert allows(rule, Attributes(JANE, "get", "apps", "deployments"))
    assert allows(rule, Attributes(JANE, "patch", "apps", "replicasets", "scale"))
    assert not allows(rule, Attributes(JANE, "get", "apps", "replicasets"))
    assert not allows(rule, Attributes(JANE, "get", "apps", "deployments", "status"))
    assert not allows(rule, Attributes(JANE, "get", "", "deployments"))
    named = PolicyRule(apiGroups=("*",), resources=("*",), resourceNames=("a",), verbs=("get",))
    assert allows(named, Attributes(JANE, "get", "x", "y", "z", name="a"))
    assert not allows(named, Attributes(JANE, "get", "x", "y", name="b"))
    assert not allows(named, Attributes(JANE, "list", "x", "y"))
    urls = PolicyRule(nonResourceURLs=("/healthz", "/logs/*"), verbs=("get",))
    assert allows(urls, Attributes(JANE, "get", path="/healthz"))
    assert allows(urls, Attributes(JANE, "get", path="/logs/a/b"))
    assert not allows(urls, Attributes(JANE, "get", path="/logs"))
    assert not allows(urls, Attributes(JANE, "get", "", "healthz"))


NAMES = st.sampled_from(["a", "b", "c"])
SPACES = st.sampled_from(["shop", "other"])
SUBJECTS = st.one_of(
    NAMES.map(user), NAMES.map(group), st.builds(account, NAMES, st.sampled_from(["", "shop", "other"])),
    NAMES.map(lambda name: Subject(kind="Robot", name=name)),
)  # fmt: skip
RULES = st.builds(
    lambda resource, verb: PolicyRule(apiGroups=("",), resources=(resource,), verbs=(verb,)),
    st.sampled_from(["pods", "nodes", "*"]), st.sampled_from(["get", "list", "*"]),
)  # fmt: skip
OBJECTS: st.SearchStrategy[Resource] = st.one_of(
    st.builds(lambda name, rule, space: role(name, rule, namespace=space), NAMES, RULES, SPACES),
    st.builds(cluster_role, NAMES, RULES),
    st.builds(
        lambda name, to, subjects, kind, space: binding(name, to, *subjects, kind=kind, namespace=space),
        NAMES, NAMES, st.lists(SUBJECTS, max_size=3), st.sampled_from(["Role", "ClusterRole"]), SPACES,
    ),
    st.builds(lambda name, to, subjects: cluster_binding(name, to, *subjects), NAMES, NAMES, st.lists(SUBJECTS, max_size=3)),
)  # fmt: skip
USERS = st.one_of(
    st.builds(lambda name, groups: User(name, tuple(groups)), NAMES, st.lists(NAMES, max_size=2)),
    st.builds(lambda space, name: User(account_name(space, name), account_groups(space)), SPACES, NAMES),
)
QUESTIONS = st.builds(
    lambda who, verb, resource, space: Attributes(who, verb, "", resource, namespace=space),
    USERS, st.sampled_from(["get", "list", "delete"]), st.sampled_from(["pods", "nodes"]),
    st.sampled_from(["", "shop", "other"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(OBJECTS, st.booleans(), QUESTIONS), max_size=25))
def test_the_index_agrees_with_looking_at_everything(steps: list[tuple[Resource, bool, Attributes]]) -> None:
    """After any writes and deletions, the answer is the one of a literal search through every binding."""
    made = Policies()
    present: dict[tuple[str, str, str], Resource] = {}
    for value, deleted, question in steps:
        key = (type(value).__name__, value.metadata.namespace, value.metadata.name)
        if not deleted:
            made.put(value)
            present[key] = value
        elif key in present:
            made.delete(value)
            del present[key]
        assert made.rbac.authorize(question).allowed == literally_allowed(present, question)


def literally_allowed(present: dict[tuple[str, str, str], Resource], question: Attributes) -> bool:
    """The answer by every binding there is (`VisitRulesFor`)."""
    for found in present.values():
        if not isinstance(found, RoleBinding | ClusterRoleBinding):
            continue
        own = found.metadata.namespace
        if isinstance(found, RoleBinding) and own != question.namespace:
            continue
        if not any(applies(subject, question.user, own) for subject in found.subjects):
            continue
        place = own if found.roleRef.kind == "Role" else ""
        bound = present.get((found.roleRef.kind, place, found.roleRef.name))
        if isinstance(bound, Role | ClusterRole) and any(allows(rule, question) for rule in bound.rules):
            return True
    return False


def applies(subject: Subject, who: User, namespace: str) -> bool:
    """Whether a subject means a user (`appliesToUser`)."""
    if subject.kind == "User":
        return subject.name == who.name
    if subject.kind == "Group":
        return subject.name in who.groups
    place = subject.namespace or namespace
    named = f"system:serviceaccount:{place}:{subject.name}"
    return subject.kind == "ServiceAccount" and bool(place) and who.name == named
