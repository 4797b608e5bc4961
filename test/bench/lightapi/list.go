package lightapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// token is where a page of a list ended, and which moment the list shows.
type token struct {
	Version int64  `json:"rv"`
	Behind  string `json:"start"`
}

// list answers a list: a page of it, where a limit is given.
func (s *Server) list(p place, query url.Values) ([]byte, error) {
	limit, err := number(query, "limit")
	if err != nil {
		return nil, err
	}
	s.lock.RLock()
	defer s.lock.RUnlock()
	from, err := s.moment(query)
	if err != nil {
		return nil, err
	}
	found, last, left := p.table.page(p.prefix(), from.Behind, from.Version, int(limit))
	meta := metav1.ListMeta{ResourceVersion: strconv.FormatInt(from.Version, 10)}
	if left > 0 {
		remaining := int64(left)
		meta.RemainingItemCount = &remaining
		text, err := json.Marshal(token{Version: from.Version, Behind: last})
		if err != nil {
			return nil, err
		}
		meta.Continue = base64.RawURLEncoding.EncodeToString(text)
	}
	return p.table.listed(meta, found)
}

// moment is which moment a list shows and where it goes on.
func (s *store) moment(query url.Values) (token, error) {
	if text := query.Get("continue"); text != "" {
		var from token
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || json.Unmarshal(raw, &from) != nil {
			return token{}, refusal{http.StatusBadRequest, metav1.StatusReasonBadRequest, "continue key is not valid"}
		}
		return from, s.remembers(from.Version)
	}
	wanted, err := number(query, "resourceVersion")
	if err != nil {
		return token{}, err
	}
	if wanted > s.last {
		return token{}, ahead(wanted, s.last)
	}
	if query.Get("resourceVersionMatch") == string(metav1.ResourceVersionMatchExact) {
		return token{Version: wanted}, s.remembers(wanted)
	}
	return token{Version: s.last}, nil
}

// remembers refuses a version before what is remembered.
func (s *store) remembers(number int64) error {
	if number < s.forgotten {
		return expired(number, s.forgotten)
	}
	return nil
}

// listed writes a list.
func (t *table) listed(meta metav1.ListMeta, found []version) ([]byte, error) {
	head, err := json.Marshal(meta)
	if err != nil {
		return nil, err
	}
	size := 256
	for _, each := range found {
		size += len(each.text) + 1
	}
	text := bytes.NewBuffer(make([]byte, 0, size))
	fmt.Fprintf(text, `{"apiVersion":%q,"kind":"%sList","metadata":%s,"items":[`, t.kind.GroupVersion().String(), t.kind.Kind, head)
	for i, each := range found {
		if i > 0 {
			text.WriteByte(',')
		}
		text.Write(each.text)
	}
	text.WriteString("]}\n")
	return text.Bytes(), nil
}

// number reads a number that may be missing.
func number(query url.Values, name string) (int64, error) {
	text := query.Get(name)
	if text == "" {
		return 0, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 {
		return 0, refusal{http.StatusBadRequest, metav1.StatusReasonBadRequest, fmt.Sprintf("Invalid value: %q: %s is no number", text, name)}
	}
	return value, nil
}
