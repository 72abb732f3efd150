"""The autoscaler controller: every 15 s, what an autoscaler's metrics ask for becomes its target's size.

Between the readers of autoscalers and pods and the scale subresource. Mirrors pkg/controller/podautoscaler
(horizontal.go). Invariant: without autoscalers nothing is due and no pod is read, and a status is written
only when it changed.
"""

from typing import Any, NamedTuple

from msgspec.structs import replace

from cluster.api import labels
from cluster.api.autoscaling import (
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerCondition,
    HorizontalPodAutoscalerStatus,
    MetricStatus,
)
from cluster.api.cluster import Cluster
from cluster.api.errors import ApiError, BadRequest
from cluster.api.kinds import HORIZONTAL_POD_AUTOSCALERS, PODS, Kind, key_of
from cluster.apiserver import ApiServer, scaling
from cluster.apiserver.scaling import Scale
from cluster.controllers.horizontal_pod_autoscaler import limits
from cluster.controllers.horizontal_pod_autoscaler.limits import Bounds, Past
from cluster.controllers.horizontal_pod_autoscaler.metrics import NO_SERVER, Asked, Measurements, Unknown
from cluster.controllers.horizontal_pod_autoscaler.pods import SelectedPods
from cluster.reconcile import Reader, WorkQueue
from cluster.table import METADATA

ACTOR = COMPONENT = "horizontal-pod-autoscaler"
PERIOD = 15_000
UNABLE = "the HPA was unable to compute the replica count: "
NO_SELECTOR = "selector is required"
MISSING_SELECTOR = "the HPA target's scale is missing a selector"


class CannotScale(Exception):
    """Why the metrics are not asked, or say nothing."""


class Target(NamedTuple):
    """What an autoscaler scales."""

    kind: Kind[Any]
    key: str
    scale: Scale


class Wanted(NamedTuple):
    """What the metrics ask for together; `shown` is a status for each metric, empty for one that says nothing."""

    replicas: int
    metric: str
    shown: tuple[MetricStatus, ...]


class HorizontalPodAutoscalerController:
    """Scales the targets of autoscalers."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:
        self._api, self._served = api, config.addons.metrics
        self._autoscalers = api.store.table(HORIZONTAL_POD_AUTOSCALERS)
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, PERIOD)
        self._selected = SelectedPods(api.store.table(PODS))
        self._past: dict[str, Past] = {}
        self._reads_pods = False
        Reader(api.store, api.clock, HORIZONTAL_POD_AUTOSCALERS, self._on_autoscaler)

    def _on_autoscaler(self, key: str, _: HorizontalPodAutoscaler | None, new: HorizontalPodAutoscaler | None) -> None:
        if new is None:
            self._past.pop(key, None)
            self._selected.drop(key)
        else:
            self._queue.add(key)

    def _reconcile(self, key: str) -> int | None:
        autoscaler = self._autoscalers.get(key)
        if autoscaler is None:
            return None
        status = Sync(self._api, autoscaler, self).run(key)
        if status != autoscaler.status:
            new = replace(autoscaler, status=status)
            self._api.update_status(HORIZONTAL_POD_AUTOSCALERS, new, actor=ACTOR, previous=autoscaler)
        return PERIOD

    def past(self, key: str, replicas: int) -> Past:
        """What is remembered of an autoscaler; at first that its target has so many replicas."""
        found = self._past.get(key)
        if found is None:
            found = self._past[key] = Past(replicas, self._api.clock.now)
        return found

    def measurements(self, key: str, autoscaler: HorizontalPodAutoscaler, scale: Scale) -> Measurements:
        """The use of the target's pods; CannotScale if these are not known, or another autoscaler's too."""
        if not self._reads_pods:
            self._reads_pods = True
            Reader(self._api.store, self._api.clock, PODS, self._selected.on_pod, parts=METADATA)
        self._selected.define(key, labels.parse(scale.selector))
        rivals = self._selected.rivals(key)
        if len(rivals) > 1:
            words = f"pods by selector {scale.selector} are controlled by multiple HPAs: [{' '.join(rivals)}]"
            raise CannotScale(words)
        pods = self._selected.of(key)
        return Measurements(autoscaler, scale.wanted, pods, self._api.clock, served=self._served)


class Sync:
    """One look at one autoscaler: events as they come, the status in the end."""

    def __init__(
        self, api: ApiServer, autoscaler: HorizontalPodAutoscaler, owner: HorizontalPodAutoscalerController
    ) -> None:
        self._api, self._autoscaler, self._owner = api, autoscaler, owner
        self._status = autoscaler.status

    def run(self, key: str) -> HorizontalPodAutoscalerStatus:
        """Bring the target to the size it should have (`reconcileAutoscaler`)."""
        target = self._target()
        if target is None:
            return self._status
        spec, current = self._autoscaler.spec, target.scale.wanted
        bounds = Bounds(1 if spec.minReplicas is None else spec.minReplicas, spec.maxReplicas)
        past = self._owner.past(key, current)
        if current == 0 and bounds.least != 0:
            words = "scaling is disabled since the replica count of the target is zero"
            self._condition("ScalingActive", "False", "ScalingDisabled", words)
            self._sized(current, current, ())
        elif current > bounds.most:
            self._resize(target, past, bounds.most, "Current number of replicas above Spec.MaxReplicas", ())
        elif current < bounds.least:
            self._resize(target, past, bounds.least, "Current number of replicas below Spec.MinReplicas", ())
        else:
            self._by_metrics(key, target, past, bounds)
        return self._status

    def _target(self) -> Target | None:
        """The target with its scale; None, and said so, if there is none."""
        found = self._find()
        if isinstance(found, str):
            self._event("Warning", "FailedGetScale", found)
            words = f"the HPA controller was unable to get the target's current scale: {found}"
            self._condition("AbleToScale", "False", "FailedGetScale", words)
            return None
        words = "the HPA controller was able to get the target's current scale"
        self._condition("AbleToScale", "True", "SucceededGetScale", words)
        return found

    def _find(self) -> Target | str:
        """The target, or why there is none."""
        reference, namespace = self._autoscaler.spec.scaleTargetRef, self._autoscaler.metadata.namespace
        group = reference.apiVersion.rpartition("/")[0]
        served = self._api.registry.kinds
        kind = next((each for each in served if (each.group, each.kind) == (group, reference.kind)), None)
        if kind is None:
            return f'no matches for kind "{reference.kind}" in group "{group}"'
        if "scale" not in kind.subresources:
            return NO_SERVER
        key = key_of(namespace, reference.name)
        value = self._api.find(kind, key)
        return scaling.missing(kind, key).message if value is None else Target(kind, key, scaling.scale_of(kind, value))

    # What the metrics ask for

    def _by_metrics(self, key: str, target: Target, past: Past, bounds: Bounds) -> None:
        current = target.scale.wanted
        try:
            wanted = self._wanted(key, target.scale)
        except CannotScale as error:
            self._event("Warning", "FailedComputeMetricsReplicas", str(error))
            return
        reason = f"{wanted.metric} above target" if wanted.replicas > current else "All metrics below target"
        behavior, now = self._autoscaler.spec.behavior, self._api.clock.now
        if behavior is None:
            answer = limits.plain(current, wanted.replicas, bounds, past, now)
        else:
            answer = limits.behaved(current, wanted.replicas, bounds, behavior, past, now)
        self._condition("AbleToScale", "True", *answer.able)
        self._condition("ScalingLimited", "True" if answer.limited else "False", *answer.limit)
        if answer.replicas != current:
            self._resize(target, past, answer.replicas, reason, wanted.shown)
        else:
            self._sized(current, current, wanted.shown)

    def _wanted(self, key: str, scale: Scale) -> Wanted:
        """The most that any metric asks for; CannotScale if some say nothing and the others would shrink (`computeReplicasForMetrics`)."""
        measurements = self._measurements(key, scale)
        found = [measurements.ask(spec) for spec in self._autoscaler.spec.metrics]
        for each in found:
            if isinstance(each, Unknown):
                self._event("Warning", each.reason, each.message)
        asked = [each for each in found if isinstance(each, Asked)]
        unknown = [each for each in found if isinstance(each, Unknown)]
        shown = tuple(each.status if isinstance(each, Asked) else MetricStatus() for each in found)
        most = max(asked, key=lambda each: each.replicas, default=None)
        if most is None or (unknown and most.replicas < scale.wanted):
            first = unknown[0]
            self._condition("ScalingActive", "False", first.reason, f"{UNABLE}{first.message}")
            self._status = replace(self._status, currentReplicas=scale.wanted, currentMetrics=shown)
            words = f"{first.heading}: {first.message}" if first.heading else first.message
            raise CannotScale(f"invalid metrics ({len(unknown)} invalid out of {len(found)}), first error is: {words}")
        words = f"the HPA was able to successfully calculate a replica count from {most.name}"
        self._condition("ScalingActive", "True", "ValidMetricFound", words)
        return Wanted(most.replicas, most.name, shown)

    def _measurements(self, key: str, scale: Scale) -> Measurements:
        """The use of the pods; CannotScale if the selector is of no use (`validateAndParseSelector`)."""
        if not scale.selector:
            raise self._unfit(scale, "SelectorRequired", NO_SELECTOR, "InvalidSelector", MISSING_SELECTOR)
        try:
            return self._owner.measurements(key, self._autoscaler, scale)
        except BadRequest as error:
            words = f"couldn't convert selector into a corresponding internal selector object: {error.message}"
            raise self._unfit(scale, "InvalidSelector", words, "InvalidSelector", words) from error
        except CannotScale as error:
            words = str(error)
            raise self._unfit(scale, "AmbiguousSelector", words, "AmbiguousSelector", words) from error

    def _unfit(self, scale: Scale, event: str, words: str, reason: str, message: str) -> CannotScale:
        self._event("Warning", event, words)
        self._condition("ScalingActive", "False", reason, message)
        self._status = replace(self._status, currentReplicas=scale.wanted, currentMetrics=())
        return CannotScale(words)

    # What comes of it

    def _resize(self, target: Target, past: Past, replicas: int, reason: str, shown: tuple[MetricStatus, ...]) -> None:
        current = target.scale.wanted
        try:
            self._api.scale(target.kind, target.key, replicas, actor=ACTOR)
        except ApiError as error:
            words = f"New size: {replicas}; reason: {reason}; error: {error.message}"
            self._event("Warning", "FailedRescale", words)
            words = f"the HPA controller was unable to update the target scale: {error.message}"
            self._condition("AbleToScale", "False", "FailedUpdateScale", words)
            self._status = replace(self._status, currentReplicas=current)
            return
        words = f"the HPA controller was able to update the target scale to {replicas}"
        self._condition("AbleToScale", "True", "SucceededRescale", words)
        self._event("Normal", "SuccessfulRescale", f"New size: {replicas}; reason: {reason}")
        if self._autoscaler.spec.behavior is not None:
            past.change(replicas - current, self._api.clock.now)
        self._sized(current, replicas, shown)
        self._status = replace(self._status, lastScaleTime=self._api.clock.timestamp())

    def _sized(self, current: int, wanted: int, shown: tuple[MetricStatus, ...]) -> None:
        self._status = replace(self._status, currentReplicas=current, desiredReplicas=wanted, currentMetrics=shown)

    def _condition(self, kind: str, status: str, reason: str, message: str) -> None:
        """Set a condition in its place; its transition time moves only with its status."""
        conditions, time = list(self._status.conditions), self._api.clock.timestamp()
        place = next((number for number, each in enumerate(conditions) if each.type == kind), len(conditions))
        if place < len(conditions) and conditions[place].status == status:
            time = conditions[place].lastTransitionTime
        conditions[place : place + 1] = [
            HorizontalPodAutoscalerCondition(
                type=kind, status=status, reason=reason, message=message, lastTransitionTime=time
            )
        ]
        self._status = replace(self._status, conditions=tuple(conditions))

    def _event(self, severity: str, reason: str, message: str) -> None:
        self._api.events.record(
            HORIZONTAL_POD_AUTOSCALERS, self._autoscaler, severity, reason, message, component=COMPONENT
        )
