"""Links: how long a message is under way, and what loss does to it."""
