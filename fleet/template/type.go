// Package template says what the hub's index holds of a site's template of machines. It reads nothing and serves nothing.
// Begin reading with Type.
package template

import (
	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Type is the row of a template.
var Type = &index.Type{
	Name:        "template",
	Plural:      "templates",
	Description: "A template that machines of one of the sites are made of, as the hub last saw it.",
	Sources: []index.Source{{
		Resource: harvesterv1.GroupVersion.WithResource("virtualmachinetemplates"), Trim: index.TrimOne("template", keep), Optional: true,
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Active, Pending while it has no default version, or Removing."},
		{Name: "defaultVersion", Kind: index.Number, Aliases: []string{"status.defaultVersion"}, Description: "The number of the default version; 0 while there is none."},
		{Name: "latestVersion", Kind: index.Number, Aliases: []string{"status.latestVersion"}, Description: "The highest number that a version has had."},
		{Name: "defaultVersionId", Aliases: []string{"spec.defaultVersionId"}, Description: "The default version, as namespace and name."},
		{Name: "description", Aliases: []string{"spec.description"}, Description: "What people say of it.", Searched: true},
	},
	Join: index.JoinOne("template", row),
}

// kept is what is kept of a template.
type kept struct {
	index.Meta
	DefaultID   string `json:"defaultId,omitempty"`
	Default     int    `json:"default,omitempty"`
	Latest      int    `json:"latest,omitempty"`
	Description string `json:"description,omitempty"`
}

func keep(template *harvesterv1.VirtualMachineTemplate) kept {
	return kept{
		Meta: index.MetaOf(&template.ObjectMeta), DefaultID: index.Short(template.Spec.DefaultVersionID),
		Default: template.Status.DefaultVersion, Latest: template.Status.LatestVersion, Description: index.Long(template.Spec.Description),
	}
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	return k.Row(word, state, map[string]any{
		"defaultVersion": int64(k.Default), "latestVersion": int64(k.Latest), "defaultVersionId": k.DefaultID, "description": k.Description,
	})
}

// stateOf says in a word whether machines can be made of a template.
func stateOf(k *kept) (string, index.State) {
	if k.Default == 0 {
		return "Pending", index.State{Transitioning: true, Message: "It has no default version."}
	}
	return "Active", index.State{}
}
