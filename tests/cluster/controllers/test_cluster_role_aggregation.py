"""ClusterRoles that gather the rules of others."""

import pytest
from msgspec.structs import replace

from cluster.api.kinds import CLUSTER_ROLES
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.rbac import AggregationRule, ClusterRole, PolicyRule
from cluster.controllers.cluster_role_aggregation import ClusterRoleAggregationController
from cluster.engine import Engine
from tests.cluster.controllers.plane import USER, Plane

PODS, NODES = (PolicyRule(apiGroups=("",), resources=(name,), verbs=("get",)) for name in ("pods", "nodes"))


@pytest.fixture
def plane() -> Plane:
    """A plane with the controller and a role that gathers those with part=yes."""
    made = Plane(ClusterRoleAggregationController)
    rule = AggregationRule(clusterRoleSelectors=(LabelSelector(matchLabels={"part": "yes"}),))
    whole = ClusterRole(metadata=ObjectMeta(name="whole"), aggregationRule=rule)
    made.api.create(CLUSTER_ROLES, whole, actor=USER)
    return made


def write(plane: Plane, name: str, *rules: PolicyRule, part: str = "yes") -> None:
    """Create or replace a role that may be a part."""
    role = ClusterRole(metadata=ObjectMeta(name=name, labels={"part": part}), rules=rules)
    if plane.api.find(CLUSTER_ROLES, name) is None:
        plane.api.create(CLUSTER_ROLES, role, actor=USER)
    else:
        plane.api.update(CLUSTER_ROLES, role, actor=USER)
    plane.run()


def gathered(plane: Plane) -> tuple[PolicyRule, ...]:
    """The rules of the gathering role."""
    return plane.api.get(CLUSTER_ROLES, "whole").rules


def test_rules_are_gathered_by_name_and_once(plane: Plane) -> None:
    """Parts come in the order of their names, a rule that two have comes once, and then nothing is written."""
    write(plane, "b", PODS)
    write(plane, "a", NODES, PODS)
    write(plane, "c", PODS, part="no")
    assert gathered(plane) == (NODES, PODS)
    assert plane.quiet()


def test_parts_come_and_go(plane: Plane) -> None:
    """A changed, relabelled or deleted part changes the whole; rules written by hand do not stay."""
    write(plane, "a", PODS)
    write(plane, "a", NODES)
    assert gathered(plane) == (NODES,)
    write(plane, "a", NODES, part="no")
    assert gathered(plane) == ()
    write(plane, "a", NODES)
    plane.api.update(CLUSTER_ROLES, replace(plane.api.get(CLUSTER_ROLES, "whole"), rules=(PODS,)), actor=USER)
    plane.run()
    assert gathered(plane) == (NODES,)
    plane.restart(ClusterRoleAggregationController)
    plane.api.delete(CLUSTER_ROLES, "a", actor=USER)
    plane.run()
    assert gathered(plane) == ()


def test_another_rule_gathers_other_parts(plane: Plane) -> None:
    """The selectors decide as they are now; without them the rules stay as they were last."""
    write(plane, "a", PODS, part="other")
    whole = plane.api.get(CLUSTER_ROLES, "whole")
    rule = AggregationRule(clusterRoleSelectors=(LabelSelector(matchLabels={"part": "other"}),))
    plane.api.update(CLUSTER_ROLES, replace(whole, aggregationRule=rule), actor=USER)
    plane.run()
    assert gathered(plane) == (PODS,)
    plane.api.update(CLUSTER_ROLES, replace(plane.api.get(CLUSTER_ROLES, "whole"), aggregationRule=None), actor=USER)
    write(plane, "a", NODES, part="other")
    assert gathered(plane) == (PODS,)


def test_the_default_roles_are_gathered_in_turn() -> None:
    """Admin has all that edit has, and edit all that view has, soon after the start."""
    engine = Engine()
    engine.run_for(1_000)
    view, edit, admin = (set(engine.api.get(CLUSTER_ROLES, name).rules) for name in ("view", "edit", "admin"))
    assert view
    assert view < edit < admin
