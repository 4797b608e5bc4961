// Package badlink is a link that breaks off, for tests of who reads over one. Begin reading at After.
package badlink

import "net/http"

// After is an answer on a link that hangs up once so many bytes have been sent: what came before reaches the client.
func After(bytes int, answer http.ResponseWriter) http.ResponseWriter {
	return &writer{ResponseWriter: answer, left: bytes}
}

type writer struct {
	http.ResponseWriter

	left int
}

func (w *writer) Write(content []byte) (int, error) {
	n, _ := w.ResponseWriter.Write(content[:min(len(content), w.left)])
	if w.left -= n; w.left <= 0 {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, nil
}
