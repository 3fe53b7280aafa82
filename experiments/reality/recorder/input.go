package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// input is input.json: the whole configuration of a run. Durations are seconds.
type input struct {
	Experiment, Variant string
	Duration, Tail      float64
	Scheme, Method      string
	Transport           struct {
		MaxIdleConns, MaxIdleConnsPerHost, MaxConnsPerHost int
		IdleConnTimeout, TLSHandshakeTimeout               float64
		ResponseHeaderTimeout, ExpectContinueTimeout       float64
		DisableKeepAlives, ForceAttemptHTTP2               bool
		DisableCompression                                 bool
		HTTP2                                              struct{ StrictMaxConcurrentRequests bool }
	}
	Dialer struct{ Timeout, KeepAlive float64 }
	Client struct{ Timeout float64 }
	TLS    struct {
		MinVersion, MaxVersion string
		ClientSessionCache     int
	}
	Load struct {
		Mode    string
		Workers int
	}
	Server               struct{ Backends []backendInput }
	Events               []event
	Topology             topology
	Sysctl, ServerSysctl map[string]string
	Hosts                []string
	Seed, Rep, NArrivals int
	T0UnixNano           int64
	ArrivalsFile         string
	Kernel, GoVersion    string
}

type backendInput struct {
	IP                   string
	Port                 int
	Proto, Mode          string
	Workers, Backlog     int
	IdleTimeout          float64
	KeepAlivesDisabled   bool
	MaxConcurrentStreams int
	HandlerHonoursCancel bool
	BodyBytes            int
}

func (b backendInput) address() string {
	return fmt.Sprintf("%s:%d", b.IP, b.Port)
}

// An event is what is done to the servers at T, for Dur where it has an end of its own.
type event struct {
	T, Dur           float64
	Action, IP, Mode string
	Backend          int
}

type topology struct {
	Link             string
	OneWayDelay      float64
	ClientIP         string
	DNSMode, DNSName string
	DNSAddrs         []string
}

func readInput(folder string) (*input, error) {
	file, err := os.Open(filepath.Join(folder, "input.json"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in, decoder := &input{}, json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in); err != nil {
		return nil, fmt.Errorf("input.json: %w", err)
	}
	return in, nil
}

// ends is when sampling stops.
func (in *input) ends() float64 {
	return in.Duration + in.Tail
}
