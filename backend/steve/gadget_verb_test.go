package steve_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"crofthci.io/croft/backend/capability"
)

// What the capability of these tests does beyond verbs with small inputs: it takes a stream, acts on the kind as a
// whole, and answers at addresses of its own.
var (
	gadgetStreams = capability.Send("fill", unlessOff, fill).
			Needs("update", gadgetVersion, "gadgets/fill").Explained("Fills it.")
	gadgetCollective = capability.Make("stamp", stamp).
				Needs("create", gadgetVersion, "gadgets").Explained("Answers with a stamp for gadgets.")
	gadgetRoutes = []capability.Route{
		capability.At("POST", "gadgetry/{name}", greet).Explained("Greets."),
		capability.At("GET", "motto", motto).Opened().Explained("Tells everybody the motto."),
	}
)

// fill counts the bytes and refuses when they are not as many as was said.
func fill(_ context.Context, _ capability.Caller, _ gadget, body capability.Body) error {
	count, err := io.Copy(io.Discard, body.Reader)
	if err != nil {
		return err
	}
	if want := strings.Join(body.Options["size"], ""); want != fmt.Sprint(count) {
		return capability.Refuse("size", "There are %d bytes, not %s.", count, want)
	}
	return nil
}

// StampInput is the input of stamp.
type StampInput struct {
	// Text is what is on the stamp.
	Text string `json:"text"`
}

func stamp(_ context.Context, caller capability.Caller, input StampInput) (*capability.Stream, error) {
	if input.Text == "" {
		return nil, capability.Refuse("text", "A stamp needs a text.")
	}
	return &capability.Stream{
		Name: "stamp.txt", ContentType: "text/plain", Body: io.NopCloser(strings.NewReader(caller.Name + ": " + input.Text)),
	}, nil
}

// GreetInput is the input of greet.
type GreetInput struct {
	// Polite says how.
	Polite bool `json:"polite,omitempty"`
}

func greet(_ context.Context, caller capability.Caller, call capability.Call, input GreetInput) (string, error) {
	if call.Part("name") == "nobody" {
		return "", capability.Refuse("name", "There is nobody to greet.")
	}
	return fmt.Sprintf("%s greets %s%s, polite: %t", caller.Name, call.Part("name"), call.Option("mark"), input.Polite), nil
}

func motto(_ context.Context, caller capability.Caller, _ capability.Call, _ struct{}) (map[string]string, error) {
	return map[string]string{"motto": "Gadgets for all", "caller": caller.Name}, nil
}
