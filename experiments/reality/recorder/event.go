package main

import (
	"fmt"
	"os"
	"time"
)

// schedule has an event happen at its time. What is done to packets (drop) or to the whole process (sigstop) is
// done by others.
func schedule(clock clock, event event, backends []*backend) {
	time.AfterFunc(time.Until(clock.at(event.T)), func() {
		for _, backend := range hit(event, backends) {
			apply(clock, event, backend)
		}
	})
}

func hit(event event, backends []*backend) []*backend {
	if event.Backend < 0 {
		return backends
	}
	return backends[event.Backend : event.Backend+1]
}

func apply(clock clock, event event, backend *backend) {
	switch event.Action {
	case "die":
		backend.die()
	case "revive":
		if err := backend.start(); err != nil {
			fmt.Fprintf(os.Stderr, "server: revive: %v\n", err)
		}
	case "mode":
		backend.setMode(event.Mode)
	case "pause":
		backend.paused.close()
		time.AfterFunc(time.Until(clock.at(event.T+event.Dur)), backend.paused.open)
	}
}
