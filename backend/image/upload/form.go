package upload

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"crofthci.io/croft/backend/capability"
)

// field is the part of a form that has the file. It is Harvester's name.
const field = "chunk"

// option is the part of the query that has the file's size.
const option = "size"

// sizeOf reads how large the file is to be.
func sizeOf(options capability.Options) (int64, error) {
	values := options[option]
	if len(values) == 0 || values[0] == "" {
		return 0, capability.Refuse(option, "size is needed: ?action=upload&size=<bytes of the file>.")
	}
	size, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || size <= 0 {
		return 0, capability.Refuse(option, "size must be the number of bytes of the file, not %q.", values[0])
	}
	return size, nil
}

// open finds the file in what a client sends: the field chunk of a form, or the body as it is.
func open(body capability.Body) (io.Reader, error) {
	kind, parameters, err := mime.ParseMediaType(body.ContentType)
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		if kind == "application/json" || kind == "application/x-www-form-urlencoded" {
			return nil, capability.Refuse(field, "The file must be the field chunk of a multipart form, or the body as application/octet-stream, not %s.", kind)
		}
		return body.Reader, nil
	}
	parts := multipart.NewReader(body.Reader, parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, capability.Refuse(field, "The form has no field chunk.")
		}
		if err != nil {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("the form cannot be read: %s", err))
		}
		if part.FormName() == field {
			return part, nil
		}
	}
}
