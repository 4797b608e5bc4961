package serve

import (
	"net/http"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas"

	"crofthci.io/croft/fleet/index"
)

// schemaOf is a type's schema, made of its columns.
func schemaOf(t *index.Type, s types.Store) types.APISchema {
	fields := map[string]schemas.Field{
		"metadata":  {Type: "json", Description: "Name, namespace, UID, labels, creationTimestamp and state, as in Kubernetes."},
		"siteName":  {Type: "string", Description: "The name that people gave the site."},
		"stale":     {Type: "boolean", Description: "Whether the site is away or being listed, so that the row may be out of date."},
		"lastHeard": {Type: "date", Description: "When the site last answered."},
	}
	var columns []map[string]any
	for _, column := range t.AllColumns() {
		fields[column.Name] = schemas.Field{Type: fieldType(column.Kind), Description: column.Description}
		columns = append(columns, map[string]any{"name": column.Name, "field": column.Name, "type": fieldType(column.Kind), "description": column.Description})
	}
	right := t.Right()
	return types.APISchema{
		Schema: &schemas.Schema{
			ID: t.Name, PluralName: t.Plural, Description: t.Description,
			CollectionMethods: []string{http.MethodGet}, ResourceMethods: []string{http.MethodGet},
			ResourceFields: fields,
			Attributes: map[string]any{
				"group": right.Group, "resource": right.Resource, "version": t.Sources[0].Resource.Version,
				"verbs": []string{"get", "list", "watch"}, "columns": columns,
			},
		},
		Store:     s,
		Formatter: linker(t),
	}
}

func fieldType(kind index.Kind) string {
	switch kind {
	case index.Number:
		return "float"
	case index.Time:
		return "date"
	case index.Addresses, index.Words:
		return "array[string]"
	default:
		return "string"
	}
}

// linker adds the link to the object at its site, where its actions are.
func linker(t *index.Type) types.Formatter {
	resource := t.Right()
	steve := resource.Resource
	if resource.Group != "" {
		steve = resource.Group + "." + steve
	}
	return func(_ *types.APIRequest, raw *types.RawResource) {
		key, ok := parseKey(raw.ID)
		switch {
		case !ok:
		case t.OfHub:
			raw.Links["hub"] = "/v1/" + steve + "/" + strings.TrimPrefix(key.Namespace+"/"+key.Name, "/")
			for _, link := range t.Links {
				raw.Links[link] = prefix + "/" + t.Plural + "/" + raw.ID + "/" + link
			}
		case key.Name == "":
			raw.Links["site"] = "/k8s/clusters/" + key.Site
		case key.Namespace == "":
			raw.Links["site"] = "/k8s/clusters/" + key.Site + "/v1/harvester/" + steve + "/" + key.Name
		default:
			raw.Links["site"] = "/k8s/clusters/" + key.Site + "/v1/harvester/" + steve + "/" + key.Namespace + "/" + key.Name
		}
	}
}
