"""Parameter studies: arms, axes, replications, claims and their verdicts, kept in a store that resumes."""
