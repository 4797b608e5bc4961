package ext

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/data"
	"github.com/rancher/wrangler/v3/pkg/data/convert"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"

	"crofthci.io/croft/fleet/standalone/kubeconfig"
	"crofthci.io/croft/fleet/standalone/session"
)

// makeKubeconfig is Kubeconfig: spec {clusters, currentContext, ttl in seconds} to
// status.value. Rancher's entry for its own API, with a token for everything, is
// never added; the page does not ask for it either (includeDefaultEntry: false).
func makeKubeconfig(desk *kubeconfig.Desk) deed {
	return func(ctx context.Context, who user.Info, spec data.Object) (map[string]any, error) {
		ttl, err := convert.ToNumber(cmp.Or(spec["ttl"], any(0)))
		if err != nil {
			return nil, apierror.NewFieldAPIError(validation.InvalidFormat, "spec.ttl", "the ttl is seconds")
		}

		config, err := desk.Write(ctx, who, kubeconfig.Request{
			Clusters: convert.ToStringSlice(spec["clusters"]), Current: spec.String("currentContext"), Life: time.Duration(ttl) * time.Second,
		})
		if err != nil {
			return nil, translate(err)
		}

		return map[string]any{"summary": "Complete", "value": config}, nil
	}
}

// GenerateKubeconfig is the action of that name on a cluster, by which scripts
// have asked for a kubeconfig since before there was Kubeconfig.
func GenerateKubeconfig(desk *kubeconfig.Desk) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		request := types.GetAPIContext(req.Context())

		who := session.UserFrom(req.Context())
		if who == nil {
			request.WriteError(apierror.NewAPIError(validation.Unauthorized, "must authenticate"))

			return
		}

		config, err := desk.Write(req.Context(), who, kubeconfig.Request{Clusters: []string{request.Name}})
		if err != nil {
			request.WriteError(translate(err))

			return
		}

		request.WriteResponse(http.StatusOK, types.APIObject{Type: "generateKubeconfigOutput", Object: map[string]any{"config": config}})
	})
}

// translate says in Steve's words what Kubernetes' errors say.
func translate(err error) error {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return err
	}

	said := status.Status()

	return apierror.NewAPIError(validation.ErrorCode{Code: string(said.Reason), Status: int(said.Code)}, said.Message)
}
