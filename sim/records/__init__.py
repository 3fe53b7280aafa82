"""What happened, as columns: tables of packed rows, levels over time, fingerprints, a run's folder."""
