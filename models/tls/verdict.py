"""What the two ends say of a certificate that they do not accept, in Go's words. Not when they look.

Sources: crypto/x509, CertificateInvalidError, UnknownAuthorityError; crypto/tls, Conn.verifyServerCertificate,
Conn.processCertsFromClient, pickCertificate, alertText.
"""

from models.certificates.certificate import Flaw

EXPIRED = "x509: certificate has expired or is not yet valid"
"""CertificateInvalidError of Expired; what Go adds, both times, is left out: a run has no date."""
UNKNOWN_AUTHORITY = "x509: certificate signed by unknown authority"
"""UnknownAuthorityError."""
NO_CERTIFICATE = "remote error: tls: internal error"
"""A server whose GetCertificate has none to give (alertInternalError)."""

AT_THE_CLIENT = {
    Flaw.NONE: "",
    Flaw.ABSENT: NO_CERTIFICATE,
    Flaw.EXPIRED: EXPIRED,
    Flaw.UNKNOWN_AUTHORITY: UNKNOWN_AUTHORITY,
}
"""What a dial fails with."""
AT_THE_SERVER = {
    Flaw.NONE: "",
    Flaw.ABSENT: "remote error: tls: certificate required",
    Flaw.EXPIRED: "remote error: tls: expired certificate",
    Flaw.UNKNOWN_AUTHORITY: "remote error: tls: unknown certificate authority",
}
"""What a server answers to a client's certificate, as the client reads it (1.3: alertCertificateRequired)."""
NONE_SHOWN_1_2 = "remote error: tls: handshake failure"
"""The same of TLS 1.2, where the client has none to show (alertHandshakeFailure)."""
