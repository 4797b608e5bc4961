package storage

import (
	"context"
	"fmt"
	"os"
)

// Copy gives one volume's file the bytes of another, in place: whoever has it open keeps it. A file that was larger stays
// as large.
func Copy(ctx context.Context, to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer target.Close()
	was, err := target.Stat()
	if err != nil {
		return err
	}
	if err := target.Truncate(0); err != nil { // what was there before is not to be seen through the holes
		return err
	}
	if err := copySparse(ctx, target, source); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	is, err := target.Stat()
	if err != nil {
		return err
	}
	return target.Truncate(max(was.Size(), is.Size()))
}
