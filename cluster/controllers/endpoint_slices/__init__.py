"""The EndpointSlice controller: for every Service with a selector, the pods behind it in slices of 100."""

from cluster.controllers.endpoint_slices.controller import EndpointSliceController

__all__ = ["EndpointSliceController"]
