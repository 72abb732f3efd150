"""The engine that ReplicaSets and ReplicationControllers share: so many pods of one template.

Between the store's pods and the two controllers, which only say how their kind differs. Mirrors
pkg/controller/replicaset. Invariant: a sync looks at counters, never at a list of pods.
"""
