package account

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
)

// TestMain hashes cheaply: what is tried is the logic, not the cost.
func TestMain(m *testing.M) {
	hashing = cost{memory: 64, passes: 1, threads: 1}

	m.Run()
}

func newStore(t *testing.T, objects ...client.Object) *Store {
	t.Helper()

	scheme := runtime.NewScheme()
	if err := errors.Join(rancher.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}

	return &Store{Client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()}
}

func TestMatches(t *testing.T) {
	good, err := hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}

	parts := strings.Split(good, "$")
	with := func(i int, value string) string {
		changed := append([]string{}, parts...)
		changed[i] = value

		return strings.Join(changed, "$")
	}

	cases := map[string]struct {
		reason, hash, password string
		want                   bool
	}{
		"Right":      {"the password", good, "correct horse", true},
		"Wrong":      {"another password", good, "correct horsE", false},
		"Empty":      {"no password", good, "", false},
		"NoHash":     {"an empty hash matches nothing, not even nothing", "", "", false},
		"Bcrypt":     {"another way of hashing", "$2a$10$abcdefghijklmnopqrstuv", "correct horse", false},
		"Costs":      {"costs that nobody would choose", with(3, "m=4294967295,t=1000,p=1"), "correct horse", false},
		"NoCosts":    {"costs that cannot be read", with(3, "m=x"), "correct horse", false},
		"EmptyKey":   {"a key of no bytes would match everything", with(5, ""), "correct horse", false},
		"BadSalt":    {"a salt that cannot be read", with(4, "!"), "correct horse", false},
		"LongEnough": {"a password may be longer than bcrypt's 72 bytes", good, strings.Repeat("x", 100), false},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := matches(tc.hash, tc.password); got != tc.want {
				t.Errorf("%s: want %t, got %t", tc.reason, tc.want, got)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	store := newStore(t)

	if _, err := store.Create(t.Context(), Request{Name: "u-1", Username: "Ann", Password: "correct horse battery"}); err != nil {
		t.Fatal(err)
	}

	if _, err := store.Create(t.Context(), Request{Name: "u-2", Username: "off", Password: "correct horse battery"}); err != nil {
		t.Fatal(err)
	}

	off := &management.User{ObjectMeta: metav1.ObjectMeta{Name: "u-2"}}
	if err := store.Client.Get(t.Context(), client.ObjectKeyFromObject(off), off); err != nil {
		t.Fatal(err)
	}

	off.Enabled = ptr.To(false)
	if err := store.Client.Update(t.Context(), off); err != nil {
		t.Fatal(err)
	}

	if _, err := store.EnsureSystem(t.Context(), "u-system", "System"); err != nil {
		t.Fatal(err)
	}

	cases := map[string]struct {
		reason, username, password string
		want                       error
	}{
		"Right":    {"name and password are right", "Ann", "correct horse battery", nil},
		"Case":     {"people do not remember how they wrote their name", "ann", "correct horse battery", nil},
		"Wrong":    {"the password is wrong", "Ann", "correct horse", ErrCredentials},
		"Nobody":   {"nobody has the name, which must look the same", "bob", "correct horse battery", ErrCredentials},
		"NoName":   {"programs have no name and must not be found by it", "", "", ErrCredentials},
		"Disabled": {"he is switched off", "off", "correct horse battery", ErrDisabled},
		"Guessing": {"who is switched off is told so only with his password", "off", "wrong", ErrCredentials},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := store.Verify(t.Context(), tc.username, tc.password)
			if !errors.Is(err, tc.want) {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, err)
			}
		})
	}

	if _, err := store.Create(t.Context(), Request{Username: "ANN", Password: "correct horse battery"}); !errors.Is(err, ErrTaken) {
		t.Errorf("a name belongs to one user, got %v", err)
	}

	if err := store.SetPassword(t.Context(), "u-1", "short"); !errors.Is(err, ErrTooShort) {
		t.Errorf("a short password must be refused, got %v", err)
	}
}

func TestBusy(t *testing.T) {
	store := newStore(t)

	for range atOnce {
		if _, err := store.turns.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	// A caller who does not wait is as good as one who waited too long.
	gone, cancel := context.WithCancel(t.Context())
	cancel()

	for _, username := range []string{"ann", ""} {
		if _, err := store.Verify(gone, username, "correct horse battery"); !errors.Is(err, ErrBusy) {
			t.Errorf("no crowd hashes more than %d passwords at once, also for names that nobody has, got %v", atOnce, err)
		}
	}
}

func TestEnsureFirst(t *testing.T) {
	store := newStore(t)

	first, err := store.EnsureFirst(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}

	if len(first.Password) != firstPasswordLength {
		t.Errorf("a random password must be told once, got %q", first.Password)
	}

	if _, err := store.Verify(t.Context(), "admin", first.Password); err != nil {
		t.Errorf("the password that is told must be the password: %v", err)
	}

	again, err := store.EnsureFirst(t.Context(), "another password")
	if err != nil {
		t.Fatal(err)
	}

	if again.User != nil || again.Password != "" {
		t.Errorf("there is one first administrator, got %v", again)
	}

	if _, err := store.Verify(t.Context(), "admin", first.Password); err != nil {
		t.Errorf("a restart must not change the password: %v", err)
	}
}

func TestEnsureFirstOnce(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(t *testing.T, store *Store, first *management.User)
	}{
		"Nothing": {"a restart", func(*testing.T, *Store, *management.User) {}},
		"Deleted": {"an administrator who was deleted does not come back", func(t *testing.T, store *Store, first *management.User) {
			if err := store.Client.Delete(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}},
		"Unlabelled": {"another mark does not bring back his first password", func(t *testing.T, store *Store, first *management.User) {
			first.Labels = nil
			if err := store.Client.Update(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}},
		"Forgotten": {"a hub that stopped before it took a note goes by the mark", func(t *testing.T, store *Store, _ *management.User) {
			if err := store.Client.Delete(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: madeNamespace, Name: madeName}}); err != nil {
				t.Fatal(err)
			}
		}},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)

			first, err := store.EnsureFirst(t.Context(), "given password")
			if err != nil {
				t.Fatal(err)
			}

			// In every case somebody took his right away.
			right := &management.GlobalRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "grb-" + first.User.Name + "-admin"}}
			if err := store.Client.Delete(t.Context(), right); err != nil {
				t.Fatal(err)
			}

			tc.change(t, store, first.User)

			again, err := store.EnsureFirst(t.Context(), "another password")
			if err != nil {
				t.Fatal(err)
			}

			if again.User != nil {
				t.Errorf("%s: got %v", tc.reason, again.User)
			}

			if err := store.Client.Get(t.Context(), client.ObjectKeyFromObject(right), right); !apierrors.IsNotFound(err) {
				t.Errorf("%s: a right that was taken away stays away, got %v", tc.reason, err)
			}

			if _, err := store.Verify(t.Context(), "admin", "another password"); !errors.Is(err, ErrCredentials) {
				t.Errorf("%s: the password of the second start opens nothing, got %v", tc.reason, err)
			}
		})
	}
}

func TestEnsureFirstGoesOn(t *testing.T) {
	half := &management.User{ObjectMeta: metav1.ObjectMeta{Name: "user-half"}, Username: "admin"}
	store := newStore(t, half)

	first, err := store.EnsureFirst(t.Context(), "given password")
	if err != nil {
		t.Fatal(err)
	}

	if first.User.Name != "user-half" || first.Password != "" {
		t.Errorf("a start that was broken off must go on with the same user, got %v", first)
	}

	if _, err := store.Verify(t.Context(), "admin", "given password"); err != nil {
		t.Error(err)
	}
}
