package main

import (
	"fmt"
	"io"
)

// archive writes the "newc" format that the kernel unpacks as its initial file
// system. Everything in it is root's, whoever builds it.
type archive struct {
	out     io.Writer
	inode   int
	written int
	err     error
}

const (
	modeFile = 0o100755
	modeDir  = 0o040755
	modeLink = 0o120777
)

func (a *archive) dir(name string)                  { a.entry(name, modeDir, nil) }
func (a *archive) file(name string, content []byte) { a.entry(name, modeFile, content) }
func (a *archive) link(name, target string)         { a.entry(name, modeLink, []byte(target)) }

func (a *archive) entry(name string, mode int, content []byte) {
	a.inode++
	a.write(fmt.Appendf(nil, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0))
	a.write(append([]byte(name), 0))
	a.pad()
	a.write(content)
	a.pad()
}

// close ends the archive and says whether all of it was written.
func (a *archive) close() error {
	a.entry("TRAILER!!!", 0, nil)
	return a.err
}

func (a *archive) pad() { a.write(make([]byte, (4-a.written%4)%4)) }

func (a *archive) write(data []byte) {
	if a.err != nil {
		return
	}
	n, err := a.out.Write(data)
	a.written += n
	a.err = err
}
