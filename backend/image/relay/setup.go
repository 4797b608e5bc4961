package relay

import (
	"net/http"
	"time"

	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// None is the address of a relay that is not served.
const None = "0"

// patience is how long a replica that ends lets a file go on, whose importer begins anew at another one.
const patience = time.Second

// SetUp serves the relay of every replica at an address, None for nowhere.
func SetUp(address string, loopback bool) func(to ctrl.Manager) error {
	return func(to ctrl.Manager) error {
		if address == None {
			return nil
		}
		return to.Add(&manager.Server{
			Name: "relay",
			Server: &http.Server{
				Addr: address, Handler: &Server{Live: to.GetAPIReader(), Loopback: loopback}, ReadHeaderTimeout: 10 * time.Second,
			},
			ShutdownTimeout: ptr.To(patience),
		})
	}
}
