package property

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// decimal is a number in decimal or scientific notation.
var decimal = regexp.MustCompile(`^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$`)

// maxDigits bounds the digits of a number before its point and after it: those of the largest and the smallest float64. HubSpot's bounds are not
// documented.
const maxDigits = 330

// plain writes a number without exponent, leading zeros and trailing ones after the point. It reports whether the text is a number of
// no more than maxDigits.
func plain(text string) (string, bool) {
	if isPlainInteger(text) {
		return text, true
	}
	m := decimal.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" {
		return "", false
	}
	exponent, _ := strconv.Atoi(m[4]) // 0 without one
	digits, point := m[2]+m[3], len(m[2])+exponent
	significant := strings.TrimLeft(digits, "0")
	point -= len(digits) - len(significant)
	significant = strings.TrimRight(significant, "0")
	if significant == "" {
		return "0", true
	}
	if point > maxDigits || len(significant)-point > maxDigits {
		return "", false
	}
	whole, rest := "0", strings.Repeat("0", max(0, -point))+significant[max(0, min(point, len(significant))):]
	if point > 0 {
		whole = (significant + strings.Repeat("0", max(0, point-len(significant))))[:point]
	}
	if rest != "" {
		rest = "." + rest
	}
	return strings.TrimPrefix(m[1], "+") + whole + rest, true
}

// isPlainInteger recognises, without the cost of a regular expression, what most numbers are: a whole number that is written plainly.
func isPlainInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || len(digits) > maxDigits || digits[0] == '0' {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// storedNumber writes a number plainly: HubSpot has been seen to refuse the scientific notation that its guide allows.
func (d Definition) storedNumber(text string) (string, *Reject) {
	if number, known := plain(text); known {
		return number, nil
	}
	hint := "give a number"
	if _, known := plain(strings.Replace(text, ",", ".", 1)); known {
		hint = "write it with a point, and without signs between thousands"
	}
	return "", d.rejectValue(InvalidNumber, text, "is no number that HubSpot takes", hint)
}

// exact is the greatest integer up to which a float64 holds every integer.
const exact = 1 << 53

// floatText writes a float plainly, with the 15 digits of which a float64 is sure, so that sums which differ by the order of their addends
// are equal; integers that it holds exactly are kept whole.
func floatText(v float64, bits int) string {
	digits := 15
	if bits == 32 || v == math.Trunc(v) && math.Abs(v) <= exact {
		digits = -1
	}
	text := strconv.FormatFloat(v, 'g', digits, bits)
	if number, known := plain(text); known {
		return number
	}
	return text // NaN and infinity
}
