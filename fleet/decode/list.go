package decode

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// List reads a list as Kubernetes sends it, object by object, so that one of them at a time is in memory. Its metadata goes
// where a pointer leads to; each object is visited as it stands there, and belongs to the visitor until he returns.
func List(reader io.Reader, metadata any, visit func(object []byte) error) error {
	decoder := jsontext.NewDecoder(reader, lenient)
	if err := expect(decoder, '{'); err != nil {
		return err
	}
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return err
		}
		switch name.String() {
		case "metadata":
			err = json.UnmarshalDecode(decoder, metadata)
		case "items":
			err = items(decoder, visit)
		default:
			err = decoder.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	return expect(decoder, '}')
}

// items visits the objects. A list without any may say null.
func items(decoder *jsontext.Decoder, visit func(object []byte) error) error {
	if decoder.PeekKind() == 'n' {
		return decoder.SkipValue()
	}
	if err := expect(decoder, '['); err != nil {
		return err
	}
	for decoder.PeekKind() != ']' {
		object, err := decoder.ReadValue()
		if err != nil {
			return err
		}
		if err := visit(object); err != nil {
			return err
		}
	}
	return expect(decoder, ']')
}

func expect(decoder *jsontext.Decoder, kind jsontext.Kind) error {
	token, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != kind {
		return fmt.Errorf("expected %v and got %v", kind, token.Kind())
	}
	return nil
}
