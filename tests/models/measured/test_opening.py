"""Handshakes that lose segments: what was simulated and never measured is no silent success."""

from models.measured.facts import Facts
from models.measured.opening import handshake_loss


def test_a_cluster_that_was_not_measured_has_nothing_to_agree_with() -> None:
    early = Facts({"result": {"SYN-ACK lost twice": [1038.2, 1052.3]}}, "handshake-loss")

    found = {one.name: one for one in handshake_loss(early)}

    assert found["SYN-ACK lost twice"].measured == (1038.2, 1052.3)
    assert found["SYN-ACK lost twice (later)"].measured == ()
    assert min(found["SYN-ACK lost twice (later)"].simulated) > 2000
