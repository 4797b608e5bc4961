package decode

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lenient is what encoding/json lets pass: a name that comes twice, of which the last counts, and bytes that are no text,
// which are replaced.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// JSON reads a text into what a pointer leads to.
func JSON(text []byte, into any) error {
	return json.Unmarshal(text, into, lenient)
}
