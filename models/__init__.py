"""The world: clients in Go's words, kernels in Linux's, services, networks. Not statistics, not files."""

from sim import accelerator as _accelerator  # noqa: F401 (`sim` offers the compiled modules, before one of ours is sought)
