package main

import (
	"regexp"
	"strings"
)

var inBrackets = regexp.MustCompile(`\((Client\.Timeout[^)]*)\)`)

// lastPart is the end of one of Go's error texts, which says what happened without saying to whom: of
// "dial tcp 10.77.0.11:8080: connect: connection refused" it is "connection refused". Client.Timeout's own remark
// counts for more than the text before it.
func lastPart(err error) string {
	text := err.Error()
	if found := inBrackets.FindStringSubmatch(text); found != nil {
		return clean.Replace(found[1])
	}
	if at := strings.LastIndex(text, ": "); at >= 0 {
		text = text[at+2:]
	}
	return clean.Replace(text)
}
