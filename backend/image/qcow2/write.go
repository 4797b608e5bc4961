package qcow2

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// version is the one that every program reads.
const version = 2

// copied marks a cluster that nothing else refers to.
const copied = 1 << 63

// Reader gives the file, reading the disk a second time as it goes. Closing it closes the disk.
func (p *Plan) Reader(disk io.ReadCloser) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() {
		to := bufio.NewWriterSize(writer, cluster)
		err := p.write(to, disk)
		if err == nil {
			err = to.Flush()
		}
		writer.CloseWithError(err) // nil is the end of the file
	}()
	return &file{PipeReader: reader, disk: disk}
}

// file is what is read; closing it ends the writing.
type file struct {
	*io.PipeReader

	disk io.Closer
}

// Close ends the writing and closes the disk.
func (f *file) Close() error {
	_ = f.PipeReader.Close() // it never fails
	return f.disk.Close()
}

func (p *Plan) write(to *bufio.Writer, disk io.Reader) error {
	for _, part := range []func(*bufio.Writer) error{p.header, p.counts, p.first, p.second} {
		if err := part(to); err != nil {
			return err
		}
	}
	return p.copy(to, disk)
}

// header is the first cluster.
func (p *Plan) header(to *bufio.Writer) error {
	block := make([]byte, cluster)
	copy(block, "QFI\xfb")
	binary.BigEndian.PutUint32(block[4:], version)
	binary.BigEndian.PutUint32(block[20:], clusterBits)
	binary.BigEndian.PutUint64(block[24:], uint64(p.size))
	binary.BigEndian.PutUint32(block[36:], uint32(len(p.tables)))
	binary.BigEndian.PutUint64(block[40:], uint64(1+p.countTable+p.countBlocks)*cluster)
	binary.BigEndian.PutUint64(block[48:], cluster)
	binary.BigEndian.PutUint32(block[56:], uint32(p.countTable))
	_, err := to.Write(block)
	return err
}

// counts are the reference counts: a table of blocks, and the blocks, with one for every cluster there is.
func (p *Plan) counts(to *bufio.Writer) error {
	err := numbers(to, p.countTable*perTable, func(i int64) uint64 {
		if i < p.countBlocks {
			return uint64(1+p.countTable+i) * cluster
		}
		return 0
	})
	if err != nil {
		return err
	}
	one := make([]byte, 2)
	for i := range p.countBlocks * perBlock {
		one[1] = 0
		if i < p.clusters() {
			one[1] = 1
		}
		if _, err := to.Write(one); err != nil {
			return err
		}
	}
	return nil
}

// first is the table of the first level: where those of the second are.
func (p *Plan) first(to *bufio.Writer) error {
	next := uint64(1+p.countTable+p.countBlocks+p.firstLevel) * cluster
	return numbers(to, p.firstLevel*perTable, func(i int64) uint64 {
		if i >= int64(len(p.tables)) || !p.tables[i] {
			return 0
		}
		next += cluster
		return (next - cluster) | copied
	})
}

// second are the tables of the second level: where the clusters are.
func (p *Plan) second(to *bufio.Writer) error {
	next := uint64(p.clusters()-p.data) * cluster
	for table, written := range p.tables {
		if !written {
			continue
		}
		err := numbers(to, perTable, func(i int64) uint64 {
			at := int64(table)*perTable + i
			if at >= ceil(p.size, cluster) || !p.isFull(at) {
				return 0
			}
			next += cluster
			return (next - cluster) | copied
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// copy copies the clusters that hold something.
func (p *Plan) copy(to *bufio.Writer, disk io.Reader) error {
	block := make([]byte, cluster)
	for i := range ceil(p.size, cluster) {
		part := block[:min(cluster, p.size-i*cluster)]
		if _, err := io.ReadFull(disk, part); err != nil {
			return fmt.Errorf("read the disk again at byte %d of %d: %w", i*cluster, p.size, err)
		}
		if !p.isFull(i) {
			continue
		}
		clear(block[len(part):])
		if _, err := to.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// numbers writes so many numbers of eight bytes.
func numbers(to *bufio.Writer, count int64, of func(i int64) uint64) error {
	word := make([]byte, 8)
	for i := range count {
		binary.BigEndian.PutUint64(word, of(i))
		if _, err := to.Write(word); err != nil {
			return err
		}
	}
	return nil
}
