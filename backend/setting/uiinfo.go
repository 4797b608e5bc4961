package setting

import (
	"context"
	"net/http"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Routes are what is told of the settings besides: of some to those who have not logged in, of one to who may read it.
var Routes = []capability.Route{
	capability.At(http.MethodGet, "ui-info", uiInfo).Opened().
		Explained("Tells which user interface a browser is to load: ui-source, ui-index, ui-plugin-index, ui-plugin-bundled-version."),
	capability.At(http.MethodGet, "backuptarget/healthz", backupTarget).
		Explained("Answers whether backups can be made: 400 with the reason, always in this release."),
}

// shown are the settings that a browser needs before anybody has logged in. No other leaves here.
var shown = []string{"ui-source", "ui-index", "ui-plugin-index"}

// uiInfo tells which user interface to load. None is bundled: Rancher has the page.
func uiInfo(ctx context.Context, caller capability.Caller, _ capability.Call, _ struct{}) (map[string]string, error) {
	info := map[string]string{"ui-plugin-bundled-version": ""}
	for _, name := range shown {
		object := &harvesterv1.Setting{}
		if err := caller.View.Facts.Get(ctx, client.ObjectKey{Name: name}, object); client.IgnoreNotFound(err) != nil {
			return nil, err
		}
		if info[name] = object.Effective(); info[name] == "" {
			known, _ := Find(name)
			info[name] = known.Default
		}
	}
	return info, nil
}
