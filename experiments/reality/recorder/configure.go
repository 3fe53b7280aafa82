package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
)

// configure makes the http.Client that the case asks for.
func (c *client) configure(folder string) error {
	in := c.in
	settings := &tls.Config{MinVersion: tlsVersions[in.TLS.MinVersion], MaxVersion: tlsVersions[in.TLS.MaxVersion]}
	if in.Scheme == "https" {
		pool, err := trusted(folder)
		if err != nil {
			return err
		}
		settings.RootCAs = pool
	}
	if in.TLS.ClientSessionCache > 0 {
		settings.ClientSessionCache = tls.NewLRUClientSessionCache(in.TLS.ClientSessionCache)
	}
	c.dialer = &recordingDialer{Dialer: net.Dialer{
		Timeout: toDuration(in.Dialer.Timeout), KeepAlive: toDuration(in.Dialer.KeepAlive), Resolver: resolver(in),
	}}
	c.http = &http.Client{Timeout: toDuration(in.Client.Timeout), Transport: &http.Transport{
		DialContext:           c.dialer.DialContext,
		TLSClientConfig:       settings,
		MaxIdleConns:          in.Transport.MaxIdleConns,
		MaxIdleConnsPerHost:   in.Transport.MaxIdleConnsPerHost,
		MaxConnsPerHost:       in.Transport.MaxConnsPerHost,
		IdleConnTimeout:       toDuration(in.Transport.IdleConnTimeout),
		TLSHandshakeTimeout:   toDuration(in.Transport.TLSHandshakeTimeout),
		ResponseHeaderTimeout: toDuration(in.Transport.ResponseHeaderTimeout),
		ExpectContinueTimeout: toDuration(in.Transport.ExpectContinueTimeout),
		DisableKeepAlives:     in.Transport.DisableKeepAlives,
		ForceAttemptHTTP2:     in.Transport.ForceAttemptHTTP2,
		DisableCompression:    in.Transport.DisableCompression,
		HTTP2: &http.HTTP2Config{
			StrictMaxConcurrentRequests: in.Transport.HTTP2.StrictMaxConcurrentRequests,
		},
	}}
	return nil
}

// resolver is Go's own; where the case has a DNS server, it asks that one whatever resolv.conf says.
func resolver(in *input) *net.Resolver {
	found := &net.Resolver{PreferGo: true}
	if in.Topology.DNSMode == "rotating-dns" {
		found.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "udp4", namesAddress)
		}
	}
	return found
}
