package qcow2

import (
	"errors"
	"fmt"
	"io"
)

// What the format fixes once the clusters have their usual size of 64 KiB.
const (
	clusterBits = 16
	cluster     = 1 << clusterBits
	// perTable is how many clusters a table of the second level describes, and perBlock how many reference counts a block has.
	perTable = cluster / 8
	perBlock = cluster / 2
)

// Plan is where everything comes to lie in the file.
type Plan struct {
	// size of the disk in bytes.
	size int64
	// full has a bit for each cluster of the disk that holds something.
	full []uint64
	// tables has the tables of the second level that are written: those that describe a full cluster.
	tables []bool

	countTable, countBlocks, firstLevel, secondLevel, data int64 // how many clusters each part has
}

// Survey reads a disk of a size to its end and finds the clusters that hold something.
func Survey(disk io.Reader, size int64) (*Plan, error) {
	if size <= 0 {
		return nil, errors.New("a disk without a size cannot be written as qcow2")
	}
	clusters := ceil(size, cluster)
	p := &Plan{size: size, full: make([]uint64, ceil(clusters, 64)), tables: make([]bool, ceil(clusters, perTable))}
	buffer := make([]byte, cluster)
	for i := range clusters {
		part := buffer[:min(cluster, size-i*cluster)]
		if _, err := io.ReadFull(disk, part); err != nil {
			return nil, fmt.Errorf("read the disk at byte %d of %d: %w", i*cluster, size, err)
		}
		if !empty(part) {
			p.full[i/64] |= 1 << (i % 64)
			p.tables[i/perTable] = true
			p.data++
		}
	}
	p.settle()
	return p, nil
}

// settle counts the clusters of each part. Reference counts count themselves, so they are counted until they suffice.
func (p *Plan) settle() {
	p.firstLevel = ceil(int64(len(p.tables))*8, cluster)
	for _, written := range p.tables {
		if written {
			p.secondLevel++
		}
	}
	p.countTable, p.countBlocks = 1, 1
	for {
		blocks := ceil(p.clusters(), perBlock)
		table := ceil(blocks*8, cluster)
		if blocks <= p.countBlocks && table <= p.countTable {
			return
		}
		p.countBlocks, p.countTable = max(blocks, p.countBlocks), max(table, p.countTable)
	}
}

// clusters is how many the file has, the header's among them.
func (p *Plan) clusters() int64 {
	return 1 + p.countTable + p.countBlocks + p.firstLevel + p.secondLevel + p.data
}

// Size of the file in bytes.
func (p *Plan) Size() int64 {
	return p.clusters() * cluster
}

func (p *Plan) isFull(i int64) bool {
	return p.full[i/64]&(1<<(i%64)) != 0
}

// empty says whether bytes are all zero.
func empty(bytes []byte) bool {
	for _, b := range bytes {
		if b != 0 {
			return false
		}
	}
	return true
}

func ceil(n, unit int64) int64 {
	return (n + unit - 1) / unit
}
