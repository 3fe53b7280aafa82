"""What was measured of a kernel, played again by the kernel model: from a measurement's set-up to its figures."""
