"""What the tables of runs say: figures, quantiles, intervals, warm-up."""
