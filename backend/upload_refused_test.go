package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"crofthci.io/croft/backend/image/fill"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

// TestRefusedUpload begins enormous uploads that are not to be. The server says so without waiting for the bytes, and
// nothing has changed.
func TestRefusedUpload(t *testing.T) {
	enlist(t)
	r := receive(t)
	image := r.image(t, "guarded")
	manager.Until(r.Cluster, image, "wait for its bytes", func(i *harvesterv1.VirtualMachineImage) bool {
		imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
		return imported != nil && imported.Reason == fill.ReasonUploadAwaited
	})
	cases := map[string]struct {
		reason, user, query string
		want                []int
	}{
		"Nobody":   {"who does not say who he is", "", "&size=50000000000", []int{http.StatusUnauthorized}},
		"Viewer":   {"who may look may not send", reader, "&size=50000000000", []int{http.StatusForbidden}},
		"Editor":   {"nor may who may edit elsewhere", stranger, "&size=50000000000", []int{http.StatusForbidden}},
		"Stranger": {"who has no right to this image may not, whether he knows others or none", viewer, "&size=50000000000", []int{http.StatusForbidden, http.StatusNotFound}},
		"Sizeless": {"who may send says how much", editor, "", []int{http.StatusUnprocessableEntity}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := begin(t, tc.user, images+image.Name+"?action=upload"+tc.query); !slices.Contains(tc.want, got) {
				t.Errorf("%s: want one of %v, got %d", tc.reason, tc.want, got)
			}
			if now := read(t, image.DeepCopy()); now.ResourceVersion != image.ResourceVersion {
				t.Errorf("%s: nothing has changed: %+v", tc.reason, now)
			}
		})
	}
}

// begin sends the beginning of 50 GB and answers with the status. It holds that the server does not wait for the rest.
func begin(t *testing.T, user, path string) int {
	t.Helper()
	config := site.api.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	conn, err := tls.Dial("tcp", site.api.Listener.Addr().String(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	authorization := ""
	if user != "" {
		authorization = "Authorization: Bearer " + site.tokens[user] + "\r\n"
	}
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: croft\r\n%sContent-Type: application/octet-stream\r\n"+
		"Content-Length: 50000000000\r\n\r\nbytes", path, authorization)
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Errorf("the answer is whole: %v", err)
	}
	if _, err := answers.ReadByte(); err != io.EOF {
		t.Errorf("the server hangs up instead of reading to the end: %v", err)
	}
	return response.StatusCode
}
