package index_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/virtualmachine"
)

// writerFolder makes the test program one that writes to an index until it is killed.
const writerFolder = "CROFT_TEST_INDEX_WRITER"

const (
	killedSite  = "c-m-killed"
	killedBatch = 100
	// killedRows are how many rows are there before it is killed.
	killedRows = 5_000
	// warm is in how much time they are to be back; test/bench measures it with a hundred thousand.
	warm = 5 * time.Second
)

// TestMain makes of the program what the environment says.
func TestMain(m *testing.M) {
	if folder := os.Getenv(writerFolder); folder != "" {
		fmt.Fprintln(os.Stderr, writeOn(folder))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeOn writes machines, and says of each batch that it has been written, once it has.
func writeOn(folder string) error {
	x, err := index.Open(context.Background(), folder, []*index.Type{virtualmachine.Type})
	if err != nil {
		return err
	}
	for batch := 1; ; batch++ {
		var changes []index.Change
		for i := range killedBatch {
			part, err := virtualmachine.Type.Sources[0].Trim(fmt.Appendf(nil, `{"metadata":{"labels":{"batch":"%d"}},"spec":{"template":{"spec":{"domain":{}}}},"status":{"printableStatus":"Running"}}`, batch))
			if err != nil {
				return err
			}
			number := (batch*killedBatch + i) % (2 * killedRows)
			changes = append(changes, index.Change{Namespace: "one", Name: fmt.Sprintf("m-%05d", number), Part: part})
		}
		if err := x.Apply(context.Background(), index.Batch{Site: killedSite, Type: virtualmachine.Type, Changes: changes, Version: strconv.Itoa(batch)}); err != nil {
			return err
		}
		fmt.Println(batch)
	}
}

// TestKilled kills a process amid its writing, as kill -9 or a lack of memory does. What it had said to be written is
// there soon after the start, with how far the site had been followed, so that nothing is listed again and nothing missed.
func TestKilled(t *testing.T) {
	folder := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), writerFolder+"="+folder)
	child.Stderr = t.Output()
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	written := 0
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if written, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if written == killedRows/killedBatch+7 {
			break
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it has said until it died
		if written, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
	}
	_ = child.Wait() // it was killed
	begun := time.Now()
	x, err := index.Open(t.Context(), folder, []*index.Type{virtualmachine.Type})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	took := time.Since(begun)
	page, err := x.List(t.Context(), index.Query{Type: virtualmachine.Type, Page: 1, Size: 1, Scope: index.Scope{Sites: []string{killedSite}}})
	if err != nil {
		t.Fatal(err)
	}
	cursor, err := x.Cursor(t.Context(), killedSite, virtualmachine.Type.Sources[0])
	if err != nil {
		t.Fatal(err)
	}
	followed, err := strconv.Atoi(cursor.Version)
	if err != nil || followed < written {
		t.Errorf("the site was followed to %q (%v), and %d had been said", cursor.Version, err, written)
	}
	if want := min(followed*killedBatch, 2*killedRows); page.Count != want {
		t.Errorf("%d rows are there, want %d: as many as there were at version %d", page.Count, want, followed)
	}
	if took > warm {
		t.Errorf("%d rows were there after %v", page.Count, took)
	}
}
