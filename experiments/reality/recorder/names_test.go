package main

import (
	"net"
	"testing"
)

// aQuestion asks for svc.test in a header of twelve bytes: RFC 1035, 4.1.
func aQuestion(kind byte) []byte {
	question := []byte{0xbe, 0xef, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	return append(question, 3, 's', 'v', 'c', 4, 't', 'e', 's', 't', 0, 0, kind, 0, 1)
}

func aZone() *zone {
	return &zone{name: "svc.test", addresses: []net.IP{{10, 77, 0, 11}, {10, 77, 0, 12}}}
}

func TestEachAnswerBeginsWithTheNextAddress(t *testing.T) {
	zone, question := aZone(), aQuestion(typeA)
	for turn, first := range []byte{11, 12, 11} {
		answer := zone.answer(question)
		if answer[0] != 0xbe || answer[7] != 2 {
			t.Fatalf("turn %d: not an answer with two addresses: % x", turn, answer)
		}
		if got := answer[len(question)+15]; got != first {
			t.Errorf("turn %d: begins with .%d, not .%d", turn, got, first)
		}
	}
}

func TestOtherTypesHaveNoAddressAndTakeNoTurn(t *testing.T) {
	zone, typeAAAA := aZone(), byte(28)
	if answer := zone.answer(aQuestion(typeAAAA)); answer[7] != 0 || answer[3]&15 != 0 || zone.turn != 0 {
		t.Errorf("% x", answer)
	}
}

func TestAnotherNameIsUnknownAndATruncatedQuestionIsIgnored(t *testing.T) {
	zone := &zone{name: "other.test", addresses: []net.IP{{10, 77, 0, 11}}}
	if answer := zone.answer(aQuestion(typeA)); answer[3]&15 != nameUnknown {
		t.Errorf("% x", answer)
	}
	for n := range aQuestion(typeA) {
		if answer := aZone().answer(aQuestion(typeA)[:n]); answer != nil {
			t.Errorf("%d bytes are answered: % x", n, answer)
		}
	}
}
