"""What a handshake costs in CPU time, by key type and end."""

from sim.units import US

CLIENT_CPU = {"ecdsa_p256": 700 * US, "rsa_2048": 650 * US, "rsa_4096": 750 * US}
"""CPU time of the client in a full handshake: key exchange and verification."""

SERVER_CPU = {"ecdsa_p256": 400 * US, "rsa_2048": 1_300 * US, "rsa_4096": 6_500 * US}
"""CPU time of the server in a full handshake: key exchange and signature."""

RESUMED_CLIENT_CPU = RESUMED_SERVER_CPU = 200 * US
"""CPU time of each end in a resumed handshake: a key exchange without signature."""
