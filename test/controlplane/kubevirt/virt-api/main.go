// Command virt-api is KubeVirt's real API server. It is called as the other parts are, with its name as the first argument,
// but it is a program of its own: it alone needs KubeVirt's OpenAPI definitions, which take five seconds of processor time
// at every start of a program that has them.
package main

import (
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"kubevirt.io/client-go/log"
	"kubevirt.io/kubevirt/pkg/service"
	virtapi "kubevirt.io/kubevirt/pkg/virt-api"
)

func main() {
	os.Args = os.Args[1:]
	log.InitializeLogging("virt-api")
	app := virtapi.NewVirtApi()
	service.Setup(app)
	app.Execute()
}
