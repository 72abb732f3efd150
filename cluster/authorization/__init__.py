"""Authorization: who may do what (RBAC), and the roles that every cluster has.

On the data's way between a request from outside and the verb it asks for; the cluster's own components are
trusted and never come here. Mirrors plugin/pkg/auth/authorizer/rbac. Invariant: reading only.
"""

from cluster.authorization.attributes import Attributes, refused
from cluster.authorization.rbac import Decision, Rbac
from cluster.authorization.users import ANONYMOUS, OWNER, User

__all__ = ["ANONYMOUS", "OWNER", "Attributes", "Decision", "Rbac", "User", "refused"]
