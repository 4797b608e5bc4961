package entrust

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// SecretName is the secret that has the credentials.
const SecretName = "harvester-backup-target-secret"

// Keys of the secret, as Longhorn reads them.
const (
	keyID       = "AWS_ACCESS_KEY_ID"
	keySecret   = "AWS_SECRET_ACCESS_KEY"
	keyEndpoint = "AWS_ENDPOINTS"
	keyCert     = "AWS_CERT"
	keyHosted   = "VIRTUAL_HOSTED_STYLE"
)

// credentials are the fields of the setting that nobody is to read there.
var credentials = []string{"accessKeyId", "secretAccessKey"}

// blank is the JSON of a credential that is not there.
const blank = `""`

// target is what of backup-target goes into the secret.
type target struct {
	Type     string `json:"type"`
	Endpoint string `json:"endpoint"`
	ID       string `json:"accessKeyId"`
	Secret   string `json:"secretAccessKey"`
	Cert     string `json:"cert"`
	Hosted   bool   `json:"virtualHostedStyle"`
}

// parse reads the setting; the empty value is no target.
func parse(value string) (target, error) {
	var read target
	if value == "" {
		return read, nil
	}
	err := json.Unmarshal([]byte(value), &read)
	return read, err
}

// Missing says whether a value of the setting leaves credentials blank that the secret does not keep for its target: they
// were given for another server, whose address is the answer, and go to no other.
func Missing(value string, data map[string][]byte) (of string, missing bool) {
	wanted, err := parse(value)
	if err != nil || wanted.Type != "s3" || len(data[keyID])+len(data[keySecret]) == 0 || wanted.at(data) {
		return "", false
	}
	return string(data[keyEndpoint]), wanted.ID == "" || wanted.Secret == ""
}

// at says whether a target is on the server that a secret's credentials are for.
func (t target) at(data map[string][]byte) bool {
	return t.Endpoint == string(data[keyEndpoint])
}

// kept is what the secret holds for a target, after what it held before: on one server, the credentials are only ever
// replaced by others, for the setting has them blank once they were moved. Another server does not see them.
func (t target) kept(before map[string][]byte) map[string][]byte {
	after := maps.Clone(before)
	if !t.at(before) {
		delete(after, keyID)
		delete(after, keySecret)
	}
	for _, key := range []string{keyEndpoint, keyCert, keyHosted} {
		delete(after, key)
	}
	if t.Type != "s3" {
		delete(after, keyID)
		delete(after, keySecret)
		return after
	}
	if after == nil {
		after = map[string][]byte{}
	}
	for key, text := range map[string]string{keyID: t.ID, keySecret: t.Secret, keyEndpoint: t.Endpoint, keyCert: t.Cert} {
		if text != "" {
			after[key] = []byte(text)
		}
	}
	after[keyHosted] = []byte(strconv.FormatBool(t.Hosted))
	return after
}

// blanked is a value of the setting without the credentials, and as it is when it has none.
func blanked(value string) (string, error) {
	var fields map[string]json.RawMessage
	if value == "" {
		return value, nil
	}
	if err := json.Unmarshal([]byte(value), &fields); err != nil {
		return "", err
	}
	found := false
	for name, written := range fields {
		same := func(credential string) bool { return strings.EqualFold(name, credential) } // as Go's programs read it
		if slices.ContainsFunc(credentials, same) && string(written) != blank {
			fields[name], found = json.RawMessage(blank), true
		}
	}
	if !found {
		return value, nil
	}
	text, err := json.Marshal(fields)
	return string(text), err
}
