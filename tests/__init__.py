"""The tests, a package of their own: Ciw installs another one called tests."""
