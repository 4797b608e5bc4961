package virtualmachine

import (
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"crofthci.io/croft/pkg/kubevirt"
)

// refusal is a 409 with a sentence, for what is found in the way only while an action is done.
func refusal(format string, args ...any) error {
	conflict := apierrors.NewConflict(kubevirt.VirtualMachines.GroupResource(), "", errors.New("in the way"))
	conflict.ErrStatus.Message = fmt.Sprintf(format, args...)
	return conflict
}
