package v1beta1

// LeftBy says whether a version was numbered by another template than the one that has that one's name now. It goes after
// its own, which is gone, as soon as it is collected.
func (v *VirtualMachineTemplateVersion) LeftBy(now *VirtualMachineTemplate) bool {
	if v.Status.Version == 0 {
		return false
	}
	group, kind := TemplateKind.ToAPIVersionAndKind()
	for _, owner := range v.OwnerReferences {
		if owner.APIVersion == group && owner.Kind == kind && owner.UID != now.UID {
			return true
		}
	}
	return false
}
