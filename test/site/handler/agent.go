package handler

import (
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

// agentInfo is what a guest's agent knows, in KubeVirt's words.
type agentInfo struct {
	info        kubevirtv1.VirtualMachineInstanceGuestAgentInfo
	users       []kubevirtv1.VirtualMachineInstanceGuestOSUser
	filesystems []kubevirtv1.VirtualMachineInstanceFileSystem
	interfaces  []guest.AgentInterface
	// frozen guests hold their file systems still.
	frozen bool
}

func fromGuest(a guest.AgentInfo) *agentInfo {
	out := &agentInfo{interfaces: a.Interfaces, frozen: a.Frozen}
	for _, u := range a.Users {
		out.users = append(out.users, kubevirtv1.VirtualMachineInstanceGuestOSUser{UserName: u.Name, LoginTime: u.Login})
	}
	for _, f := range a.Filesystems {
		out.filesystems = append(out.filesystems, kubevirtv1.VirtualMachineInstanceFileSystem{
			DiskName: f.Name, MountPoint: f.Mount, FileSystemType: f.Type, UsedBytes: int(f.Used), TotalBytes: int(f.Total),
		})
	}
	out.info = kubevirtv1.VirtualMachineInstanceGuestAgentInfo{
		GAVersion: a.Version, Hostname: a.Hostname, Timezone: a.Timezone,
		OS: kubevirtv1.VirtualMachineInstanceGuestOSInfo{
			Name: a.OS.Name, ID: a.OS.ID, PrettyName: a.OS.PrettyName, Version: a.OS.Version, VersionID: a.OS.VersionID,
			KernelRelease: a.OS.KernelRelease, KernelVersion: a.OS.KernelVersion, Machine: a.OS.Machine,
		},
	}
	for _, c := range a.Commands {
		out.info.SupportedCommands = append(out.info.SupportedCommands, kubevirtv1.GuestAgentCommandInfo{Name: c, Enabled: true})
	}
	out.fill()
	return out
}

// simulatedAgent is what a machine without a guest tells of itself.
func simulatedAgent(hostname string) *agentInfo {
	out := &agentInfo{
		users: []kubevirtv1.VirtualMachineInstanceGuestOSUser{{UserName: "croft"}},
		filesystems: []kubevirtv1.VirtualMachineInstanceFileSystem{{
			DiskName: "vda1", MountPoint: "/", FileSystemType: "ext4", UsedBytes: 1 << 30, TotalBytes: 10 << 30,
		}},
		info: kubevirtv1.VirtualMachineInstanceGuestAgentInfo{
			GAVersion: "7.2.0", Hostname: hostname, Timezone: "UTC, 0",
			OS: kubevirtv1.VirtualMachineInstanceGuestOSInfo{
				Name: "Croft Simulated Guest", ID: "croft", PrettyName: "Croft Simulated Guest 1", Version: "1", VersionID: "1",
				KernelRelease: "6.1.0", KernelVersion: "simulated", Machine: "x86_64",
			},
		},
	}
	out.fill()
	return out
}

func (a *agentInfo) fill() {
	a.info.UserList = a.users
	a.info.FSInfo.Filesystems = a.filesystems
}
