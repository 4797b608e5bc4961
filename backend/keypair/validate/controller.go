package validate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// Reasons of the condition validated.
const (
	// ReasonValid says that the key could be read.
	ReasonValid = "Valid"
	// ReasonInvalid says that it could not; the message says why.
	ReasonInvalid = "Invalid"
)

// Controller looks at keys.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Now is the clock.
	Now func() time.Time
}

// New is a controller with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Now: time.Now}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).Named("keypair-validate").For(&harvesterv1.KeyPair{}).Complete(c)
}

// Reconcile looks at one key.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pair := &harvesterv1.KeyPair{}
	if err := c.Client.Get(ctx, request.NamespacedName, pair); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := pair.DeepCopy()
	fingerprint, err := Fingerprint(pair.Spec.PublicKey)
	pair.Status.FingerPrint = fingerprint
	pair.Status.ObservedGeneration = pair.Generation
	pair.Status.Conditions = harvesterv1.SetConditions(pair.Status.Conditions, conditionsOf(err), c.Now())
	return phase.Result(phase.PatchStatus(ctx, c.Client, before, pair))
}

// conditionsOf say what is wrong with a key, nil when nothing is. A key stays as it was made, so only a person helps.
func conditionsOf(wrong error) []harvesterv1.Condition {
	validated := harvesterv1.Condition{Type: harvesterv1.KeyPairValidated, Status: metav1.ConditionTrue, Reason: ReasonValid}
	if wrong == nil {
		return append(phase.Health(nil), validated)
	}
	validated.Status, validated.Reason, validated.Message = metav1.ConditionFalse, ReasonInvalid, wrong.Error()
	return append(phase.Health(phase.Stall(ReasonInvalid, "%s", wrong.Error())), validated)
}

// Fingerprint is the MD5 fingerprint of one line of an authorized_keys file. A certificate has that of its key, as
// ssh-keygen tells it.
func Fingerprint(line string) (string, error) {
	key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return "", fmt.Errorf("publicKey is no line of an authorized_keys file: %w", err)
	}
	if strings.TrimSpace(string(rest)) != "" {
		return "", errors.New("publicKey has more than one line")
	}
	if certificate, ok := key.(*ssh.Certificate); ok {
		key = certificate.Key
	}
	return ssh.FingerprintLegacyMD5(key), nil
}
