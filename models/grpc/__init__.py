"""gRPC's client channel: which connection a call gets, and what becomes of it. HTTP/2 itself is protocols' business."""
