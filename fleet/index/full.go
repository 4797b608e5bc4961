package index

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrFull says that there is no room to write. What is there can be read, and stays as it was; whoever wrote tries again.
var ErrFull = errors.New("the hub's disk is full or cannot be written, so its rows stay as they were")

// Full says that the last write did not find room. The next one that does takes it back.
func (x *Index) Full() bool {
	return x.full.Load()
}

// settle notes how a write ended, and looks at its error. The caller holds turn.
func (x *Index) settle(ctx context.Context, err error) error {
	switch {
	case err == nil:
		x.full.Store(false)
		return nil
	case unwritable(err):
		x.full.Store(true)
		return fmt.Errorf("%w: %w", ErrFull, err)
	default:
		return x.heal(ctx, err)
	}
}

// unwritable says whether an error means that the disk takes nothing more. A quota makes another error than a full disk.
func unwritable(err error) bool {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code() {
	case sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP:
		return true
	default:
		return failure.Code()&0xff == sqlite3.SQLITE_FULL
	}
}
