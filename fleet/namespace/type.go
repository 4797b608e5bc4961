// Package namespace says what the hub's index holds of a site's namespace: above all which Rancher project it is in, for
// lists that are narrowed to projects. It reads nothing and serves nothing. Begin reading with Type.
package namespace

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
)

// Type is the row of a namespace. Queries over other types look into its column project (see package index).
var Type = &index.Type{
	Name:        "namespace",
	Plural:      "namespaces",
	Description: "A namespace of one of the sites, as the hub last saw it.",
	Sources:     []index.Source{{Resource: corev1.SchemeGroupVersion.WithResource("namespaces"), Trim: trim}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Active or Terminating."},
		{Name: "project", Description: "The Rancher project, without its cluster; empty when it is in none."},
	},
	Join: join,
}

// projectID is the label with the project's name and the annotation with the cluster's before it.
const projectID = "field.cattle.io/projectId"

// kept is what is kept of a namespace.
type kept struct {
	UID     string    `json:"uid"`
	Created time.Time `json:"created"`
	Phase   string    `json:"phase"`
	Project string    `json:"project,omitempty"`
}

func trim(object []byte) ([]byte, error) {
	var namespace corev1.Namespace
	if err := decode.Known(object, &namespace); err != nil {
		return nil, fmt.Errorf("read a namespace: %w", err)
	}
	return json.Marshal(kept{
		UID: string(index.Short(namespace.UID)), Created: namespace.CreationTimestamp.Time,
		Phase: string(index.Short(namespace.Status.Phase)), Project: index.Short(projectOf(&namespace)),
	})
}

func projectOf(namespace *corev1.Namespace) string {
	if project := namespace.Labels[projectID]; project != "" {
		return project
	}
	_, project, _ := strings.Cut(namespace.Annotations[projectID], ":")
	return project
}

func join(parts [][]byte) (index.Row, error) {
	var k kept
	if err := decode.Known(parts[0], &k); err != nil {
		return index.Row{}, fmt.Errorf("read the kept namespace: %w", err)
	}
	return index.Row{
		UID: k.UID, Created: k.Created,
		State:  index.State{Name: strings.ToLower(k.Phase), Transitioning: k.Phase == string(corev1.NamespaceTerminating)},
		Values: map[string]any{"state": k.Phase, "project": k.Project},
	}, nil
}
