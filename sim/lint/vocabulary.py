"""Vocabulary: the fields of pools, routes and clusters in each kind of configuration, with its software's defaults.

Sources of the defaults: Go net/http and net; Envoy's v3 API; Istio's networking v1; Traefik's serversTransport; lura's
ServiceConfig (KrakenD); decK's services; nginx's upstream and proxy modules.
"""

from sim.lint.model import Field, Fields
from sim.lint.unit import duration

UNLIMITED = 2**32 - 1
NEVER = duration(0, "never")
_S = 1000

GO_TRANSPORT: Fields = {
    "max_idle": Field(("fields", "MaxIdleConns"), "count", 0),
    "max_idle_per_host": Field(("fields", "MaxIdleConnsPerHost"), "count", 0),
    "max_per_host": Field(("fields", "MaxConnsPerHost"), "count", 0),
    "idle_timeout": Field(("fields", "IdleConnTimeout"), "go_value", NEVER),
    "response_header_timeout": Field(("fields", "ResponseHeaderTimeout"), "go_value", NEVER),
    "tls_timeout": Field(("fields", "TLSHandshakeTimeout"), "go_value", NEVER),
    "expect_timeout": Field(("fields", "ExpectContinueTimeout"), "go_value", NEVER),
    "disable_keep_alives": Field(("fields", "DisableKeepAlives"), "flag", False),
    "force_http2": Field(("fields", "ForceAttemptHTTP2"), "flag", False),
    "insecure": Field(("fields", "TLSClientConfig", "fields", "InsecureSkipVerify"), "flag", False),
    "strict_streams": Field(("fields", "HTTP2", "fields", "StrictMaxConcurrentRequests"), "flag", False),
}
GO_DIALER: Fields = {
    "timeout": Field(("fields", "Timeout"), "go_value", NEVER),
    "keep_alive": Field(("fields", "KeepAlive"), "go_value", duration(15 * _S)),
}
GO_CLIENT: Fields = {"timeout": Field(("fields", "Timeout"), "go_value", NEVER)}
GO_SERVER: Fields = {
    "read_header_timeout": Field(("fields", "ReadHeaderTimeout"), "go_value", NEVER),
    "read_timeout": Field(("fields", "ReadTimeout"), "go_value", NEVER),
    "write_timeout": Field(("fields", "WriteTimeout"), "go_value", NEVER),
    "idle_timeout": Field(("fields", "IdleTimeout"), "go_value", NEVER),
}
GO_TLS: Fields = {
    "insecure": Field(("fields", "InsecureSkipVerify"), "flag", False),
    "min_version": Field(("fields", "MinVersion"), "text", "VersionTLS12"),
}

TRAEFIK_TRANSPORT: Fields = {
    "max_idle_per_host": Field(("maxIdleConnsPerHost",), "count", 0),
    "idle_timeout": Field(("forwardingTimeouts", "idleConnTimeout"), "traefik", duration(90 * _S)),
    "dial_timeout": Field(("forwardingTimeouts", "dialTimeout"), "traefik", duration(30 * _S)),
    "response_header_timeout": Field(("forwardingTimeouts", "responseHeaderTimeout"), "traefik", NEVER),
    "insecure": Field(("insecureSkipVerify",), "flag", False),
}
TRAEFIK_ENTRY: Fields = {
    "read_timeout": Field(("transport", "respondingTimeouts", "readTimeout"), "traefik", duration(60 * _S)),
    "idle_timeout": Field(("transport", "respondingTimeouts", "idleTimeout"), "traefik", duration(180 * _S)),
    "http3": Field(("http3",), "any", False),
}

KRAKEND_POOL: Fields = {
    "max_idle": Field(("max_idle_connections",), "count", 0),
    "max_idle_per_host": Field(("max_idle_connections_per_host",), "count", 250),
    "idle_timeout": Field(("idle_connection_timeout",), "go_text", NEVER),
    "response_header_timeout": Field(("response_header_timeout",), "go_text", NEVER),
    "dial_timeout": Field(("dialer_timeout",), "go_text", NEVER),
    "disable_keep_alives": Field(("disable_keep_alives",), "flag", False),
    "insecure": Field(("allow_insecure_connections",), "flag", False),
}
KRAKEND_ROUTE: Fields = {
    "path": Field(("endpoint",), "text", ""),
    "timeout": Field(("timeout",), "go_text", duration(2 * _S)),
}

ENVOY_CLUSTER: Fields = {
    "label": Field(("name",), "text", ""),
    "connect_timeout": Field(("connect_timeout",), "proto", duration(5 * _S)),
    "idle_timeout": Field(("common_http_protocol_options", "idle_timeout"), "proto", duration(3600 * _S)),
    "max_requests": Field(("common_http_protocol_options", "max_requests_per_connection"), "count", 0),
    "max_connections": Field(("circuit_breakers", "thresholds", 0, "max_connections"), "count", 1024),
    "max_pending": Field(("circuit_breakers", "thresholds", 0, "max_pending_requests"), "count", 1024),
    "max_concurrent": Field(("circuit_breakers", "thresholds", 0, "max_requests"), "count", 1024),
    "max_retries": Field(("circuit_breakers", "thresholds", 0, "max_retries"), "count", 3),
    "ejects": Field(("outlier_detection",), "any", None),
    "consecutive_5xx": Field(("outlier_detection", "consecutive_5xx"), "count", 5),
    "max_ejection_percent": Field(("outlier_detection", "max_ejection_percent"), "count", 10),
    "always_eject_one": Field(("outlier_detection", "always_eject_one_host"), "flag", False),
    "enforcing_5xx": Field(("outlier_detection", "enforcing_consecutive_5xx"), "count", 100),
    "enforcing_gateway": Field(("outlier_detection", "enforcing_consecutive_gateway_failure"), "count", 0),
    "enforcing_success": Field(("outlier_detection", "enforcing_success_rate"), "count", 100),
    "minimum_hosts": Field(("outlier_detection", "success_rate_minimum_hosts"), "count", 5),
    "panic": Field(("common_lb_config", "healthy_panic_threshold", "value"), "double", 50.0),
}
ENVOY_ROUTE: Fields = {
    "label": Field(("name",), "text", ""),
    "prefix": Field(("match", "prefix"), "text", ""),
    "cluster": Field(("route", "cluster"), "text", ""),
    "timeout": Field(("route", "timeout"), "proto", duration(15 * _S)),
    "retries": Field(("route", "retry_policy", "num_retries"), "count", 1),
    "per_try_timeout": Field(("route", "retry_policy", "per_try_timeout"), "proto", NEVER),
    "backoff": Field(("route", "retry_policy", "retry_back_off", "base_interval"), "proto", duration(25)),
    "max_backoff": Field(("route", "retry_policy", "retry_back_off", "max_interval"), "proto", NEVER),
    "retry_on": Field(("route", "retry_policy", "retry_on"), "text", ""),
    "retry_policy": Field(("route", "retry_policy"), "any", False),
    "idle_timeout": Field(("route", "idle_timeout"), "proto", NEVER),
}

ISTIO_POOL: Fields = {
    "max_connections": Field(("connectionPool", "tcp", "maxConnections"), "count", UNLIMITED),
    "dial_timeout": Field(("connectionPool", "tcp", "connectTimeout"), "go_text", duration(10 * _S)),
    "max_pending": Field(("connectionPool", "http", "http1MaxPendingRequests"), "count", UNLIMITED),
    "max_concurrent": Field(("connectionPool", "http", "http2MaxRequests"), "count", UNLIMITED),
    "max_requests": Field(("connectionPool", "http", "maxRequestsPerConnection"), "count", 0),
    "max_retries": Field(("connectionPool", "http", "maxRetries"), "count", UNLIMITED),
    "idle_timeout": Field(("connectionPool", "http", "idleTimeout"), "go_text", duration(3600 * _S)),
    "ejects": Field(("outlierDetection",), "any", None),
    "consecutive_5xx": Field(("outlierDetection", "consecutive5xxErrors"), "count", 5),
    "max_ejection_percent": Field(("outlierDetection", "maxEjectionPercent"), "count", 10),
    "tls_mode": Field(("tls", "mode"), "text", ""),
    "skip_verify": Field(("tls", "insecureSkipVerify"), "flag", False),
}
ISTIO_ROUTE: Fields = {
    "label": Field(("name",), "text", ""),
    "timeout": Field(("timeout",), "go_text", NEVER),
    "retries": Field(("retries", "attempts"), "count", 2),
    "per_try_timeout": Field(("retries", "perTryTimeout"), "go_text", NEVER),
    "retry_on": Field(("retries", "retryOn"), "text", ""),
    "retry_policy": Field(("retries",), "any", False),
}

KONG_SERVICE: Fields = {
    "label": Field(("name",), "text", ""),
    "connect_timeout": Field(("connect_timeout",), "ms_number", duration(60 * _S)),
    "read_timeout": Field(("read_timeout",), "ms_number", duration(60 * _S)),
    "write_timeout": Field(("write_timeout",), "ms_number", duration(60 * _S)),
    "retries": Field(("retries",), "count", 5),
    "insecure": Field(("tls_verify",), "flag", None),
    "protocol": Field(("protocol",), "text", "http"),
}

NGINX_UPSTREAM: Fields = {
    "keepalive": Field(("keepalive", 0, "args", 0), "count", 0),
    "keepalive_requests": Field(("keepalive_requests", 0, "args", 0), "count", 1000),
    "idle_timeout": Field(("keepalive_timeout", 0, "args", 0), "nginx", duration(60 * _S)),
}
NGINX_LOCATION: Fields = {
    "target": Field(("proxy_pass", 0, "args", 0), "text", ""),
    "connect_timeout": Field(("proxy_connect_timeout", 0, "args", 0), "nginx", duration(60 * _S)),
    "read_timeout": Field(("proxy_read_timeout", 0, "args", 0), "nginx", duration(60 * _S)),
    "ssl_verify": Field(("proxy_ssl_verify", 0, "args", 0), "on_off", False),
    "next_upstream": Field(("proxy_next_upstream", 0, "args"), "any", []),
    "tries": Field(("proxy_next_upstream_tries", 0, "args", 0), "count", 0),
}

SCENARIO_POOL: Fields = {
    "max_idle": Field(("transport", "max_idle_conns"), "count", 100),
    "max_idle_per_host": Field(("transport", "max_idle_conns_per_host"), "count", 0),
    "max_per_host": Field(("transport", "max_conns_per_host"), "count", 0),
    "idle_timeout": Field(("transport", "idle_conn_timeout"), "go_text", duration(90 * _S)),
    "response_header_timeout": Field(("transport", "response_header_timeout"), "go_text", NEVER),
    "tls_timeout": Field(("transport", "tls_handshake_timeout"), "go_text", duration(10 * _S)),
    "dial_timeout": Field(("dialer", "timeout"), "go_text", duration(30 * _S)),
    "request_timeout": Field(("timeout",), "go_text", NEVER),
    "disable_keep_alives": Field(("transport", "disable_keep_alives"), "flag", False),
}

GATEWAY_ROUTE: Fields = {
    "label": Field(("name",), "text", ""),
    "path": Field(("path",), "text", ""),
    "timeout": Field(("timeout",), "article", NEVER),
    "retries": Field(("retries", "attempts"), "count", 0),
    "per_try_timeout": Field(("retries", "per_try_timeout"), "article", NEVER),
    "retry_policy": Field(("retries",), "any", False),
    "protocol": Field(("protocol",), "text", ""),
    "upstream": Field(("upstream",), "text", ""),
}
