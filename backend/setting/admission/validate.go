package admission

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/backend/setting"
	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Path is where the webhook is served.
const Path = "/validate/settings"

type request = admission.Request[*harvesterv1.Setting]

// Webhook refuses wrong settings.
type Webhook struct {
	// ServerVersion is the release that this server tells clients, and nobody else may tell them another.
	ServerVersion string
	// TargetNamespace is where the secret with the credentials of backup-target is.
	TargetNamespace string
}

// site is what the rules know of the site.
type site struct {
	// direct reads objects as they are now: a machine may have been started a moment ago.
	direct client.Reader
	// targetNamespace is where the secret with the credentials of backup-target is.
	targetNamespace string
}

// SetUp adds the webhook to the manager.
func (w Webhook) SetUp(manager ctrl.Manager) error {
	s := site{direct: manager.GetAPIReader(), targetNamespace: w.TargetNamespace}
	manager.GetWebhookServer().Register(Path, &webhook.Admission{
		Handler: admission.Validator[harvesterv1.Setting, *harvesterv1.Setting]{
			Fields:  []admission.FieldCheck[*harvesterv1.Setting]{knownName, wellFormed, w.serverVersionKept},
			Checks:  []admission.Check[*harvesterv1.Setting]{s.storageIdle, s.keysGiven},
			Deletes: []admission.Check[*harvesterv1.Setting]{never},
		},
	})
	return nil
}

// knownName refuses to make a setting that nobody would ever read. One that is there already may be changed.
func knownName(r request) field.ErrorList {
	if _, known := setting.Find(r.Object.Name); known || r.Old != nil {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("metadata", "name"), r.Object.Name, "there is no setting of this name")}
}

func wellFormed(r request) field.ErrorList {
	known, found := setting.Find(r.Object.Name)
	unchanged := r.Old != nil && r.Old.Value == r.Object.Value
	if !found || r.Object.Value == "" || unchanged {
		return nil
	}
	if err := known.Check(r.Object.Value); err != nil {
		return field.ErrorList{field.Invalid(field.NewPath("value"), shown(r.Object.Value), setting.Brief(err.Error()))}
	}
	return nil
}

// shown is as much of a wrong value as a refusal repeats. Objects may hold passwords and keys, and refusals are logged.
func shown(value string) string {
	if strings.HasPrefix(strings.TrimSpace(value), "{") || strings.Contains(value, "PRIVATE KEY") {
		return "{…}"
	}
	return setting.Brief(value)
}

// serverVersionKept keeps the one value that clients decide by what they can do. While a site changes from one release to
// the next, each asks for its own, and the last to stay has it.
func (w Webhook) serverVersionKept(r request) field.ErrorList {
	if r.Object.Name != harvesterv1.SettingServerVersion || r.Object.Value == w.ServerVersion {
		return nil
	}
	if r.Old != nil && r.Old.Value == r.Object.Value {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("value"), "the server version is the server's own to say")}
}

func never(_ context.Context, r request) error {
	err := apierrors.NewMethodNotSupported(harvesterv1.Settings.GroupResource(), "delete")
	err.ErrStatus.Message = fmt.Sprintf("setting %s cannot be deleted; set its value to empty for the default", r.Old.Name)
	return err
}
