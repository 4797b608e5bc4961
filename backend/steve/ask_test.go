package steve_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// answer is what a request was answered with.
type answer struct {
	status int
	body   map[string]any
	text   string
}

// ask sends a request to the server's own port as a user.
func ask(t *testing.T, user, method, path, body string) answer {
	t.Helper()
	return send(t, site.port, method, path, body, map[string]string{"Authorization": "Bearer " + site.tokens[user]})
}

func send(t *testing.T, to *httptest.Server, method, path, body string, headers map[string]string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to.URL+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	response, err := to.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: response.StatusCode, text: string(text)}
	_ = json.Unmarshal(text, &a.body) // not all answers are objects
	return a
}

// field is a value inside the body, nil when it is not there.
func (a answer) field(path ...string) any {
	var value any = a.body
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// rows are the objects of a list.
func (a answer) rows() []answer {
	data, _ := a.body["data"].([]any)
	rows := make([]answer, 0, len(data))
	for _, row := range data {
		object, _ := row.(map[string]any)
		rows = append(rows, answer{body: object})
	}
	return rows
}
