package main

import (
	"maps"
	"runtime"
	"slices"
	"strconv"
)

// A goroutineCount is how many goroutines began in one function.
type goroutineCount struct {
	t     instant
	entry string
	n     int
}

var goroutineColumns = []string{"t", "entry", "n"}

func (g goroutineCount) row() []string {
	return []string{strconv.FormatFloat(float64(g.t)/1e9, 'f', 2, 64), g.entry, count(g.n)}
}

// countGoroutines counts all goroutines by their outermost function.
func countGoroutines(now instant) []goroutineCount {
	records := make([]runtime.StackRecord, runtime.NumGoroutine()+100)
	n, whole := runtime.GoroutineProfile(records)
	if !whole {
		return nil
	}
	byEntry := map[string]int{}
	for _, record := range records[:n] {
		byEntry[entryOf(record.Stack())]++
	}
	var found []goroutineCount
	for _, entry := range slices.Sorted(maps.Keys(byEntry)) {
		found = append(found, goroutineCount{now, entry, byEntry[entry]})
	}
	return found
}

// entryOf is the function in which a goroutine began; the runtime's own frame below it does not count.
func entryOf(stack []uintptr) string {
	entry := ""
	for frames := runtime.CallersFrames(stack); ; {
		frame, more := frames.Next()
		if frame.Function != "" && frame.Function != "runtime.goexit" {
			entry = frame.Function
		}
		if !more {
			return entry
		}
	}
}
