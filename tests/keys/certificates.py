"""Cases of the keys of certificates, of their issuers, and of what happens to either."""

from tests.keys.case import CHURN, TLS, Case, change

ISSUER = "issuers.mesh={lifetime: 2s, backdating: 0s, check: 10ms}"
OTHER = "issuers.other={lifetime: 4s, backdating: 0s, check: 10ms}"
GO = "S.tls.cost=go"
MUTUAL = (TLS, CHURN, "S.tls.client_auth=require", GO)
MESH = (*MUTUAL, ISSUER, "S.tls.certificate.issuer=mesh", "G.tls.certificate.issuer=mesh")
AWAY = "timeline=[{at: 200ms, issuer_down: {for: 1700ms}}]"
MOUNTED = (*MESH, "issuers.mesh.delivery=mounted_secret", "issuers.mesh.sync=100ms")
BOTH = (*MESH, OTHER)
SHOWN = (*MUTUAL, "G.tls.certificate={}")
TWO = (*MESH, "S.backends=2", "S.resolve=each")


def _event(told: str) -> str:
    return f"timeline=[{{at: 200ms, {told}}}]"


CERTIFICATES: dict[str, Case] = {
    "clients.*.tls.certificate.issuer": change("G.tls.certificate.issuer=other", *BOTH),
    "clients.*.tls.certificate.not_before": change("G.tls.certificate.not_before=1s", *SHOWN),
    "clients.*.tls.certificate.not_after": change("G.tls.certificate.not_after=1s", *SHOWN),
    "clients.*.tls.certificate.key": change("G.tls.certificate.key=rsa_4096", *SHOWN),
    "services.*.tls.key_exchange": change("S.tls.key_exchange=p384", TLS, CHURN),
    "services.*.tls.cost": change("S.tls.cost=openssl", TLS, CHURN),
    "services.*.tls.client_auth": change("S.tls.client_auth=require", TLS, CHURN, "G.tls.certificate={}"),
    "services.*.tls.certificate.issuer": change("S.tls.certificate.issuer=other", *BOTH),
    "services.*.tls.certificate.not_before": change("S.tls.certificate.not_before=1s", TLS, CHURN),
    "services.*.tls.certificate.not_after": change("S.tls.certificate.not_after=1s", TLS, CHURN),
    "services.*.tls.ticket_lifetime": change("S.tls.ticket_lifetime=10ms", TLS, CHURN, "G.tls.client_session_cache=8"),
    "issuers.*.preset": change("issuers.mesh.preset=istio", *MESH),
    "issuers.*.lifetime": change("issuers.mesh.lifetime=1s", *MESH),
    "issuers.*.backdating": change("issuers.mesh.backdating=200ms", *MESH),
    "issuers.*.renew_at": change("issuers.mesh.renew_at=0.3", *MESH),
    "issuers.*.jitter": change("issuers.mesh.jitter=0.2", *MESH),
    "issuers.*.check": change("issuers.mesh.check=200ms", *MESH),
    "issuers.*.availability_target": change(
        "issuers.mesh.availability_target=14h", *MESH, "issuers.mesh.lifetime=30h", "issuers.mesh.check=5s"
    ),
    "issuers.*.backoff_max": change("issuers.mesh.backoff_max=11ms", *MESH, AWAY),
    "issuers.*.delivery": change("issuers.mesh.delivery=watch", *MESH),
    "issuers.*.sync": change("issuers.mesh.sync=500ms", *MOUNTED),
    "issuers.*.debounce": change("issuers.mesh.debounce=300ms", *MOUNTED),
    "issuers.*.ages": change("issuers.mesh.ages=new", *MESH),
    "timeline.[].issuer_down.issuer": change(
        _event("issuer_down: {issuer: other}"), *BOTH, _event("issuer_down: {issuer: mesh}")
    ),
    "timeline.[].issuer_down.for": change(_event("issuer_down: {for: 100ms}"), *MESH, AWAY),
    "timeline.[].issuer_down.of": change(_event("issuer_down: {for: 1700ms, of: push}"), *MESH, AWAY),
    "timeline.[].distrust.issuer": change(
        _event("distrust: {issuer: other}"), *BOTH, _event("distrust: {issuer: mesh}")
    ),
    "timeline.[].clock_skew.by": change(
        _event("clock_skew: {client: gw, by: -10s}"), *MESH, _event("clock_skew: {client: gw, by: 1ms}")
    ),
    "timeline.[].clock_skew.client": change(
        _event("clock_skew: {client: other, by: -10s}"), *MESH, "clients.other={}",
        _event("clock_skew: {client: gw, by: -10s}"),
    ),
    "timeline.[].clock_skew.service": change(
        _event("clock_skew: {service: b, by: -10s}"), *MESH, "services.b={}",
        _event("clock_skew: {service: a, by: -10s}"),
    ),
    "timeline.[].clock_skew.backend": change(
        _event("clock_skew: {service: a, backend: 1, by: -10s}"), *TWO,
        _event("clock_skew: {service: a, backend: 0, by: -10s}"),
    ),
    "timeline.[].clock_skew.for": change(
        _event("clock_skew: {client: gw, by: -10s, for: 500ms}"), *MESH, _event("clock_skew: {client: gw, by: -10s}")
    ),
}  # fmt: skip
