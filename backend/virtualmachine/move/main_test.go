package move_test

import (
	"os"
	"testing"

	"k8s.io/client-go/rest"

	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api,
		manager.Open(kubevirt.VirtualMachineKind, true), manager.Open(kubevirt.VirtualMachineInstanceKind, false)))
}
