"""Where results of trials are kept, shared by sweeps that run at once, and what is kept of a study."""
