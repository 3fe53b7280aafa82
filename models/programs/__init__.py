"""What a backend's program does with a request: processors, heaps, collectors, pools. It knows no connection."""
