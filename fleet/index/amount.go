package index

import (
	"errors"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Amount is a quantity as a site writes it. Kubernetes' own reader takes hours for a number of a million digits, and does
// not come back from one such as 1e-2147483647, so those are refused before it sees them; honest ones are short.
type Amount struct {
	resource.Quantity
}

// The bounds of an amount as it is written.
const (
	longestAmount   = 32
	largestExponent = 18
)

// UnmarshalJSON reads a number, or a text that is one.
func (a *Amount) UnmarshalJSON(text []byte) error {
	if len(text) > longestAmount {
		return errors.New("a quantity is too long")
	}
	plain := strings.ToLower(strings.Trim(string(text), `"`))
	if _, exponent, ok := strings.Cut(plain, "e"); ok {
		if power, err := strconv.Atoi(exponent); err == nil && (power > largestExponent || power < -largestExponent) {
			return errors.New("a quantity is too large or too small")
		}
	}
	return a.Quantity.UnmarshalJSON(text)
}
