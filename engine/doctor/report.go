package doctor

import (
	"cmp"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
)

// reporter tells diagnoses. Its methods are the states; format is what was found, advice the hint.
type reporter struct{ tell func(Diagnosis) }

// newReporter returns a reporter that takes email addresses out of what it hands to tell: errors of HubSpot's may quote
// them.
func newReporter(tell func(Diagnosis)) reporter {
	return reporter{tell: func(d Diagnosis) {
		d.Found, d.Hint = hubspot.WithoutAddresses(d.Found), hubspot.WithoutAddresses(d.Hint)
		tell(d)
	}}
}

// ok tells that a subject is in order.
func (r reporter) ok(subject, format string, args ...any) {
	r.tell(Diagnosis{Subject: subject, State: OK, Found: fmt.Sprintf(format, args...)})
}

// warn tells what works now, and should be looked at.
func (r reporter) warn(subject, advice, format string, args ...any) {
	r.tell(Diagnosis{Subject: subject, State: Warning, Found: fmt.Sprintf(format, args...), Hint: advice})
}

// notAsked tells why a subject could not be asked about; that is no fault of its own.
func (r reporter) notAsked(subject, why string) {
	r.tell(Diagnosis{Subject: subject, State: NotAsked, Found: why})
}

// failed tells what stops runs.
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
