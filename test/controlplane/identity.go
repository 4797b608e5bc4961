package controlplane

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Identity is a user of the cluster with a token of its own in the API server's
// token file.
type Identity struct {
	// User is the name RBAC sees.
	User string
	// Groups are the groups RBAC sees.
	Groups []string
}

// Admin may do everything.
var Admin = Identity{User: "admin", Groups: []string{"system:masters"}}

// ServiceAccount is the identity of a service account. Programs that would run
// in a pod get it from the token file, so that the roles bound to the real
// service account are what they have.
func ServiceAccount(namespace, name string) Identity {
	return Identity{
		User:   "system:serviceaccount:" + namespace + ":" + name,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
	}
}

// identities are the rows of every cluster's token file: those who run before
// any service account exists, and those KubeVirt and CDI know by name.
var identities = []Identity{
	Admin,
	{User: "system:kube-controller-manager"},
	{User: "system:kube-scheduler"},
	ServiceAccount("kubevirt", "kubevirt-apiserver"),
	ServiceAccount("kubevirt", "kubevirt-controller"),
	ServiceAccount("kubevirt", "kubevirt-handler"),
	ServiceAccount("cdi", "cdi-apiserver"),
	ServiceAccount("cdi", "cdi-sa"),
	ServiceAccount("cdi", "cdi-uploadproxy"),
	ServiceAccount("kube-system", "snapshot-controller"),
}

// tokens maps a user to the token of the file, which is written at first use
// and completed when a newer version knows more identities.
func (p *PKI) tokens() (map[string]string, error) {
	path := p.file("tokens.csv")
	known := map[string]string{}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("tokens of the cluster: %w", err)
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("tokens of the cluster: %s: %w", path, err)
	}
	for _, row := range rows {
		if len(row) > 1 {
			known[row[1]] = row[0]
		}
	}
	missing := false
	for _, identity := range identities {
		if known[identity.User] == "" {
			known[identity.User] = strings.ToLower(rand.Text())
			missing = true
		}
	}
	if !missing {
		return known, nil
	}
	var file bytes.Buffer
	writer := csv.NewWriter(&file)
	for _, identity := range identities {
		// The column of groups is itself a list with commas.
		row := []string{known[identity.User], identity.User, identity.User, strings.Join(identity.Groups, ",")}
		if err := writer.Write(row); err != nil {
			return nil, fmt.Errorf("tokens of the cluster: %w", err)
		}
	}
	writer.Flush()
	return known, p.write("tokens.csv", file.Bytes(), 0o600)
}

// Token returns the token of one of the cluster's identities.
func (p *PKI) Token(identity Identity) (string, error) {
	tokens, err := p.tokens()
	if err != nil {
		return "", err
	}
	token, known := tokens[identity.User]
	if !known {
		return "", fmt.Errorf("the token file has no user %q", identity.User)
	}
	return token, nil
}
