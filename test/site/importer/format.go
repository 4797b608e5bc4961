package importer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// formats are those that CDI imports.
var formats = []string{"qcow2", "raw", "vdi", "vhdx", "vmdk", "vpc"}

// descriptor is a VMDK image that is only a list of other files.
const descriptor = "vmdk descriptor"

// sparse begins a VMDK image that holds its bytes itself.
const sparse = "KDMV"

// marks are how images begin, those that nobody imports included: they must not
// end on a disk as if they were raw. The first that fits decides.
var marks = []struct {
	at     int
	mark   string
	format string
}{
	{0, "QFI\xfb\x00\x00\x00\x01", "qcow"},
	{0, "QFI\xfb", "qcow2"},
	{0, "QED\x00", "qed"},
	{0, "# Disk DescriptorFile", descriptor},
	{0, sparse, "vmdk"},
	{0, "COWD", "vmdk"},
	{0, "vhdxfile", "vhdx"},
	{0, "conectix", "vpc"},
	{0x40, "\x7f\x10\xda\xbe", "vdi"},
	{0, "LUKS\xba\xbe", "luks"},
	{0, "WithoutFreeSpace", "parallels"},
	{0, "WithouFreSpacExt", "parallels"},
}

// formatOf decides by a file's first bytes what it is; what is nothing else is
// raw.
func formatOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return formatFrom(head[:n]), nil
}

func formatFrom(head []byte) string {
	for _, m := range marks {
		if len(head) < m.at || !bytes.HasPrefix(head[m.at:], []byte(m.mark)) {
			continue
		}
		if m.mark == sparse && hollow(head) {
			return descriptor
		}
		return m.format
	}
	return "raw"
}

// hollow is true for a sparse VMDK image whose header gives no capacity: it has a
// descriptor inside, which names other files.
func hollow(head []byte) bool {
	return len(head) < 20 || binary.LittleEndian.Uint64(head[12:]) == 0
}
