"""Handshake: round trips by version and resumption, CPU time by key type. Not records, not certificates."""

from sim.units import US

ROUND_TRIPS = {"1.2": 2, "1.3": 1}
"""After the TCP handshake, full (recordings E16: set-up 3.13 and 2.13 RTT in all); Go sends no 0-RTT data for HTTP."""

RESUMED_ROUND_TRIPS = {"1.2": 1, "1.3": 1}
"""RFC 5246, 7.3 (abbreviated handshake); RFC 8446, 2.2."""

CLIENT_CPU = {"ecdsa_p256": 700 * US, "rsa_2048": 650 * US, "rsa_4096": 750 * US}
"""CPU time of the client in a full handshake: key exchange and verification."""

SERVER_CPU = {"ecdsa_p256": 400 * US, "rsa_2048": 1_300 * US, "rsa_4096": 6_500 * US}
"""CPU time of the server in a full handshake: key exchange and signature."""

RESUMED_CPU = 400 * US
"""CPU time of both ends in a resumed handshake: a key exchange without signature."""


def handshake_time(version: str, key: str, rtt: int, *, resumed: bool) -> int:
    """Time from the established connection to the finished handshake, in ns."""
    if resumed:
        return RESUMED_ROUND_TRIPS[version] * rtt + RESUMED_CPU
    return ROUND_TRIPS[version] * rtt + CLIENT_CPU[key] + SERVER_CPU[key]
