"""Parameter studies: arms, axes, plans of trials, results, claims and their verdicts. What runs them is above."""
