package capability

import "io"

// Body is what a client sends to an action that Send made. It is read once, while the action is done, and never held in
// memory as a whole.
type Body struct {
	// Options are the request's query, such as size.
	Options Options
	// ContentType is the media type that the client names, such as multipart/form-data with its boundary.
	ContentType string
	// Length is the number of bytes that Reader has, -1 when the client does not tell.
	Length int64
	// Reader has the bytes.
	Reader io.Reader
}
