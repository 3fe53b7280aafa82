"""The engine: an integer-nanosecond clock, plain calls, timers, machines, streams and distributions."""
