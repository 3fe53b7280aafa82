"""How a name becomes a backend: endpoints, balancers of layer 4, proxies and clients that choose."""
