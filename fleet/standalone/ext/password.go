package ext

import (
	"context"
	"errors"
	"net/http"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/wrangler/v3/pkg/data"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/password"
)

// passwordChange is PasswordChangeRequest: spec {userID, currentPassword,
// newPassword}. Where the current password is given it must be right, also from
// somebody who could do without: that is where Rancher looks away.
func passwordChange(desk *password.Desk) deed {
	return func(ctx context.Context, who user.Info, spec data.Object) (map[string]any, error) {
		userID, current, wanted := spec.String("userID"), spec.String("currentPassword"), spec.String("newPassword")
		if userID == "" {
			return nil, apierror.NewFieldAPIError(validation.MissingRequired, "spec.userID", "the user's ID is required")
		}

		var err error
		if userID == who.GetName() && current != "" {
			err = desk.Change(ctx, who, current, wanted)
		} else {
			err = desk.Set(ctx, who, userID, wanted)
		}

		if err := refusal(err); err != nil {
			return nil, err
		}

		return map[string]any{"conditions": []map[string]any{{"type": "PasswordUpdated", "status": "True"}}}, nil
	}
}

// refusal is what the desk says, as /v1 says it.
func refusal(err error) error {
	var braked *password.BrakedError

	switch {
	case errors.As(err, &braked):
		return apierror.NewAPIError(validation.ErrorCode{Code: "TooManyRequests", Status: http.StatusTooManyRequests}, braked.Error())
	case errors.Is(err, password.ErrCurrent):
		return apierror.NewFieldAPIError(validation.InvalidFormat, "spec.currentPassword", err.Error())
	case errors.Is(err, password.ErrForbidden):
		return apierror.NewAPIError(validation.PermissionDenied, err.Error())
	case errors.Is(err, account.ErrTooShort):
		return apierror.NewFieldAPIError(validation.MinLengthExceeded, "spec.newPassword", err.Error())
	case errors.Is(err, account.ErrBusy):
		return apierror.NewAPIError(validation.ErrorCode{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable}, err.Error())
	case apierrors.IsNotFound(err):
		return apierror.NewAPIError(validation.NotFound, "there is no such user")
	default:
		return err
	}
}
