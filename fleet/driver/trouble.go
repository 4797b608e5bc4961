package driver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/pkg/kubevirt"
)

// explain says in a sentence what a site's answer means. The error stays behind it.
//
// rancher-machine takes every error of Remove that has the words "not found" in it for the news that the machine is gone,
// and forgets it. So no error here has them.
func (s site) explain(err error) error {
	if err == nil {
		return nil
	}
	said := sentence{err: err}
	switch status := apierrors.APIStatus(nil); {
	case apierrors.IsUnauthorized(err):
		said.text = fmt.Sprintf("the credential for site %s has expired or was revoked: give a new one", s.name)
	case apierrors.IsForbidden(err):
		said.text = fmt.Sprintf("the credential for site %s may not do this: %s", s.name, err)
	case errors.As(err, &status):
		said.text = fmt.Sprintf("site %s: %s", s.name, err)
	default:
		said.text = fmt.Sprintf("site %s cannot be reached: %s", s.name, err)
	}
	said.text = missing(said.text)
	return said
}

// sentence is an error in words for a person.
type sentence struct {
	text string
	err  error
}

func (s sentence) Error() string { return s.text }

func (s sentence) Unwrap() error { return s.err }

// isAway says whether the site itself has not answered: nobody has, or a proxy in its place. The error is an explained one.
func isAway(err error) bool {
	if explained := (sentence{}); !errors.As(err, &explained) {
		return false
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return true
	}
	switch status.Status().Code {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// insist does a step until the site has answered. One that is away is asked again, until the context ends.
func insist(ctx context.Context, step func() error) error {
	for {
		err := step()
		if !isAway(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(again):
		}
	}
}

// missing is a text without the words that rancher-machine takes for an end.
func missing(text string) string {
	for _, words := range []string{"not found", "Not found", "Not Found", "NOT FOUND"} {
		text = strings.ReplaceAll(text, words, "missing")
	}
	return text
}

// isGone says whether an answer is the site's own word that it has no machine of the name. Other answers are 404 as well,
// such as those of a proxy that does not know the site, or of a site that has no KubeVirt.
func isGone(err error, machine string) bool {
	return isNone(err, kubevirt.VirtualMachines.GroupResource(), machine)
}

// isUnclaimed says the same of a claim.
func isUnclaimed(err error, claim string) bool {
	return isNone(err, corev1.Resource(corev1.ResourcePersistentVolumeClaims.String()), claim)
}

// isNone says whether an answer is the site's own word that it has no object of the name.
func isNone(err error, resource schema.GroupResource, name string) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	if details == nil {
		return false
	}
	for _, cause := range details.Causes {
		if cause.Type == metav1.CauseTypeUnexpectedServerResponse {
			return false // what the client makes of any answer that is not an API server's
		}
	}
	return details.Name == name && details.Group == resource.Group && details.Kind == resource.Resource
}
