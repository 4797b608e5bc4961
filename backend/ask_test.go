package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answer is what a request was answered with.
type answer struct {
	status int
	text   string
	body   struct {
		Message   string
		FieldName string
		Metadata  struct {
			State struct{ Name, Message string }
		}
		Actions     map[string]string
		Links       map[string]string
		Unavailable map[string]string
		Nodes       []string
	}
}

// ask sends a request to the backend as a user.
func ask(t *testing.T, user, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, site.api.URL+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+site.tokens[user])
	response, err := site.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: response.StatusCode, text: string(text)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") && text[0] != '"' {
		if err := json.Unmarshal(text, &a.body); err != nil {
			t.Fatalf("%s %s answers %s", method, path, text)
		}
	}
	return a
}
