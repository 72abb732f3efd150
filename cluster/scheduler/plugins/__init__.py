"""The scheduler's plugins, each a module of its own; `cluster.scheduler.registry` names them all."""
