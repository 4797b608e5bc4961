package index

import (
	"fmt"
	"strconv"
	"time"
)

// number reads a value of a number column.
func (c Column) number(text string) (float64, error) {
	if c.Kind == Time {
		if moment, err := time.Parse(time.RFC3339, text); err == nil {
			return float64(moment.Unix()), nil
		}
		return 0, &FieldError{Field: c.Name, Message: fmt.Sprintf("%q is not a time such as 2026-01-31T12:00:00Z", text)}
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value != value || value > 1e300 || value < -1e300 {
		return 0, &FieldError{Field: c.Name, Message: fmt.Sprintf("%q is not a number", text)}
	}
	return value, nil
}
