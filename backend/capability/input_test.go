package capability_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/backend/capability"
)

type move struct {
	NodeName string `json:"nodeName,omitempty"`
	Limit    int    `json:"limit,omitempty"`
}

func TestDecode(t *testing.T) {
	with := capability.With("move",
		func(string) string { return "" },
		func(context.Context, capability.Caller, string, move) error { return nil })
	without := capability.On("stop",
		func(string) string { return "" },
		func(context.Context, capability.Caller, string) error { return nil })
	cases := map[string]struct {
		reason string
		action capability.Action
		body   string
		want   any
		err    error
	}{
		"Full":         {"what was sent arrives", with, `{"nodeName":"a","limit":2}`, move{NodeName: "a", Limit: 2}, nil},
		"Empty":        {"no body is the zero input", with, "", move{}, nil},
		"EmptyObject":  {"clients send an empty object for no input", without, "{}", nil, nil},
		"Nothing":      {"an action without input needs no body", without, " \n", nil, nil},
		"UnknownField": {"a misspelt field would be ignored silently", with, `{"node":"a"}`, nil, &capability.InputError{Field: "node", Problem: "There is no field node here. There is: nodeName, limit."}},
		"OtherCase":    {"field names have one spelling", with, `{"nodename":"a"}`, nil, &capability.InputError{Field: "nodename", Problem: "There is no field nodename here. There is: nodeName, limit."}},
		"Twice":        {"which of the two is meant?", with, `{"nodeName":"a","nodeName":"b"}`, nil, &capability.InputError{Field: "nodeName", Problem: "nodeName is there twice."}},
		"WrongType":    {"a number where a word belongs", with, `{"nodeName":1}`, nil, &capability.InputError{Field: "nodeName", Problem: "nodeName must be a string, not a number."}},
		"Unwanted":     {"an action without input refuses one", without, `{"force":true}`, nil, &capability.InputError{Field: "force", Problem: "There is no field force here. This action takes no input."}},
		"NotText":      {"half a letter is no letter", with, "{\"nodeName\":\"\xff\"}", nil, &capability.InputError{Problem: "The input is not text in UTF-8."}},
		"NotJSON":      {"anything else is not an input", with, `nodeName=a`, nil, &capability.InputError{Problem: "The input is not a JSON object: invalid character 'o' in literal null (expecting 'u')."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := tc.action.Decode([]byte(tc.body))
			if diff := cmp.Diff(tc.err, err); diff != "" {
				t.Errorf("%s: error (-want +got)\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
