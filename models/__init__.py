"""The world: clients in Go's words, kernels in Linux's, services, networks. Not statistics, not files."""

import sim  # noqa: F401 (it offers the compiled modules, before the first of ours is looked for)
