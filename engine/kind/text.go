package kind

// Beginning returns at most n characters of a text: what is kept of a key that can't be right.
func Beginning(text string, n int) string {
	at := 0
	for i := range text {
		if at == n {
			return text[:i]
		}
		at++
	}
	return text
}
