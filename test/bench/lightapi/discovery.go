package lightapi

import (
	"net/http"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiversion "k8s.io/apimachinery/pkg/version"
)

// Version is what the servers call themselves.
const Version = "v1.36.3+light"

// discover answers what is no address of objects.
func (s *Server) discover(w http.ResponseWriter, r *http.Request) {
	switch path := strings.TrimSuffix(r.URL.Path, "/"); path {
	case "/version":
		answer(w, apiversion.Info{Major: "1", Minor: "36", GitVersion: Version, Platform: "light"}, nil)
	case "/healthz", "/livez", "/readyz":
		w.Write([]byte("ok"))
	case "/api":
		answer(w, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}}, nil)
	case "/apis":
		answer(w, s.groups(), nil)
	case "/openapi/v2":
		// A document without models, in protobuf, which is how client-go asks for it: field 1, swagger, "2.0".
		w.Header().Set("Content-Type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
		w.Write([]byte("\x0a\x032.0"))
	case "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
		review(w, r)
	default:
		resources := s.resources(path)
		if len(resources.APIResources) == 0 {
			answer(w, nil, notFound("the server could not find the requested resource: "+path))
			return
		}
		answer(w, resources, nil)
	}
}

// groups are the API groups, each with one version.
func (s *Server) groups() metav1.APIGroupList {
	list := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{}}
	seen := map[string]bool{"": true}
	for _, t := range s.tables {
		if seen[t.kind.Group] {
			continue
		}
		seen[t.kind.Group] = true
		version := metav1.GroupVersionForDiscovery{GroupVersion: t.kind.GroupVersion().String(), Version: t.kind.Version}
		list.Groups = append(list.Groups, metav1.APIGroup{Name: t.kind.Group, Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version})
	}
	return list
}

// resources are the kinds of one version.
func (s *Server) resources(root string) metav1.APIResourceList {
	list := metav1.APIResourceList{
		TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
		GroupVersion: strings.TrimPrefix(strings.TrimPrefix(root, "/apis/"), "/api/"),
	}
	for _, t := range s.tables {
		if t.kind.root() == root {
			list.APIResources = append(list.APIResources, t.kind.resource())
		}
	}
	return list
}

// review says of everybody that he may do everything, which is so.
func review(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		answer(w, nil, refusal{http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, "reviews are made"})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	text, err := jsonOf(authorizationv1.SelfSubjectAccessReview{
		TypeMeta: metav1.TypeMeta{APIVersion: authorizationv1.SchemeGroupVersion.String(), Kind: "SelfSubjectAccessReview"},
		Status:   authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: "the light API server does not ask who calls"},
	})
	if err == nil {
		w.Write(text)
	}
}

// asTable is an answer for those who ask for columns; as of kinds without any of their own, there are the name and the age.
func asTable(found int) metav1.Table {
	return metav1.Table{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "Table"},
		ColumnDefinitions: []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: "The object's name."},
			{Name: "Created At", Type: "date", Description: "When the object was made."},
		},
		ListMeta: metav1.ListMeta{ResourceVersion: "0"}, Rows: make([]metav1.TableRow, 0, found),
	}
}
