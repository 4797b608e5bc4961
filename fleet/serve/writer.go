package serve

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/apiserver/pkg/writer"

	"crofthci.io/croft/fleet/index"
)

// freshness is how fresh each site in an answer is. The store fills it while it makes the answer.
type freshness struct {
	sites []index.Site
	count int
	pages int
	// cursor is from where a subscription to the list's query goes on.
	cursor string
	set    bool
	// made ends the caller's turn: what is left is to send the answer, and nobody waits for a slow reader.
	made func()
}

// say fills it.
func (f *freshness) say(what freshness) {
	what.made, what.set = f.made, true
	*f = what
}

type freshnessKey struct{}

// withFreshness gives a request a place for the freshness of its answer.
func withFreshness(incoming *http.Request) (*http.Request, *freshness) {
	fresh := &freshness{made: func() {}}
	return incoming.WithContext(context.WithValue(incoming.Context(), freshnessKey{}, fresh)), fresh
}

func freshnessOf(ctx context.Context) *freshness {
	if fresh, ok := ctx.Value(freshnessKey{}).(*freshness); ok {
		return fresh
	}
	return &freshness{made: func() {}}
}

// writerFor writes JSON or, to those who ask for it, YAML. Browsers get JSON too: Steve's HTML pages need files from
// elsewhere.
func writerFor(incoming *http.Request, fresh *freshness) types.ResponseWriter {
	encode, contentType, plainly := types.JSONEncoder, "application/json", true
	if strings.Contains(incoming.Header.Get("Accept"), "application/yaml") || incoming.URL.Query().Get("_format") == "yaml" {
		encode, contentType, plainly = types.YAMLEncoder, "application/yaml", false
	}
	return &writer.GzipWriter{ResponseWriter: &writer.EncodingResponseWriter{
		ContentType: contentType,
		Encoder: func(w io.Writer, answer any) error {
			if plain, ok := answer.(*types.GenericCollection); ok && fresh.set {
				whole := collection{GenericCollection: plain, Count: fresh.count, Pages: fresh.pages, Cursor: fresh.cursor, Sites: fresh.sites}
				if plainly {
					text, err := whole.text()
					fresh.made()
					if err == nil {
						_, err = w.Write(text)
					}
					return err
				}
				answer = whole
			}
			fresh.made()
			return encode(w, answer)
		},
	}}
}
