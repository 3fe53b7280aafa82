"""Where requests come from: open-loop arrivals, closed-loop workers, recordings and access logs."""
