package main

import (
	"errors"
	"testing"
)

func TestTheLastPartSaysWhatHappened(t *testing.T) {
	for text, want := range map[string]string{
		`dial tcp 10.77.0.11:8080: connect: cannot assign requested address`:                           "cannot assign requested address",
		`Get "http://10.77.0.11:8080/": net/http: timeout awaiting response headers`:                   "timeout awaiting response headers",
		`Get "http://x/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`:  "Client.Timeout exceeded while awaiting headers",
		`Get "http://x/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)`: "Client.Timeout exceeded while awaiting headers",
		`Get "http://x/": EOF`: "EOF",
		`read tcp 10.77.0.1:40000->10.77.0.11:8080: read: connection reset by peer`: "connection reset by peer",
		`dial tcp: lookup svc.test: a, "b"`:                                         "a; 'b'",
	} {
		if got := lastPart(errors.New(text)); got != want {
			t.Errorf("of %q it is %q, not %q", text, got, want)
		}
	}
}
