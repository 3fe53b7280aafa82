"""Go's http.Transport and http.Client for HTTP/1.1: who gets which connection, who waits, who gives up."""
