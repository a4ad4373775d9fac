package main

import (
	"time"

	"rollcall/engine"
)

// monitor says what of the syncs' standings counts for the exit code of status.
type monitor struct {
	exitCode bool
	maxAge   time.Duration // 0: none
}

// judgement is a standing held against the greatest age of its last success.
type judgement struct {
	engine.SyncStatus
	TooOld bool `json:"too_old,omitempty"`
}

// judge holds the standings against the monitor and returns the exit code that they come to: done where it looks at none.
func (m monitor) judge(all []engine.SyncStatus, now time.Time) (judged []judgement, code int) {
	for _, s := range all {
		j := judgement{SyncStatus: s, TooOld: m.tooOld(s, now)}
		judged = append(judged, j)
		if m.exitCode || m.maxAge > 0 {
			code = worse(code, codeOfStatus(j))
		}
	}
	return judged, code
}

// tooOld says whether the sync's last success began too long ago, or it never had one though it was to run.
func (m monitor) tooOld(s engine.SyncStatus, now time.Time) bool {
	switch {
	case m.maxAge == 0 || !s.Enabled:
		return false
	case s.LastSuccessAt == nil:
		return s.LastRunAt != nil || s.Due
	}
	return now.Sub(*s.LastSuccessAt) > m.maxAge
}

func codeOfStatus(j judgement) int {
	state := engine.Status(j.State)
	switch {
	case !j.Enabled:
		return exitDone
	case j.TooOld, state == engine.Failed, state == engine.Interrupted:
		return exitFailed
	case state == engine.Blocked:
		return exitBlocked
	case state == engine.Partial:
		return exitPartial
	}
	return exitDone
}
