"""Admission policies: what users' own rules in CEL say of a request, after everything else was said.

The last look before the store, for the kinds and operations that a policy's binding names. Mirrors
k8s.io/apiserver/pkg/admission/plugin/policy/validating. Invariant: nothing is changed, and without a binding
nothing is evaluated.
"""

from cluster.admission.validating_policies.attributes import Attributes, Operation
from cluster.admission.validating_policies.dispatch import ValidatingPolicies

__all__ = ["Attributes", "Operation", "ValidatingPolicies"]
