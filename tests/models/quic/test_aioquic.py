"""The same handshakes by aioquic, in virtual time: round trips and probe time-outs of a real implementation.

Skipped where aioquic or cryptography is not installed; they are no dependency of anything else (extra `quic`).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.quic.rtt import MAX_ACK_DELAY, RttEstimate
from sim.units import MS
from tests.models.quic.bench import Bench

WHY = "needs aioquic: pip install 'transport-sim[quic]'"
connection = pytest.importorskip("aioquic.quic.connection", reason=WHY)
configuration = pytest.importorskip("aioquic.quic.configuration", reason=WHY)
recovery = pytest.importorskip("aioquic.quic.recovery", reason=WHY)

RTT = 0.020
ADDRESS = ("192.0.2.1", 4433)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key of P-256 and its certificate, of about 400 bytes."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=7300))
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encodings = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(*encodings))
    return chain, private


def shaken_at(certificate: tuple[Path, Path], lost: tuple[int, ...] = ()) -> float:
    """When aioquic's client has completed its handshake, ms; `lost` as at the bench."""
    config = configuration.QuicConfiguration(is_client=True, verify_mode=0)
    client = connection.QuicConnection(configuration=config)
    serving = configuration.QuicConfiguration(is_client=False)
    serving.load_cert_chain(*certificate)
    server: Any = None
    client.connect(ADDRESS, now=0.0)
    now, n_sent, under_way = 0.0, 0, []
    while now < 5.0:
        for to_server, end in ((True, client), (False, server)):
            for data, _ in end.datagrams_to_send(now=now) if end is not None else ():
                if n_sent not in lost:
                    under_way.append((now + RTT / 2, to_server, data))
                n_sent += 1
        if client._handshake_complete:
            return now * 1000
        timers = [end.get_timer() for end in (client, server) if end is not None]
        now = min([at for at, _, _ in under_way] + [at for at in timers if at is not None])
        due, under_way = [one for one in under_way if one[0] <= now], [one for one in under_way if one[0] > now]
        for _, to_server, data in due:
            if to_server and server is None:
                destination = client._peer_cid.cid
                server = connection.QuicConnection(
                    configuration=serving, original_destination_connection_id=destination
                )
            (server if to_server else client).receive_datagram(data, ADDRESS, now=now)
        for end in (client, server):
            if end is not None and (at := end.get_timer()) is not None and at <= now:
                end.handle_timer(now=now)
    raise AssertionError("no handshake within five seconds")


@pytest.mark.parametrize("lost", [(), (0,), (0, 1)], ids=["nothing", "the hello", "the hello twice"])
def test_a_handshake_takes_as_long_as_aioquics(certificate: tuple[Path, Path], lost: tuple[int, ...]) -> None:
    ours = Bench(lost, certificate_bytes=400).start().run(3_000).reader.happened["secured"]

    assert ours == pytest.approx(shaken_at(certificate, lost), abs=0.01)


@pytest.mark.parametrize("samples", [[20], [20] * 5, [20, 40, 10, 35], [300, 5]])
def test_the_probe_time_out_is_aioquics(samples: list[int]) -> None:
    theirs = recovery.QuicPacketRecovery(
        congestion_control_algorithm="reno",
        initial_rtt=0.1,
        max_datagram_size=1280,
        peer_completed_address_validation=True,
        send_probe=lambda: None,
    )
    ours = RttEstimate()
    assert ours.probe_timeout() / MS == pytest.approx(theirs.get_probe_timeout() * 1000)

    for sample in samples:
        ours.sample(sample * MS)
        _sample(theirs, sample / 1000)

    told = ours.probe_timeout(MAX_ACK_DELAY) - MAX_ACK_DELAY
    assert told / MS == pytest.approx((theirs.get_probe_timeout() - theirs.max_ack_delay) * 1000, abs=0.01)


def _sample(theirs: Any, seconds: float) -> None:
    """What aioquic's on_ack_received does with a sample without delay."""
    if not theirs._rtt_initialized:
        theirs._rtt_initialized = True
        theirs._rtt_smoothed, theirs._rtt_variance = seconds, seconds / 2
    else:
        theirs._rtt_variance = 3 / 4 * theirs._rtt_variance + 1 / 4 * abs(theirs._rtt_smoothed - seconds)
        theirs._rtt_smoothed = 7 / 8 * theirs._rtt_smoothed + 1 / 8 * seconds
