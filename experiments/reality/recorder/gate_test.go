package main

import (
	"testing"
	"time"
)

func TestAGateThatWasShutTwiceOpensWithTheSecondOpening(t *testing.T) {
	var g gate
	through := make(chan struct{})
	g.close()
	g.close()
	go func() { g.wait(); close(through) }()
	g.open()
	select {
	case <-through:
		t.Fatal("it opened too early")
	case <-time.After(20 * time.Millisecond):
	}
	g.open()
	select {
	case <-through:
	case <-time.After(5 * time.Second):
		t.Fatal("it stayed shut")
	}
}
