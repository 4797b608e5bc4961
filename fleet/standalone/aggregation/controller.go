package aggregation

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"crofthci.io/croft/fleet/standalone/random"
	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher/management"
)

const (
	// accountNamespace is where the services' accounts are, as in Rancher.
	accountNamespace = "cattle-system"
	accountSuffix    = "-api-service"
	// labelService finds the root of a service's token.
	labelService = "management.cattle.io/api-service"
	rootKey      = "token"
	rootLength   = 54
)

// Options say what the controller works with.
type Options struct {
	// Live reads and writes past any cache.
	Live client.Client
	// ServerURL is how programs reach this server.
	ServerURL string
	// AuthorityPEM is this server's authority.
	AuthorityPEM []byte
	// Cut ends the sessions of a key.
	Cut func(key string)
}

// Setup adds the controller of API services to a manager.
func Setup(mgr ctrl.Manager, registry *Registry, o Options) error {
	err := ctrl.NewControllerManagedBy(mgr).Named("apiservice").
		For(&management.APIService{}).
		WithOptions(controller.Options{SkipNameValidation: ptr.To(true)}).
		Complete(&services{Options: o, cached: mgr.GetClient(), registry: registry})
	if err != nil {
		return fmt.Errorf("controller of API services: %w", err)
	}

	return nil
}

type services struct {
	Options
	cached   client.Client
	registry *Registry
}

// Reconcile gives one service its account, its token and its Secret.
func (s *services) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	service := &management.APIService{}

	err := s.cached.Get(ctx, req.NamespacedName, service)
	if apierrors.IsNotFound(err) || (err == nil && service.DeletionTimestamp != nil) {
		if gone := s.registry.drop(req.Name); gone != nil {
			s.Cut(Key(string(gone.UID)))
		}

		return ctrl.Result{}, nil
	}

	if err != nil {
		return ctrl.Result{}, fmt.Errorf("read API service %s: %w", req.Name, err)
	}

	s.registry.put(service.DeepCopy())

	root, err := s.ensureRoot(ctx, service)
	if err != nil {
		return ctrl.Result{}, err
	}

	s.registry.expect(service.Name, Token(root))

	if err := s.publish(ctx, service, Token(root)); err != nil {
		return ctrl.Result{}, err
	}

	before := service.DeepCopy()
	service.Status.ServiceAccountName = accountOf(service)
	service.Status.ServiceAccountNamespace = accountNamespace

	if equality.Semantic.DeepEqual(before.Status, service.Status) {
		return ctrl.Result{}, nil
	}

	return ctrl.Result{}, s.cached.Status().Patch(ctx, service, client.MergeFrom(before))
}

// ensureRoot makes the account and the word that the service's token is made of.
// Rancher takes the account's own token; here the account is a name alone and
// the word is random, so no API server has to issue tokens.
func (s *services) ensureRoot(ctx context.Context, service *management.APIService) (string, error) {
	owners := []metav1.OwnerReference{*metav1.NewControllerRef(service, management.GroupVersion.WithKind("APIService"))}

	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{
		Namespace: accountNamespace, Name: accountOf(service), OwnerReferences: owners,
	}}
	if err := s.Live.Create(ctx, account); err != nil && !apierrors.IsAlreadyExists(err) {
		return "", fmt.Errorf("account of API service %s: %w", service.Name, err)
	}

	// The UID is in the name: a new object under an old name has a new token.
	secret := &corev1.Secret{}
	name := client.ObjectKey{Namespace: accountNamespace, Name: accountOf(service) + "-" + string(service.UID)}

	err := s.Live.Get(ctx, name, secret)
	if err == nil {
		return string(secret.Data[rootKey]), nil
	}

	if !apierrors.IsNotFound(err) {
		return "", fmt.Errorf("read the token of API service %s: %w", service.Name, err)
	}

	word, err := random.Word(rootLength)
	if err != nil {
		return "", err
	}

	secret = &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: name.Namespace, Name: name.Name, OwnerReferences: owners,
			Labels: map[string]string{labelService: service.Name},
		},
		Data: map[string][]byte{rootKey: []byte(word)},
	}
	if err := s.Live.Create(ctx, secret); err != nil {
		return "", fmt.Errorf("keep the token of API service %s: %w", service.Name, err)
	}

	return word, nil
}

// publish writes the Secret that the program reads.
func (s *services) publish(ctx context.Context, service *management.APIService, token string) error {
	if service.Spec.SecretName == "" || service.Spec.SecretNamespace == "" {
		return nil
	}

	want := map[string][]byte{
		"token": []byte(token), "url": []byte(s.ServerURL + "/v3/connect"), "ca.crt": s.AuthorityPEM,
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: service.Spec.SecretNamespace, Name: service.Spec.SecretName}}

	err := s.Live.Get(ctx, client.ObjectKeyFromObject(secret), secret)
	if apierrors.IsNotFound(err) {
		secret.Data = want
		err = s.create(ctx, secret)
	} else if err == nil && !equality.Semantic.DeepEqual(secret.Data, want) {
		secret.Data = want
		err = s.Live.Update(ctx, secret)
	}

	if err != nil {
		return fmt.Errorf("publish the token of API service %s: %w", service.Name, err)
	}

	return nil
}

// create makes the Secret, and its namespace where there is none yet.
func (s *services) create(ctx context.Context, secret *corev1.Secret) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: secret.Namespace}}
	if err := s.Live.Create(ctx, namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}

	return s.Live.Create(ctx, secret)
}

func accountOf(service *management.APIService) string { return service.Name + accountSuffix }

// Token is what a program presents, made of the root of its service.
func Token(root string) string {
	sum := sha256.Sum256([]byte(root))

	return base64.StdEncoding.EncodeToString(sum[:])
}

// Connect authorizes the programs behind API services.
type Connect struct {
	// Registry knows the tokens.
	Registry *Registry
	// Live reads past any cache.
	Live client.Reader
}

// Authorize is a tunnel.Authorizer.
func (c *Connect) Authorize(req *http.Request) (*tunnel.Caller, error) {
	presented, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if !ok || presented == "" {
		return nil, nil //nolint:nilnil // no token.
	}

	if known := c.Registry.expected(presented); known != nil {
		return c.still(req.Context(), known)
	}

	if tunnel.OnlyKnown(req.Context()) {
		return nil, nil //nolint:nilnil // not in memory, and nobody looks further.
	}

	return c.lookUp(req.Context(), presented)
}

// still lets in the program of a service that is there, past any cache.
func (c *Connect) still(ctx context.Context, known *management.APIService) (*tunnel.Caller, error) {
	now := &management.APIService{}

	err := c.Live.Get(ctx, client.ObjectKeyFromObject(known), now)
	if apierrors.IsNotFound(err) || err == nil && (now.UID != known.UID || now.DeletionTimestamp != nil) {
		return nil, nil //nolint:nilnil // the service is gone.
	}

	if err != nil {
		return nil, fmt.Errorf("read API service %s: %w", known.Name, err)
	}

	return &tunnel.Caller{Key: Key(string(now.UID))}, nil
}

// lookUp is for the token of a service that was made a moment ago.
func (c *Connect) lookUp(ctx context.Context, presented string) (*tunnel.Caller, error) {
	var roots corev1.SecretList
	if err := c.Live.List(ctx, &roots, client.InNamespace(accountNamespace), client.HasLabels{labelService}); err != nil {
		return nil, fmt.Errorf("list the tokens of API services: %w", err)
	}

	name := ""

	for i := range roots.Items {
		root := string(roots.Items[i].Data[rootKey])
		if root != "" && subtle.ConstantTimeCompare([]byte(Token(root)), []byte(presented)) == 1 {
			name = roots.Items[i].Name
		}
	}

	if name == "" {
		return nil, nil //nolint:nilnil // not a program's token.
	}

	var services management.APIServiceList
	if err := c.Live.List(ctx, &services); err != nil {
		return nil, fmt.Errorf("list API services: %w", err)
	}

	for i := range services.Items {
		have := &services.Items[i]
		if have.DeletionTimestamp == nil && accountOf(have)+"-"+string(have.UID) == name {
			return &tunnel.Caller{Key: Key(string(have.UID))}, nil
		}
	}

	return nil, nil //nolint:nilnil // the service is gone.
}
