package norman

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/store/empty"
	"github.com/rancher/norman/types"
	"github.com/rancher/norman/types/convert"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/random"
)

// How Rancher keeps a cloud credential: a secret of this namespace whose keys are <configuration>-<field>.
const (
	credentialNamespace = "cattle-global-data"
	credentialPrefix    = "cc-"
	credentialConfig    = "croftcredentialConfig"
	annotationName      = "field.cattle.io/name"
	annotationNote      = "field.cattle.io/description"
	annotationCreator   = "field.cattle.io/creatorId"
	annotationDriver    = "provisioning.cattle.io/driver"
)

// credentialFields are those of the driver croft; a secret one is kept and never shown.
var credentialFields = []field{{api: "clusterType"}, {api: "clusterId"}, {api: "kubeconfigContent", kind: "password", rule: writeOnly}}

func credentialSchema(o Options) types.Schema {
	made := types.Schema{
		ID: "cloudCredential", PluralName: "cloudCredentials", Version: version, CodeName: "CloudCredential",
		ResourceMethods:   []string{http.MethodGet, http.MethodPut, http.MethodDelete},
		CollectionMethods: []string{http.MethodGet, http.MethodPost},
		ResourceFields:    map[string]types.Field{},
		Store:             &credentialStore{options: o},
	}
	for _, f := range []field{
		{api: "name"}, {api: "description"}, {api: "annotations", kind: "map[string]"}, {api: "labels", kind: "map[string]"},
		{api: "created", kind: "date", rule: readOnly}, {api: "creatorId", rule: readOnly}, {api: credentialConfig, kind: strings.ToLower(credentialConfig)},
	} {
		made.ResourceFields[f.api] = f.norman()
	}

	return made
}

// credentialConfigSchema is what a credential of the driver croft is made of.
func credentialConfigSchema() types.Schema {
	made := types.Schema{
		ID: strings.ToLower(credentialConfig), PluralName: strings.ToLower(credentialConfig) + "s", Version: version,
		CollectionMethods: []string{}, ResourceMethods: []string{}, ResourceFields: map[string]types.Field{},
	}
	for _, f := range credentialFields {
		shown := f.norman()
		shown.Update = true // a new kubeconfig replaces the one of before
		made.ResourceFields[f.api] = shown
	}

	return made
}

// secrets are what keeps credentials.
var secrets = corev1.SchemeGroupVersion.WithResource("secrets")

// credentialStore keeps cloud credentials. One is its maker's; with another's, everybody does what he may do with its secret.
type credentialStore struct {
	empty.Store
	options Options
}

// ByID reads one.
func (s *credentialStore) ByID(request *types.APIContext, _ *types.Schema, id string) (map[string]interface{}, error) {
	have, err := s.find(request, id)
	if err != nil {
		return nil, err
	}

	return showCredential(have), nil
}

// List reads those that the caller may see.
func (s *credentialStore) List(request *types.APIContext, _ *types.Schema, _ *types.QueryOptions) ([]map[string]interface{}, error) {
	all := &corev1.SecretList{}
	if err := s.options.Live.List(request.Request.Context(), all, client.InNamespace(credentialNamespace)); err != nil {
		return nil, translate(err)
	}

	reads, err := s.reads(request)
	if err != nil {
		return nil, err
	}

	result := []map[string]interface{}{}

	for i := range all.Items {
		have := &all.Items[i]
		if isCredential(have) && (isMaker(caller(request), have) || reads(have.Name)) {
			result = append(result, showCredential(have))
		}
	}

	return result, nil
}

// Create makes one for the caller.
func (s *credentialStore) Create(request *types.APIContext, _ *types.Schema, data map[string]interface{}) (map[string]interface{}, error) {
	suffix, err := random.Word(nameLength)
	if err != nil {
		return nil, err
	}

	made := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: credentialNamespace, Name: credentialPrefix + suffix,
		Annotations: map[string]string{annotationCreator: caller(request).GetName()},
	}}
	takeCredential(data, made)

	if len(made.Data[credentialConfig+"-kubeconfigContent"]) == 0 {
		return nil, httperror.NewFieldAPIError(httperror.MissingRequired, "kubeconfigContent", "a credential needs the kubeconfig of its site")
	}

	if err := s.options.Live.Create(request.Request.Context(), made); err != nil {
		return nil, translate(err)
	}

	return showCredential(made), nil
}

// Update changes one; what is not given stays.
func (s *credentialStore) Update(request *types.APIContext, _ *types.Schema, data map[string]interface{}, id string) (map[string]interface{}, error) {
	have, err := s.find(request, id)
	if err != nil {
		return nil, err
	}

	takeCredential(data, have)

	if err := s.write(request, have); err != nil {
		return nil, translate(err)
	}

	return showCredential(have), nil
}

// write keeps a changed credential: its maker's by the hub, another's as the caller.
func (s *credentialStore) write(request *types.APIContext, changed *corev1.Secret) error {
	ctx, who := request.Request.Context(), caller(request)
	if isMaker(who, changed) {
		return s.options.Live.Update(ctx, changed)
	}

	as, err := s.options.as(who)
	if err != nil {
		return err
	}

	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(changed)
	if err != nil {
		return fmt.Errorf("write credential %s: %w", changed.Name, err)
	}

	written := &unstructured.Unstructured{Object: fields}
	written.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	_, err = as.Resource(secrets).Namespace(changed.Namespace).Update(ctx, written, metav1.UpdateOptions{})

	return err
}

// Delete removes one.
func (s *credentialStore) Delete(request *types.APIContext, _ *types.Schema, id string) (map[string]interface{}, error) {
	have, err := s.find(request, id)
	if err != nil {
		return nil, err
	}

	if err := s.remove(request, have); err != nil {
		return nil, translate(err)
	}

	return showCredential(have), nil
}

// remove takes a credential away: its maker's by the hub, another's as the caller.
func (s *credentialStore) remove(request *types.APIContext, have *corev1.Secret) error {
	ctx, who := request.Request.Context(), caller(request)
	if isMaker(who, have) {
		return s.options.Live.Delete(ctx, have, client.Preconditions{UID: &have.UID})
	}

	as, err := s.options.as(who)
	if err != nil {
		return err
	}

	return as.Resource(secrets).Namespace(have.Namespace).Delete(ctx, have.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(have.UID))})
}

func (s *credentialStore) find(request *types.APIContext, id string) (*corev1.Secret, error) {
	namespace, name := splitID(id)
	have := &corev1.Secret{}

	err := s.options.Live.Get(request.Request.Context(), client.ObjectKey{Namespace: credentialNamespace, Name: name}, have)
	if client.IgnoreNotFound(err) != nil {
		return nil, translate(err)
	}

	if err != nil || namespace != credentialNamespace || !isCredential(have) || !s.sees(request, have) {
		return nil, httperror.NewAPIError(httperror.NotFound, "there is no cloudCredential "+id)
	}

	return have, nil
}

// sees says whether a credential is the caller's own, or the API server lets him read it.
func (s *credentialStore) sees(request *types.APIContext, secret *corev1.Secret) bool {
	who := caller(request)
	if isMaker(who, secret) {
		return true
	}

	as, err := s.options.as(who)
	if err != nil {
		return false
	}

	_, err = as.Resource(secrets).Namespace(secret.Namespace).Get(request.Request.Context(), secret.Name, metav1.GetOptions{})

	return err == nil || apierrors.IsNotFound(err)
}

func isMaker(who user.Info, secret *corev1.Secret) bool {
	return secret.Annotations[annotationCreator] == who.GetName()
}

func isCredential(secret *corev1.Secret) bool {
	return strings.HasPrefix(secret.Name, credentialPrefix) && secret.Annotations[annotationDriver] != ""
}

// takeCredential writes what was given into a secret.
func takeCredential(data map[string]any, secret *corev1.Secret) {
	for key, text := range convert.ToMapInterface(data["annotations"]) {
		if key != annotationCreator {
			metav1.SetMetaDataAnnotation(&secret.ObjectMeta, key, convert.ToString(text))
		}
	}

	metav1.SetMetaDataAnnotation(&secret.ObjectMeta, annotationDriver, "croft")

	for name, annotation := range map[string]string{"name": annotationName, "description": annotationNote} {
		if text, given := data[name]; given {
			metav1.SetMetaDataAnnotation(&secret.ObjectMeta, annotation, convert.ToString(text))
		}
	}

	config := convert.ToMapInterface(data[credentialConfig])
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}

	for _, f := range credentialFields {
		if text := convert.ToString(config[f.api]); text != "" {
			secret.Data[credentialConfig+"-"+f.api] = []byte(text)
		}
	}
}

// showCredential is a credential without its secrets.
func showCredential(secret *corev1.Secret) map[string]any {
	config := map[string]any{}

	for _, f := range credentialFields {
		if text := secret.Data[credentialConfig+"-"+f.api]; len(text) > 0 && f.rule != writeOnly {
			config[f.api] = string(text)
		}
	}

	annotations := map[string]any{}
	for key, text := range maps.All(secret.Annotations) {
		annotations[key] = text
	}

	return map[string]any{
		"id": secret.Namespace + ":" + secret.Name, "type": "cloudCredential", "baseType": "cloudCredential",
		"name": secret.Annotations[annotationName], "description": secret.Annotations[annotationNote], "annotations": annotations,
		"creatorId": secret.Annotations[annotationCreator], "created": secret.CreationTimestamp.UTC().Format("2006-01-02T15:04:05Z"),
		credentialConfig: config,
	}
}
