package guest

import (
	"bytes"
	"io"
	"os"
)

// Bootable says whether a raw file begins with what a firmware would start: the
// signature of a boot sector (MBR, and the protective one of GPT) with some
// code or partitions in it, or a CD-ROM with an El Torito boot record.
func Bootable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	sector := make([]byte, 512)
	if _, err := io.ReadFull(f, sector); err != nil {
		return false
	}
	if sector[510] == 0x55 && sector[511] == 0xAA {
		return true
	}
	record := make([]byte, 32)
	if _, err := f.ReadAt(record, 17*2048); err != nil {
		return false
	}
	return bytes.HasPrefix(record, []byte("\x00CD001\x01EL TORITO"))
}
