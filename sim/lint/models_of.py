"""The model of each kind of document."""

from collections.abc import Callable

from sim.lint.document import Document
from sim.lint.envoy_model import read_envoy
from sim.lint.go_model import read_go_literals
from sim.lint.istio_model import read_istio
from sim.lint.model import Model
from sim.lint.nginx_model import read_nginx_blocks
from sim.lint.proxy_models import read_gateway, read_kong, read_krakend, read_traefik
from sim.lint.scenario_model import read_scenario
from sim.lint.sysctl_model import read_settings

_READERS: dict[str, Callable[[Model], None]] = {
    "envoy": read_envoy, "gateway": read_gateway, "go": read_go_literals, "istio": read_istio, "kong": read_kong,
    "krakend": read_krakend, "nginx": read_nginx_blocks, "scenario": read_scenario, "sysctl": read_settings,
    "traefik": read_traefik,
}  # fmt: skip


def model_of(document: Document) -> Model:
    """The entities of a document."""
    model = Model(document)
    _READERS[document.kind](model)
    return model
