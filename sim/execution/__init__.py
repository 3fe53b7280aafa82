"""Running what a study plans: trials in processes or on a cluster, sweeps in rounds, how far they are."""
