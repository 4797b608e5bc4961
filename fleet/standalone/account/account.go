// Package account keeps the hub's local users: management.cattle.io/v3 User for
// who they are, and a Secret of the same name in cattle-local-user-passwords for
// the hash of their password. It knows nothing of HTTP, sessions or rights beyond
// naming the first administrator. Begin reading at Store.
package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/fleet/standalone/random"
	"crofthci.io/croft/fleet/standalone/setting"
	"crofthci.io/croft/pkg/rancher/management"
)

// PasswordNamespace is where the hashes are, as in Rancher.
const PasswordNamespace = "cattle-local-user-passwords"

// Names of the global roles that every hub has.
const (
	// RoleAdmin may do everything, here and in every cluster.
	RoleAdmin = "admin"
	// RoleUser may log in and see what he was given.
	RoleUser = "user"
)

const (
	// PasswordKey is the key of the hash in its Secret.
	PasswordKey = "password"
	idLength    = 5
)

// PasswordAnnotations are those of a Secret with a hash, as Rancher's name the way
// in which it was hashed.
func PasswordAnnotations() map[string]string {
	return map[string]string{"cattle.io/password-hash": "argon2id"}
}

// NewName is the name of a new user's object.
func NewName() (string, error) {
	suffix, err := random.Word(idLength)
	if err != nil {
		return "", err
	}

	return "u-" + suffix, nil
}

// Principal is the identity of a local user.
func Principal(userID string) string { return "local://" + userID }

// Errors of this package.
var (
	// ErrCredentials is the answer to a wrong name and to a wrong password alike.
	ErrCredentials = errors.New("the username or the password is wrong")
	// ErrDisabled is the answer to the right password of a user who is switched off.
	ErrDisabled = errors.New("the user is disabled")
	// ErrTaken means that another user has the name.
	ErrTaken = errors.New("another user has this username")
	// ErrTooShort means that the password is not long enough.
	ErrTooShort = errors.New("the password is too short")
	// ErrNobody means that there is no such user.
	ErrNobody = errors.New("there is no such user")
	// ErrNoUsername means that no name was given.
	ErrNoUsername = errors.New("a username is required")
)

// Store keeps users in the hub's API server.
type Store struct {
	// Client reads and writes users and Secrets, past any cache.
	Client client.Client
	// Settings say how long a password must be.
	Settings *setting.Reader

	decoy     string
	decoyOnce sync.Once
	turns     turns
}

// Verify finds the user with that name and password. The errors are
// ErrCredentials, ErrDisabled and ErrBusy, and those of the API server.
func (s *Store) Verify(ctx context.Context, username, password string) (*management.User, error) {
	found, err := s.find(ctx, username)
	if err != nil {
		return nil, err
	}

	hashed, err := s.hashOf(ctx, found)
	if err != nil {
		return nil, err
	}

	// Hashing also for a name that nobody has: the time must not tell.
	right, err := s.matches(ctx, hashed, password)
	if err != nil {
		return nil, err
	}

	if !right || found == nil {
		return nil, ErrCredentials
	}

	if !found.IsEnabled() || found.DeletionTimestamp != nil {
		return nil, ErrDisabled
	}

	return found, nil
}

// VerifyID is Verify for a user who is known already.
func (s *Store) VerifyID(ctx context.Context, userID, password string) error {
	hashed, err := s.hashOf(ctx, &management.User{ObjectMeta: metav1.ObjectMeta{Name: userID}})
	if err != nil {
		return err
	}

	right, err := s.matches(ctx, hashed, password)
	if err == nil && !right {
		return ErrCredentials
	}

	return err
}

// SetPassword keeps the hash of a new password.
func (s *Store) SetPassword(ctx context.Context, userID, password string) error {
	if err := s.longEnough(ctx, password); err != nil {
		return err
	}

	return s.setPassword(ctx, userID, password)
}

// HashFor is the hash of a first password for a user who is there already. The
// errors are ErrNobody, ErrTooShort and ErrBusy.
func (s *Store) HashFor(ctx context.Context, userID, password string) (string, error) {
	if err := s.longEnough(ctx, password); err != nil {
		return "", err
	}

	err := s.Client.Get(ctx, client.ObjectKey{Name: userID}, &management.User{})
	if apierrors.IsNotFound(err) || userID == "" {
		return "", ErrNobody
	}

	if err != nil {
		return "", fmt.Errorf("read user %s: %w", userID, err)
	}

	return s.hash(ctx, password)
}

func (s *Store) longEnough(ctx context.Context, password string) error {
	if least := s.Settings.PasswordLength(ctx); len([]rune(password)) < least {
		return fmt.Errorf("%w: it must have at least %d characters", ErrTooShort, least)
	}

	return nil
}

func (s *Store) setPassword(ctx context.Context, userID, password string) error {
	hashed, err := s.hash(ctx, password)
	if err != nil {
		return err
	}

	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: PasswordNamespace, Name: userID}}

	_, err = controllerutil.CreateOrPatch(ctx, s.Client, secret, func() error {
		if secret.Annotations == nil {
			secret.Annotations = map[string]string{}
		}

		maps.Copy(secret.Annotations, PasswordAnnotations())

		secret.Data = map[string][]byte{PasswordKey: []byte(hashed)}

		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the password of %s: %w", userID, err)
	}

	return nil
}

// Request says what user is wanted.
type Request struct {
	// Name is the object's name; none means a random u-xxxxx.
	Name string
	// Username is what he types.
	Username string
	// DisplayName is what others read.
	DisplayName string
	// Password is the first password; none means that he cannot log in with one.
	Password string
	// MustChange asks him to choose his own.
	MustChange bool
	// Principal is an identity beside local://<name>.
	Principal string
	// Description is free text.
	Description string
}

// Create makes a user.
func (s *Store) Create(ctx context.Context, req Request) (*management.User, error) {
	if req.Username != "" {
		taken, err := s.find(ctx, req.Username)
		if err != nil {
			return nil, err
		}

		if taken != nil {
			return nil, ErrTaken
		}
	}

	name := req.Name
	if name == "" {
		var err error
		if name, err = NewName(); err != nil {
			return nil, err
		}
	}

	made := &management.User{
		ObjectMeta:         metav1.ObjectMeta{Name: name},
		Username:           req.Username,
		DisplayName:        req.DisplayName,
		Description:        req.Description,
		MustChangePassword: req.MustChange,
		PrincipalIDs:       []string{Principal(name)},
	}
	if req.Principal != "" {
		made.PrincipalIDs = append(made.PrincipalIDs, req.Principal)
	}

	if err := s.Client.Create(ctx, made); err != nil {
		return nil, fmt.Errorf("create user %s: %w", name, err)
	}

	if req.Password == "" {
		return made, nil
	}

	if err := s.setPassword(ctx, name, req.Password); err != nil {
		return nil, errors.Join(err, s.Client.Delete(ctx, made))
	}

	return made, nil
}

// Taken tells whether somebody has a username.
func (s *Store) Taken(ctx context.Context, username string) (bool, error) {
	found, err := s.find(ctx, username)

	return found != nil, err
}

// Complete gives a user whose object is there already his identity and his first
// password; where that fails he is removed, for he could never log in.
func (s *Store) Complete(ctx context.Context, userID, password string) error {
	user := &management.User{ObjectMeta: metav1.ObjectMeta{Name: userID}}
	patch := []byte(`{"principalIds":["` + Principal(userID) + `"]}`)

	err := s.Client.Patch(ctx, user, client.RawPatch("application/merge-patch+json", patch))
	if err == nil {
		err = s.setPassword(ctx, userID, password)
	}

	if err != nil {
		return errors.Join(fmt.Errorf("set up user %s: %w", userID, err), s.Client.Delete(ctx, user))
	}

	return nil
}

// Check tells what is wrong with a wish for a user, or nothing.
func (s *Store) Check(ctx context.Context, username, password string) error {
	if strings.TrimSpace(username) == "" {
		return ErrNoUsername
	}

	return s.longEnough(ctx, password)
}

// find looks for a username; nobody is no error. There are few local users and
// logging in is rare, so a list past the cache is the simplest truth.
func (s *Store) find(ctx context.Context, username string) (*management.User, error) {
	if username == "" {
		return nil, nil //nolint:nilnil // nobody has no name.
	}

	var all management.UserList
	if err := s.Client.List(ctx, &all); err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}

	for i := range all.Items {
		if strings.EqualFold(all.Items[i].Username, username) {
			return &all.Items[i], nil
		}
	}

	return nil, nil //nolint:nilnil // nobody has the name.
}

func (s *Store) hashOf(ctx context.Context, u *management.User) (string, error) {
	if u == nil {
		return s.decoyHash()
	}

	secret := &corev1.Secret{}

	err := s.Client.Get(ctx, client.ObjectKey{Namespace: PasswordNamespace, Name: u.Name}, secret)
	if apierrors.IsNotFound(err) {
		return s.decoyHash()
	}

	if err != nil {
		return "", fmt.Errorf("read the password of %s: %w", u.Name, err)
	}

	return string(secret.Data[PasswordKey]), nil
}

// decoyHash is the hash of a word that nobody knows.
func (s *Store) decoyHash() (string, error) {
	var err error

	s.decoyOnce.Do(func() {
		var word string

		word, err = random.Word(40)
		if err != nil {
			return
		}

		s.decoy, err = hash(word)
	})

	return s.decoy, err
}
