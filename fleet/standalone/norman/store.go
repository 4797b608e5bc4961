package norman

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"

	"crofthci.io/croft/fleet/standalone/random"
	"crofthci.io/croft/fleet/standalone/right"
	"crofthci.io/croft/pkg/rancher/management"
)

const (
	// nameLength is how many random letters a new name ends with.
	nameLength = 5
	// projectTime bounds how long a new project may take to be set up.
	projectTime = 10 * time.Second
	projectPoll = 50 * time.Millisecond
)

// store shows the objects of one kind, as the caller.
type store struct {
	options Options
	kind    *kind
}

// Context is where the objects are, for norman.
func (s *store) Context() types.StorageContext { return types.DefaultStorageContext }

// ByID reads one object.
func (s *store) ByID(apiContext *types.APIContext, _ *types.Schema, id string) (map[string]interface{}, error) {
	object, err := s.get(apiContext, id)
	if err != nil {
		return nil, err
	}

	return s.kind.show(object), nil
}

// List reads all objects that the caller may list. Whoever may only get some of
// them by name gets those: that is how members see their clusters.
func (s *store) List(apiContext *types.APIContext, _ *types.Schema, _ *types.QueryOptions) ([]map[string]interface{}, error) {
	as, err := s.as(apiContext)
	if err != nil {
		return nil, err
	}

	list, err := as.Resource(s.kind.resource).List(apiContext.Request.Context(), metav1.ListOptions{})
	if apierrors.IsForbidden(err) {
		list, err = s.visible(apiContext, as)
	}

	if err != nil {
		return nil, translate(err)
	}

	result := make([]map[string]interface{}, 0, len(list.Items))
	for i := range list.Items {
		result = append(result, s.kind.show(&list.Items[i]))
	}

	return result, nil
}

// visible are the objects that the caller may get one by one. The server knows
// what there is; the caller's own request decides about each.
func (s *store) visible(apiContext *types.APIContext, as dynamic.Interface) (*unstructured.UnstructuredList, error) {
	ctx := apiContext.Request.Context()

	known := &unstructured.UnstructuredList{}
	known.SetGroupVersionKind(s.kind.resource.GroupVersion().WithKind(s.kind.object + "List"))

	if err := s.options.Live.List(ctx, known); err != nil {
		return nil, err
	}

	result := &unstructured.UnstructuredList{}

	for i := range known.Items {
		object, err := s.in(as, known.Items[i].GetNamespace()).Get(ctx, known.Items[i].GetName(), metav1.GetOptions{})
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
			continue
		}

		if err != nil {
			return nil, err
		}

		result.Items = append(result.Items, *object)
	}

	return result, nil
}

// Create makes an object.
func (s *store) Create(apiContext *types.APIContext, _ *types.Schema, data map[string]interface{}) (map[string]interface{}, error) {
	as, err := s.as(apiContext)
	if err != nil {
		return nil, err
	}

	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetGroupVersionKind(s.kind.resource.GroupVersion().WithKind(s.kind.object))

	if err := s.kind.take(data, object, false); err != nil {
		return nil, httperror.WrapAPIError(err, httperror.InvalidBodyContent, "a field cannot be kept")
	}

	if err := s.place(data, object); err != nil {
		return nil, err
	}

	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}

	annotations["field.cattle.io/creatorId"] = caller(apiContext).GetName()
	object.SetAnnotations(annotations)

	made, err := s.in(as, object.GetNamespace()).Create(apiContext.Request.Context(), object, metav1.CreateOptions{})
	if err != nil {
		return nil, translate(err)
	}

	return s.kind.show(made), nil
}

// place gives a new object its name and its namespace.
func (s *store) place(data map[string]any, object *unstructured.Unstructured) error {
	if s.kind.prefix == "" {
		name, _ := data["name"].(string)
		if name == "" {
			return httperror.NewFieldAPIError(httperror.MissingRequired, "name", "name is required")
		}

		object.SetName(name)
	} else {
		suffix, err := random.Word(nameLength)
		if err != nil {
			return err
		}

		object.SetName(s.kind.prefix + suffix)
	}

	if s.kind.namespace == "" {
		return nil
	}

	namespace, err := s.namespaceFor(data)
	if err != nil {
		return err
	}

	object.SetNamespace(namespace)

	return nil
}

// namespaceFor is the namespace of the cluster or the project that is named.
func (s *store) namespaceFor(data map[string]any) (string, error) {
	given, _ := data[s.kind.namespace].(string)
	if s.kind.namespace != "projectId" {
		return given, nil
	}

	cluster, project, ok := strings.Cut(given, ":")
	if !ok {
		return "", httperror.NewFieldAPIError(httperror.InvalidFormat, "projectId", "projectId is <cluster>:<project>")
	}

	return right.BackingNamespace(cluster, project), nil
}

// Update changes an object; what is not named stays.
func (s *store) Update(apiContext *types.APIContext, _ *types.Schema, data map[string]interface{}, id string) (map[string]interface{}, error) {
	object, err := s.get(apiContext, id)
	if err != nil {
		return nil, err
	}

	if err := s.kind.take(data, object, true); err != nil {
		return nil, httperror.WrapAPIError(err, httperror.InvalidBodyContent, "a field cannot be kept")
	}

	as, err := s.as(apiContext)
	if err != nil {
		return nil, err
	}

	made, err := s.in(as, object.GetNamespace()).Update(apiContext.Request.Context(), object, metav1.UpdateOptions{})
	if err != nil {
		return nil, translate(err)
	}

	return s.kind.show(made), nil
}

// Delete removes an object.
func (s *store) Delete(apiContext *types.APIContext, _ *types.Schema, id string) (map[string]interface{}, error) {
	object, err := s.get(apiContext, id)
	if err != nil {
		return nil, err
	}

	as, err := s.as(apiContext)
	if err != nil {
		return nil, err
	}

	if err := s.in(as, object.GetNamespace()).Delete(apiContext.Request.Context(), object.GetName(), metav1.DeleteOptions{}); err != nil {
		return nil, translate(err)
	}

	return s.kind.show(object), nil
}

// Watch tells what changes, to whom may watch all.
func (s *store) Watch(apiContext *types.APIContext, _ *types.Schema, _ *types.QueryOptions) (chan map[string]interface{}, error) {
	as, err := s.as(apiContext)
	if err != nil {
		return nil, err
	}

	ctx := apiContext.Request.Context()

	events, err := as.Resource(s.kind.resource).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		// Who may not watch one type still watches the others.
		return nil, nil //nolint:nilerr // a nil channel means: nothing to tell.
	}

	result := make(chan map[string]interface{})

	go func() {
		defer close(result)
		defer events.Stop()

		for {
			select {
			case <-ctx.Done():
				return
			case event, ok := <-events.ResultChan():
				if !ok {
					return
				}

				data := s.told(event)
				if data == nil {
					continue
				}

				select {
				case result <- data:
				case <-ctx.Done():
					return
				}
			}
		}
	}()

	return result, nil
}

func (s *store) told(event watch.Event) map[string]any {
	object, ok := event.Object.(*unstructured.Unstructured)
	if !ok || event.Type == watch.Bookmark || event.Type == watch.Error {
		return nil
	}

	data := s.kind.show(object)
	if event.Type == watch.Deleted {
		data[".removed"] = true
	}

	return data
}

func (s *store) get(apiContext *types.APIContext, id string) (*unstructured.Unstructured, error) {
	as, err := s.as(apiContext)
	if err != nil {
		return nil, err
	}

	namespace, name := splitID(id)
	if (namespace == "") != (s.kind.namespace == "") {
		return nil, httperror.NewAPIError(httperror.NotFound, fmt.Sprintf("there is no %s %s", s.kind.id, id))
	}

	object, err := s.in(as, namespace).Get(apiContext.Request.Context(), name, metav1.GetOptions{})
	if err != nil {
		return nil, translate(err)
	}

	return object, nil
}

func (s *store) as(apiContext *types.APIContext) (dynamic.Interface, error) {
	who := caller(apiContext)
	if who == nil {
		return nil, httperror.NewAPIError(httperror.Unauthorized, "must authenticate")
	}

	return s.options.as(who)
}

func (s *store) in(as dynamic.Interface, namespace string) dynamic.ResourceInterface {
	if namespace == "" {
		return as.Resource(s.kind.resource)
	}

	return as.Resource(s.kind.resource).Namespace(namespace)
}

// translate says in norman's words what the API server said.
func translate(err error) error {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return err
	}

	code := httperror.ServerError

	switch {
	case apierrors.IsNotFound(err):
		code = httperror.NotFound
	case apierrors.IsForbidden(err):
		code = httperror.PermissionDenied
	case apierrors.IsUnauthorized(err):
		code = httperror.Unauthorized
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		code = httperror.Conflict
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		code = httperror.InvalidBodyContent
	}

	return httperror.NewAPIError(code, status.Status().Message)
}

// awaitProject waits until owners may write into the namespace of a project's
// bindings: a page makes a project and gives rights on it in one go.
func (o Options) awaitProject(apiContext *types.APIContext, project string) error {
	cluster, name, _ := strings.Cut(project, ":")
	have := &management.Project{}

	err := wait.PollUntilContextTimeout(apiContext.Request.Context(), projectPoll, projectTime, true, func(ctx context.Context) (bool, error) {
		err := o.Live.Get(ctx, objectKey(cluster, name), have)

		return have.Status.BackingNamespace != "", err
	})
	if apierrors.IsNotFound(err) {
		return httperror.NewFieldAPIError(httperror.InvalidReference, "projectId", "there is no project "+project)
	}

	if wait.Interrupted(err) {
		return httperror.NewAPIError(httperror.ServerError, "the project "+project+" is not set up yet, try again")
	}

	return err
}
