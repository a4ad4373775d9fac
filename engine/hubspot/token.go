package hubspot

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

const hidden = "***"

// Token is a secret: however it is printed or encoded, it shows as ***. Only Reveal gives it away.
type Token string

// Reveal returns the secret itself, for the Authorization header.
func (t Token) Reveal() string { return string(t) }

// String hides the secret.
func (Token) String() string { return hidden }

// GoString hides the secret from %#v.
func (Token) GoString() string { return hidden }

// Format hides the secret from every verb, %x and %q among them.
func (Token) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, hidden) }

// MarshalText hides the secret from encoders.
func (Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON hides the secret from JSON.
func (Token) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// checked returns the token as it can stand in a header: without the blanks and line ends that copying leaves.
func (t Token) checked() (Token, error) {
	trimmed := strings.TrimSpace(string(t))
	for _, r := range trimmed {
		if r <= ' ' || r >= 0x7f {
			return "", errors.New("contains characters that no token has: copy it again")
		}
	}
	return Token(trimmed), nil
}
