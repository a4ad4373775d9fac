package cli

import (
	"time"

	"rollcall/engine"
)

// monitor decides the exit code of status from the syncs' status.
type monitor struct {
	exitCode bool
	maxAge   time.Duration // 0: none
}

// assessment is a sync's status, and whether its last success is too old.
type assessment struct {
	engine.SyncStatus
	TooOld bool `json:"too_old,omitempty"`
}

// assess adds to each status whether its last success is too old, and returns the exit code; ExitDone if m asks for none.
func (m monitor) assess(all []engine.SyncStatus, now time.Time) (assessed []assessment, code int) {
	for _, s := range all {
		j := assessment{SyncStatus: s, TooOld: m.tooOld(s, now)}
		assessed = append(assessed, j)
		if m.exitCode || m.maxAge > 0 {
			code = worse(code, codeOfStatus(j))
		}
	}
	return assessed, code
}

// tooOld reports whether the sync's last success began too long ago, or it never had one though it was to run.
func (m monitor) tooOld(s engine.SyncStatus, now time.Time) bool {
	switch {
	case m.maxAge == 0 || !s.Enabled:
		return false
	case s.LastSuccessAt == nil:
		return s.LastRunAt != nil || s.Due
	}
	return now.Sub(*s.LastSuccessAt) > m.maxAge
}

func codeOfStatus(j assessment) int {
	state := engine.Status(j.State)
	switch {
	case !j.Enabled:
		return ExitDone
	case j.TooOld, state == engine.Failed, state == engine.Interrupted:
		return ExitFailed
	case state == engine.Blocked:
		return ExitBlocked
	case state == engine.Partial:
		return ExitPartial
	}
	return ExitDone
}
