package main

import (
	"crypto/tls"
	"path/filepath"
)

// playServer runs all backends of a case until its end, and writes server_samples.csv.gz.
func playServer(folder string, _ []string) error {
	in, err := readInput(folder)
	if err != nil {
		return err
	}
	certificate, err := selfSigned(folder, in)
	if err != nil {
		return err
	}
	backends, err := startBackends(in, certificate)
	if err != nil {
		return err
	}
	clock, err := startTogether()
	if err != nil {
		return err
	}
	for _, event := range in.Events {
		schedule(clock, event, backends)
	}
	samples := sampleBackends(clock, in.ends(), backends)
	if err := writeServerSamples(filepath.Join(folder, "rep"), len(backends), samples); err != nil {
		return err
	}
	untilDismissed() // the client reads our counters from /proc
	return nil
}

func startBackends(in *input, certificate tls.Certificate) ([]*backend, error) {
	var backends []*backend
	for i, settings := range in.Server.Backends {
		one := newBackend(i, settings, certificate)
		one.setMode(settings.Mode)
		if err := one.start(); err != nil {
			return nil, err
		}
		backends = append(backends, one)
	}
	return backends, nil
}
