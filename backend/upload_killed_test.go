package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"testing"

	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

// TestKilledUpload kills the server in the middle of an upload. The image says so after a while, is rid of what has come,
// and takes another upload, by another server.
func TestKilledUpload(t *testing.T) {
	r := receive(t)
	image := r.image(t, "killed")
	address := free(t)
	server := start(t, "serve", "--kubeconfig="+site.cluster.Kubeconfig(), "--listen="+address, "--data-dir="+t.TempDir(), "--no-tunnels")
	by := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // it signs for itself
	t.Cleanup(by.CloseIdleConnections)
	eventually(t, "the server is ready", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+images+image.Name, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+site.tokens[admin])
		response, err := by.Do(req)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	s := send(t, by, "https://"+address, image.Name)
	s.sends(t, payload[:len(payload)/2])
	eventually(t, "the bytes come to CDI", func() bool { return r.got.Load() > 0 })
	if err := server.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.feed.CloseWithError(io.ErrUnexpectedEOF) // of a pipe, it cannot fail
	if err := <-s.answered; err == nil {
		t.Error("the client is not told that all is well")
	}
	if got := read(t, image); got.Status.Failed != 0 {
		t.Errorf("silence for a moment is no failure: %+v", got.Status)
	}
	r.ahead.Store(int64(2 * upload.Silence))
	r.nudge(t, image)
	r.requireForgotten(t, image, "whoever took it has been silent since")
	r.ahead.Store(0)
	r.arrives(t, image)
}

// nudge has the controller look at an image whose time has come.
func (r *receiving) nudge(t *testing.T, image *harvesterv1.VirtualMachineImage) {
	t.Helper()
	manager.Change(r.For(t), read(t, image), func(i *harvesterv1.VirtualMachineImage) { i.Labels = map[string]string{"looked": "at"} })
}
