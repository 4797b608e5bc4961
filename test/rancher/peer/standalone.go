package peer

import (
	"context"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/deploy"
)

// fleetNamespace is where croft-fleet's own objects are in a hub.
const fleetNamespace = "croft-system"

// startStandalone runs our own hub, without a page, as its chart starts it.
func startStandalone(ctx context.Context, p *plane) (*hub, error) {
	if err := p.kubernetes(ctx); err != nil {
		return nil, err
	}
	const bootstrap = "croft-fleet-bootstrap"
	address := controlplane.Address(p.Ports["croft-fleet"])
	h := &hub{plane: p, url: "https://" + address, agent: func(*plane) placing { return placing{} }}
	err := p.chart(ctx, "croft-fleet", fleetNamespace, map[string]any{
		"standalone": map[string]any{
			"enabled": true, "listen": address, "serverURL": h.url, "bootstrapSecret": bootstrap,
			"dashboardDir": "", "extensionDir": "",
		},
	}, deploy.Secret(fleetNamespace, bootstrap, "Opaque", map[string][]byte{"password": []byte(adminPassword)}))
	if err != nil {
		return nil, err
	}
	return h, h.enter(ctx)
}
