"""The tests as a regular package: a `tests` that some library installed would hide a namespace package."""
