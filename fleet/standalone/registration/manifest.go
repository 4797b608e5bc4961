package registration

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"text/template"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher/management"
)

// ImportPrefix is where manifests are.
const ImportPrefix = "/v3/import/"

//go:embed manifest.yaml
var manifestText string

var manifestTemplate = template.Must(template.New("manifest").
	Funcs(template.FuncMap{"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }}).
	Parse(manifestText))

// Manifest serves what has to be applied to a cluster for its agent to call.
// Whoever knows the token may read it: it holds nothing else that is secret.
type Manifest struct {
	// Known reads registration tokens from memory.
	Known client.Reader
	// Live reads them past any cache, for a cluster that was made a moment ago.
	Live client.Reader
	// Strangers counts tokens that nobody knows; who presents many makes this server
	// look no further than memory.
	Strangers tunnel.Strangers
	// ServerURL is how agents reach this server.
	ServerURL string
	// Checksum is that of this server's authority.
	Checksum func() string
	// Image is the agent's image.
	Image string
	// Report is told what went wrong inside.
	Report func(ctx context.Context, err error)
}

type manifestValues struct {
	URL, Token, Cluster, Checksum, Credential, Image string
}

// ServeHTTP answers GET /v3/import/<token>_<cluster>.yaml.
func (m *Manifest) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	token, cluster, ok := ParseManifestName(req.PathValue("file"))
	if !ok || len(validation.IsDNS1123Label(cluster)) > 0 {
		answer.Error(rw, http.StatusNotFound, "NotFound", "the manifest's name is <token>_<cluster>.yaml")

		return
	}

	known, err := m.knows(req.Context(), m.Known, token, cluster)
	if err == nil && !known && !m.Strangers.Blamed(req) {
		known, err = m.knows(req.Context(), m.Live, token, cluster)
	}

	if err != nil {
		m.Report(req.Context(), err)
		answer.Error(rw, http.StatusInternalServerError, "ServerError", "the token could not be checked, try again")

		return
	}

	if !known {
		m.Strangers.Blame(req)
		answer.Error(rw, http.StatusNotFound, "NotFound", "this registration token is not known, or the cluster was removed")

		return
	}

	content, err := m.Render(token, cluster)
	if err != nil {
		m.Report(req.Context(), err)
		answer.Error(rw, http.StatusInternalServerError, "ServerError", "the manifest could not be made")

		return
	}

	rw.Header().Set("Content-Type", "text/plain")
	_, _ = rw.Write(content)
}

// Render writes the manifest.
func (m *Manifest) Render(token, cluster string) ([]byte, error) {
	sum := sha256.Sum256([]byte(m.ServerURL + token))
	values := manifestValues{
		URL: m.ServerURL, Token: token, Cluster: cluster, Checksum: m.Checksum(), Image: m.Image,
		Credential: "cattle-credentials-" + hex.EncodeToString(sum[:])[:10],
	}

	var content bytes.Buffer
	if err := manifestTemplate.Execute(&content, values); err != nil {
		return nil, fmt.Errorf("manifest of cluster %s: %w", cluster, err)
	}

	return content.Bytes(), nil
}

func (m *Manifest) knows(ctx context.Context, from client.Reader, token, cluster string) (bool, error) {
	var all management.ClusterRegistrationTokenList
	if err := from.List(ctx, &all, client.InNamespace(cluster)); err != nil {
		return false, fmt.Errorf("list registration tokens of %s: %w", cluster, err)
	}

	for i := range all.Items {
		if equal(all.Items[i].Status.Token, token) {
			return true, nil
		}
	}

	return false, nil
}
