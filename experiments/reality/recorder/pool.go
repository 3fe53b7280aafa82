package main

import (
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"unsafe"
)

// A pool reads the Transport's private maps (net/http/transport.go, type Transport) under their own locks.
type pool struct {
	idleLock, perHostLock                 *sync.Mutex
	idle, idleWait, perHost, perHostQueue reflect.Value
}

type poolSample struct {
	idle, idleWait, perHost, perHostWait int
}

// newPool finds the fields, or says which one this version of Go has not.
func newPool(transport *http.Transport) (*pool, error) {
	fields := reflect.ValueOf(transport).Elem()
	found := map[string]reflect.Value{}
	for _, name := range []string{"idleMu", "idleConn", "idleConnWait", "connsPerHostMu", "connsPerHost", "connsPerHostWait"} {
		field := fields.FieldByName(name)
		if !field.IsValid() {
			return nil, fmt.Errorf("http.Transport has no field %s in this version of Go; use 1.27", name)
		}
		found[name] = field
	}
	return &pool{
		idleLock:     (*sync.Mutex)(unsafe.Pointer(found["idleMu"].UnsafeAddr())),
		perHostLock:  (*sync.Mutex)(unsafe.Pointer(found["connsPerHostMu"].UnsafeAddr())),
		idle:         found["idleConn"],
		idleWait:     found["idleConnWait"],
		perHost:      found["connsPerHost"],
		perHostQueue: found["connsPerHostWait"],
	}, nil
}

func (p *pool) sample() poolSample {
	var s poolSample
	p.idleLock.Lock()
	s.idle = sum(p.idle, reflect.Value.Len)
	s.idleWait = sum(p.idleWait, queueLength)
	p.idleLock.Unlock()
	p.perHostLock.Lock()
	s.perHost = sum(p.perHost, func(n reflect.Value) int { return int(n.Int()) })
	s.perHostWait = sum(p.perHostQueue, queueLength)
	p.perHostLock.Unlock()
	return s
}

func sum(byKey reflect.Value, of func(reflect.Value) int) int {
	total := 0
	for all := byKey.MapRange(); all.Next(); {
		total += of(all.Value())
	}
	return total
}

// queueLength is wantConnQueue.len.
func queueLength(queue reflect.Value) int {
	return queue.FieldByName("head").Len() - int(queue.FieldByName("headPos").Int()) + queue.FieldByName("tail").Len()
}
