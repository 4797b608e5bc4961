package source

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
)

// Formats of a disk image.
const (
	FormatRaw   = "raw"
	FormatQCOW2 = "qcow2"
	FormatVMDK  = "vmdk"
	FormatXZ    = "xz"
	FormatGzip  = "gzip"
)

// Backable says whether a file of a format can be a backing image of Longhorn's, which takes it as it is.
func Backable(format string) bool {
	return format == FormatRaw || format == FormatQCOW2
}

const sectorBytes = 512

// disk reads the format and the virtual size of a disk from its first bytes. length is that of the whole file, or -1
// when nobody knows it. A size that cannot be read is 0.
func disk(head []byte, length int64) (format string, virtual int64) {
	switch {
	case bytes.HasPrefix(head, []byte("QFI\xfb")):
		return FormatQCOW2, number(binary.BigEndian.Uint64, head, 24, 1) // docs/interop/qcow2.txt: size at byte 24
	case bytes.HasPrefix(head, []byte("KDMV")):
		return FormatVMDK, number(binary.LittleEndian.Uint64, head, 12, sectorBytes) // capacity in sectors at byte 12
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return compressed(head)
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return FormatXZ, 0
	default:
		return FormatRaw, max(length, 0)
	}
}

// compressed looks at the beginning of what is inside. The size of a raw disk cannot be known from there.
func compressed(head []byte) (format string, virtual int64) {
	reader, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return FormatGzip, 0
	}
	inside := make([]byte, sectorBytes)
	read, _ := io.ReadFull(reader, inside) // an early end is expected: the head is all we have
	if _, virtual := disk(inside[:read], -1); virtual > 0 {
		return FormatGzip, virtual
	}
	return FormatGzip, 0
}

// number reads how many units of a number of bytes there are, in bytes.
func number(decode func([]byte) uint64, head []byte, at int, unit uint64) int64 {
	const width = 8
	if len(head) < at+width {
		return 0
	}
	const largest = 1 << 60 // an exbibyte: beyond that the header is not one
	units := decode(head[at:])
	if units > largest/unit {
		return 0
	}
	return int64(units * unit)
}
