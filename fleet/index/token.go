package index

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// token is where a page ended: the sort keys and the row's number. The next page begins behind it, whatever has come or
// gone meanwhile, so that a row that is there throughout is neither repeated nor skipped.
type token struct {
	// Order is the order that the token belongs to.
	Order string `json:"o"`
	// Values are the sort keys of the last row.
	Values []any `json:"v"`
	// ID is the last row's number.
	ID int64 `json:"i"`
}

// order writes down the sort keys, so that a token is not used with other ones.
func (q *Query) order() string {
	var names []string
	for _, key := range q.sort {
		name := key.column.Name
		if key.descending {
			name = "-" + name
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// encode writes a token as it stands in an address. Bytes, the order of addresses, are marked by a list of one.
func (t token) encode() (string, error) {
	values := slices.Clone(t.Values)
	for i, value := range values {
		if bytes, ok := value.([]byte); ok {
			values[i] = [][]byte{append([]byte{}, bytes...)} // no bytes are an empty text, not null
		}
	}
	text, err := json.Marshal(token{Order: t.Order, Values: values, ID: t.ID})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

func parseContinue(q *Query, values url.Values) error {
	text := values.Get("continue")
	if text == "" {
		return nil
	}
	decoded, err := decodeToken(text)
	if err != nil || decoded.Order != q.order() || len(decoded.Values) != len(q.sort) {
		return &FieldError{Field: "continue", Message: "does not belong to this query; begin again without it"}
	}
	q.after = decoded
	return nil
}

func decodeToken(text string) (*token, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	t := &token{}
	if err := decoder.Decode(t); err != nil {
		return nil, err
	}
	for i, value := range t.Values {
		if t.Values[i], err = plain(value); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// plain turns a decoded value back into what the database compares with.
func plain(value any) (any, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole, nil
		}
		return v.Float64()
	case []any:
		if len(v) == 1 {
			if text, ok := v[0].(string); ok {
				return base64.StdEncoding.DecodeString(text)
			}
		}
	}
	return nil, &FieldError{Field: "continue", Message: "holds a value of no known kind"}
}
