package doctor

import (
	"cmp"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
)

// reporter tells diagnoses.
type reporter struct{ tell func(Diagnosis) }

// newReporter takes addresses out of what it hands to tell.
func newReporter(tell func(Diagnosis)) reporter {
	return reporter{tell: func(d Diagnosis) {
		d.Found, d.Hint = hubspot.WithoutAddresses(d.Found), hubspot.WithoutAddresses(d.Hint)
		tell(d)
	}}
}

func (r reporter) ok(subject, format string, args ...any) {
	r.tell(Diagnosis{Subject: subject, State: OK, Found: fmt.Sprintf(format, args...)})
}

func (r reporter) warn(subject, advice, format string, args ...any) {
	r.tell(Diagnosis{Subject: subject, State: Warning, Found: fmt.Sprintf(format, args...), Hint: advice})
}

func (r reporter) notAsked(subject, why string) {
	r.tell(Diagnosis{Subject: subject, State: NotAsked, Found: why})
}

func (r reporter) failed(subject, advice, format string, args ...any) {
	r.tell(Diagnosis{Subject: subject, State: Failed, Found: fmt.Sprintf(format, args...), Hint: advice})
}

// fail tells an error with its own hint, or with the given one where it has none.
func (r reporter) fail(subject string, err error, otherwise string) {
	r.failed(subject, cmp.Or(hint.Of(err), otherwise), "%s", hint.OneLine(err))
}

// expected tells an answer that is as Rollcall takes it.
func (r reporter) expected(subject, format string, args ...any) {
	r.tell(Diagnosis{Subject: subject, State: Expected, Found: fmt.Sprintf(format, args...)})
}

// different tells an answer that is not, what Rollcall does about it, and the setting that it proposes, if there is one.
func (r reporter) different(subject, does, setting, format string, args ...any) {
	advice := does
	if setting != "" {
		advice += "; put " + setting + " into rollcall.toml"
	}
	r.tell(Diagnosis{Subject: subject, State: Different, Found: fmt.Sprintf(format, args...), Hint: advice, Setting: setting})
}
