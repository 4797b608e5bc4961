package driver

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// modelPattern is what models of processors and cards are called like.
var modelPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.+-]{0,62}$`)

// plain is a text that was given as it is or in base64. No text that is read here is in base64 by chance: JSON, YAML and
// kubeconfigs have characters that base64 has not.
func plain(text string) string {
	joined := strings.Join(strings.Fields(text), "")
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
		decoded, err := encoding.DecodeString(joined)
		if err == nil && utf8.Valid(decoded) {
			return string(decoded)
		}
	}
	return text
}

// kindOf says what is wrong with JSON and where, without what stands there.
func kindOf(err error) string {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("wrong at character %d", syntax.Offset)
	case errors.As(err, &wrongType):
		return fmt.Sprintf("%s must be a %s", wrongType.Field, wrongType.Type)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return "unknown field " + strings.TrimPrefix(err.Error(), "json: unknown field ")
	default:
		return "it ends too early or has a value of another kind"
	}
}
