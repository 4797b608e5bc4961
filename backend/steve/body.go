package steve

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"
)

// biggestObject is what Steve reads of an object. It cuts off the rest, and would then say that the object is broken.
const biggestObject = 2 << 20

// yamlType is the one media type that Steve reads as YAML, written in no other way.
const yamlType = "application/yaml"

// readable reads the object that a client sends ahead of Steve, and refuses what Steve would misunderstand: one that is
// too big, that is neither JSON nor YAML (Steve takes the fields of a form for those of an object), that goes on after
// its end, or that says one thing twice where the caller wants to hear of it. Actions read for themselves.
func readable(op *types.APIRequest, validated string) error {
	req := op.Request
	switch req.Method {
	case http.MethodPut, http.MethodPatch:
	case http.MethodPost:
		if req.URL.Query().Has("action") {
			return nil
		}
	default:
		return nil
	}
	isYAML, err := notation(req.Header)
	if err != nil {
		return err
	}
	body, err := atMost(op.Response, req, biggestObject, "2 MiB")
	if err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if isYAML && req.Method != http.MethodPatch {
		req.Header.Set("Content-Type", yamlType)
		return nil
	}
	if isYAML || len(body) == 0 {
		return nil
	}
	return understood(body, validated == metav1.FieldValidationStrict)
}

// notation says whether an object is written in YAML. What names no notation is JSON.
func notation(header http.Header) (isYAML bool, err error) {
	given := header.Get("Content-Type")
	if given == "" {
		return false, nil
	}
	media, _, err := mime.ParseMediaType(given)
	_, sub, _ := strings.Cut(media, "/")
	sub = strings.TrimPrefix(sub[strings.LastIndex(sub, "+")+1:], "x-")
	switch {
	case err == nil && sub == "json":
		return false, nil
	case err == nil && sub == "yaml":
		return true, nil
	default:
		return false, apierror.NewAPIError(
			validation.ErrorCode{Code: string(metav1.StatusReasonUnsupportedMediaType), Status: http.StatusUnsupportedMediaType},
			fmt.Sprintf("The Content-Type %q is not read here. Send application/json or application/yaml.", given))
	}
}

// understood refuses JSON that can be understood in several ways, or in none.
func understood(body []byte, strict bool) error {
	wrong := func(format string, args ...any) error {
		return apierror.NewAPIError(validation.InvalidBodyContent, "The body "+fmt.Sprintf(format, args...)+".")
	}
	if !utf8.Valid(body) {
		return wrong("is not text in UTF-8")
	}
	var value any
	problems, err := kjson.UnmarshalStrict(body, &value, kjson.DisallowDuplicateFields)
	if err != nil {
		return wrong("is not JSON: %s", err)
	}
	if strict && len(problems) > 0 {
		return wrong("says a thing twice: %s", problems[0])
	}
	return nil
}
