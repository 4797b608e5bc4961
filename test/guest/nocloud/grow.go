package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ext4Resize is EXT4_IOC_RESIZE_FS, _IOW('f', 16, __u64): grow a mounted ext4
// file system to so many blocks.
const ext4Resize = 0x40086610

// growRoot makes the root partition, the last one of its disk, reach to the
// disk's end and its file system fill it, so that a guest on a larger volume,
// or on a volume that grew, has the space after its next boot.
func growRoot() error {
	partition, err := rootPartition()
	if err != nil {
		return err
	}
	disk := filepath.Dir(partition) // /sys/devices/…/vda/vda2 → …/vda
	number, err := readNumber(filepath.Join(partition, "partition"))
	if err != nil {
		return err
	}
	start, err := readNumber(filepath.Join(partition, "start"))
	if err != nil {
		return err
	}
	sectors, err := readNumber(filepath.Join(disk, "size"))
	if err != nil {
		return err
	}
	size, err := readNumber(filepath.Join(partition, "size"))
	if err != nil {
		return err
	}
	want := min(sectors, 1<<32) - start
	if want > size {
		if err := growPartition("/dev/"+filepath.Base(disk), number, start, want); err != nil {
			return err
		}
	}
	return growFileSystem(want)
}

// rootPartition is the directory in /sys of the partition that / lies on.
func rootPartition() (string, error) {
	var stat unix.Stat_t
	if err := unix.Stat("/", &stat); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev)))
}

func readNumber(file string) (int64, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
}

// growPartition writes the partition's new length into the partition table and
// tells the kernel, which does not read the table of a disk in use.
func growPartition(device string, number, start, sectors int64) error {
	disk, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer disk.Close()
	length := make([]byte, 4)
	binary.LittleEndian.PutUint32(length, uint32(sectors))
	if _, err := disk.WriteAt(length, 446+16*(number-1)+12); err != nil {
		return fmt.Errorf("partition table of %s: %w", device, err)
	}
	p := unix.BlkpgPartition{Start: start * 512, Length: sectors * 512, Pno: int32(number)}
	arg := unix.BlkpgIoctlArg{
		Op:      unix.BLKPG_RESIZE_PARTITION,
		Datalen: int32(unsafe.Sizeof(p)),
		Data:    (*byte)(unsafe.Pointer(&p)),
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, disk.Fd(), unix.BLKPG, uintptr(unsafe.Pointer(&arg))); errno != 0 {
		return fmt.Errorf("grow partition %d of %s: %w", number, device, errno)
	}
	return disk.Sync()
}

// growFileSystem does nothing where the file system fills its partition.
func growFileSystem(sectors int64) error {
	var stat unix.Statfs_t
	if err := unix.Statfs("/", &stat); err != nil {
		return err
	}
	root, err := os.Open("/")
	if err != nil {
		return err
	}
	defer root.Close()
	blocks := uint64(sectors * 512 / stat.Bsize)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, root.Fd(), ext4Resize, uintptr(unsafe.Pointer(&blocks))); errno != 0 {
		return fmt.Errorf("grow the root file system to %d blocks: %w", blocks, errno)
	}
	return nil
}
