"""The simulated container runtime: images that are pulled and processes that run as they are told."""
