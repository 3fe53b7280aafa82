"""The world: clients in Go's words, kernels in Linux's, services, networks. Not statistics, not files."""
