package guest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// The files of a running machine, inside its own folder. QEMU is started in
// that folder and given these names only: a path to a unix socket may have no
// more than 107 bytes.
const (
	qmpSocket     = "qmp.sock"
	serialSocket  = "serial.sock"
	vncSocket     = "vnc.sock"
	agentSocket   = "agent.sock"
	migrateSocket = "migrate.sock"
	pidFile       = "pid"
	exitFile      = "exit.json"
	machineFile   = "machine.json"
	stderrFile    = "qemu.log"
)

// Args are the arguments that QEMU is started with. The same machine always
// gives the same devices in the same places, as a migration requires.
func (m Machine) Args() []string {
	a := &args{}
	a.board(m)
	a.firmware(m.Firmware)
	a.disks(m.Disks)
	a.nics(m.NICs, m.Incoming)
	a.consoles(m)
	if m.Incoming {
		a.add("-incoming", "defer")
	}
	if m.Paused {
		a.add("-S")
	}
	return a.list
}

type args struct{ list []string }

func (a *args) add(words ...string) { a.list = append(a.list, words...) }

func (a *args) board(m Machine) {
	kind := m.Type
	if kind == "" {
		kind = "q35"
	}
	smm := ""
	if m.Firmware != nil && m.Firmware.Secure {
		smm = ",smm=on"
		a.add("-global", "driver=cfi.pflash01,property=secure,value=on")
	}
	a.add("-name", "guest="+escape(m.Name)+",debug-threads=on")
	a.add("-machine", kind+",usb=off,vmport=off"+smm)
	a.add(accel(m.Accel)...)
	a.add("-smp", fmt.Sprintf("%d,sockets=%d,cores=%d,threads=%d",
		m.CPUs(), max(m.Sockets, 1), max(m.Cores, 1), max(m.Threads, 1)))
	a.add("-m", fmt.Sprintf("size=%dk", m.Memory/1024))
	if m.UUID != "" {
		a.add("-uuid", m.UUID)
		a.add("-smbios", smbios(m))
	}
	a.add("-nodefaults", "-no-user-config", "-display", "none", "-rtc", "base=utc")
	a.add("-device", "virtio-rng-pci", "-device", "pvpanic", "-action", "panic=exit-failure")
}

// accel keeps the translated code of TCG small: hundreds of guests share a host.
// Five-level paging doubles the cost of an emulated TLB miss and serves nobody.
func accel(name string) []string {
	if name == "kvm" {
		return []string{"-accel", "kvm", "-cpu", "host,migratable=on"}
	}
	return []string{"-accel", "tcg,thread=multi,tb-size=128", "-cpu", "max,la57=off"}
}

func smbios(m Machine) string {
	s := "type=1,manufacturer=KubeVirt,product=None,family=KubeVirt,uuid=" + m.UUID
	if m.Serial != "" {
		s += ",serial=" + escape(m.Serial)
	}
	return s
}

func (a *args) firmware(f *Firmware) {
	if f == nil {
		return
	}
	a.add("-drive", "if=pflash,unit=0,format=raw,readonly=on,file="+escape(f.Code))
	a.add("-drive", "if=pflash,unit=1,format=raw,file.locking=off,file="+escape(f.Vars))
}

func (a *args) disks(disks []Disk) {
	a.add("-device", "virtio-scsi-pci,id=scsi0")
	sata := 0
	for _, d := range disks {
		if d.File != "" {
			a.add("-blockdev", blockdev(d))
		}
		device := deviceOf(d, sata)
		if device.driver == "ide-cd" || device.driver == "ide-hd" {
			sata++
		}
		a.add("-device", device.String())
	}
}

// blockdev opens a raw file. Locking is off because during a migration two
// processes hold the file; they never write at the same time.
func blockdev(d Disk) string {
	return "driver=raw,node-name=" + nodeName(d) + ",read-only=" + onOff(d.ReadOnly || d.CDROM) + ",discard=unmap" +
		",file.driver=file,file.locking=off,file.discard=unmap,file.filename=" + escape(d.File)
}

// maxNodeName is what QEMU takes as the name of a block node.
const maxNodeName = 31

// nodeName names a disk's block node: by the disk, or by a hash where the disk's
// name is too long for QEMU.
func nodeName(d Disk) string {
	name := "node-" + d.Name
	if len(name) <= maxNodeName {
		return name
	}
	sum := sha256.Sum256([]byte(d.Name))
	return "node-" + hex.EncodeToString(sum[:12])
}

func deviceID(d Disk) string { return "disk-" + d.Name }

// device is one -device argument, which QMP's device_add takes as a map.
type device struct {
	driver string
	props  [][2]string
}

func (d device) String() string {
	var s strings.Builder
	s.WriteString(d.driver)
	for _, p := range d.props {
		s.WriteString("," + p[0] + "=" + p[1])
	}
	return s.String()
}

func deviceOf(d Disk, sataPort int) device {
	dev := device{props: [][2]string{{"id", deviceID(d)}}}
	set := func(key, value string) { dev.props = append(dev.props, [2]string{key, value}) }
	switch d.Bus {
	case SATA:
		dev.driver = "ide-hd"
		set("bus", fmt.Sprintf("ide.%d", sataPort))
	case SCSI:
		dev.driver = "scsi-hd"
		set("bus", "scsi0.0")
		set("scsi-id", "0")
		set("lun", strconv.Itoa(d.LUN))
	default:
		dev.driver = "virtio-blk-pci"
	}
	if d.CDROM {
		dev.driver = strings.Replace(dev.driver, "-hd", "-cd", 1)
	}
	if d.File != "" {
		set("drive", nodeName(d))
	}
	if d.Serial != "" {
		set("serial", escape(d.Serial))
	}
	if d.BootIndex > 0 {
		set("bootindex", strconv.Itoa(d.BootIndex))
	}
	return dev
}

func (a *args) nics(nics []NIC, incoming bool) {
	for i, nic := range nics {
		netdev := fmt.Sprintf("user,id=net%d,net=10.0.%d.0/24,ipv6=off", i, 2+i)
		if !incoming {
			for _, forward := range nic.forwards() {
				netdev += ",hostfwd=" + forward
			}
		}
		a.add("-netdev", netdev)
		a.add("-device", fmt.Sprintf("%s,netdev=net%d,id=nic%d,mac=%s,romfile=", nic.driver(), i, i, nic.MAC))
	}
}

func (n NIC) forwards() []string {
	if !n.Address.IsValid() {
		return nil
	}
	list := make([]string, 0, len(n.Forwards))
	for _, f := range n.Forwards {
		list = append(list, fmt.Sprintf("tcp:%s:%d-:%d", n.Address, f.Host, f.Guest))
	}
	return list
}

func (n NIC) driver() string {
	switch n.Model {
	case "e1000", "e1000e", "rtl8139", "ne2k_pci", "pcnet":
		return n.Model
	default:
		return "virtio-net-pci"
	}
}

// balloonID is the device by which the guest tells of its memory.
const balloonID = "balloon0"

func (a *args) consoles(m Machine) {
	serial := "socket,id=serial0,server=on,wait=off,path=" + serialSocket
	if m.SerialLog != "" {
		serial += ",logappend=on,logfile=" + escape(m.SerialLog)
	}
	a.add("-chardev", serial, "-device", "isa-serial,chardev=serial0")
	a.add("-chardev", "socket,id=agent0,server=on,wait=off,path="+agentSocket)
	a.add("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent0,name=org.qemu.guest_agent.0")
	if m.Video {
		a.add("-device", "VGA,vgamem_mb=16", "-vnc", "unix:"+vncSocket+",share=force-shared")
		a.add("-device", "qemu-xhci", "-device", "usb-tablet")
	}
	a.add("-device", "virtio-balloon-pci,id="+balloonID)
	a.add("-chardev", "socket,id=qmp,server=on,wait=off,path="+qmpSocket)
	a.add("-mon", "chardev=qmp,mode=control")
}

// escape doubles the commas of a value, QEMU's way of quoting them.
func escape(value string) string { return strings.ReplaceAll(value, ",", ",,") }

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}
