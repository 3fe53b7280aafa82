"""check_certificates: refuses issuers, certificates and requests for them that cannot go together in a scenario."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any


def is_certified(scenario: Any) -> bool:
    """Whether the time of any certificate matters."""
    of_services = [service.tls.certificate for service in scenario.services.values() if service.scheme == "https"]
    of_clients = [client.tls.certificate for client in scenario.clients.values()]
    watched = any(one is not None and one.is_watched for one in (*of_services, *of_clients))
    return watched or any(event.clock_skew is not None for event in scenario.timeline)


def is_mutual(scenario: Any) -> bool:
    """Whether any service asks for certificates."""
    return any(service.tls.client_auth == "require" for service in scenario.services.values())


def check_certificates(scenario: Any) -> None:
    """Refuse what cannot be.

    Raises
    ------
    ValueError
        A certificate names an issuer that is not there, a service of http has one, a client has none for a service that
        asks for it, or a tunnel leads there; its place comes first.
    """
    for name, service in scenario.services.items():
        tls = service.tls
        asks = "client_auth" if tls.client_auth == "require" else "certificate" if tls.certificate.is_watched else ""
        if asks and service.scheme != "https":
            raise ValueError(f"services.{name}.tls.{asks}: {name} is a service of http; write scheme: https beside it")
        _check_issuer(scenario, f"services.{name}.tls.certificate", tls.certificate.issuer)
    for name, client in scenario.clients.items():
        if client.tls.certificate is not None:
            _check_issuer(scenario, f"clients.{name}.tls.certificate", client.tls.certificate.issuer)
    for client, service in _pairs(scenario):
        _check_pair(scenario, client, service)


def _pairs(scenario: Any) -> Iterator[tuple[str, str]]:
    """Who asks whom."""
    for workload in scenario.workloads.values():
        yield from ((workload.client, service) for service in workload.targets())
    for service in scenario.services.values():
        if service.relay is not None:
            yield service.relay.client, service.relay.service


def _check_pair(scenario: Any, client: str, service: str) -> None:
    asker, proxy = scenario.clients[client], scenario.clients[client].transport.proxy
    for name in (service,) if proxy is None else (proxy.service, service):
        tls = scenario.services[name].tls
        if tls.client_auth == "require" and asker.tls.certificate is None:
            raise ValueError(
                f"services.{name}.tls.client_auth: {client} has no certificate, and Go would answer each of its"
                f" handshakes with `tls: certificate required`; write clients.{client}.tls.certificate: {{}}"
            )
        if proxy is not None and name == service and (tls.client_auth == "require" or tls.certificate.is_watched):
            raise ValueError(
                f"clients.{client}.transport.proxy: certificates of {name} are not followed through a tunnel;"
                " leave out the proxy, or what the service says of certificates"
            )


def _check_issuer(scenario: Any, place: str, issuer: str) -> None:
    if issuer and issuer not in scenario.issuers:
        raise ValueError(f"{place}.issuer: no issuer is called {ask_issuer(issuer, scenario.issuers)}")


def ask_issuer(unknown: str, known: Mapping[str, object]) -> str:
    """The unknown name, and what was probably meant."""
    near = get_close_matches(unknown, known, 1)
    if near:
        return f"{unknown}; did you mean {near[0]}?"
    return f"{unknown}; known here: {', '.join(known)}" if known else f"{unknown}; write issuers: {{{unknown}: spire}}"
