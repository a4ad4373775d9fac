package syncspec

// Reasons for which a key is rejected, as rollcall.rejects has them.
const (
	ReasonInvalidEmail    = "invalid_email"
	ReasonInvalidRecordID = "invalid_record_id"
	ReasonInvalidKey      = "invalid_key"
)

// Reject says why a key can't be used.
type Reject struct {
	// Reason is one of the Reason constants.
	Reason string
	// Detail says which rule the key breaks, in words for people. It never repeats
	// the key.
	Detail string
}

// Key normalises and checks one key that the query returned. A key of nothing but
// blanks is ("", nil); one that can't be used is "" with the reason. Normalising
// again changes nothing.
func (s Spec) Key(raw string) (key string, reject *Reject) {
	key = trim(raw)
	return key, nil
}
