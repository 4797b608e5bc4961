package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"crofthci.io/croft/fleet/index/memory"
)

// ErrRebuilt says that the file was found broken and a new, empty one has been begun: what was known is to be listed
// again.
var ErrRebuilt = errors.New("the index was set aside and is being filled anew")

// Index is the open index. It is safe for use by many at once: reads run side by side, writes one after the other.
type Index struct {
	types  []*Type
	counts []*count
	path   string
	// id is of the file that is open; guarded by door.
	id  string
	now func() time.Time

	// door is held for reading by everybody who uses the file, and for writing while it is exchanged for a new one.
	door  sync.RWMutex
	write *sql.DB
	read  *sql.DB
	// epoch counts the files that have been begun since the start; rebuilt is closed when it goes up.
	epoch   int
	rebuilt chan struct{}

	// turn is held by the one who writes. Those who wait for it are served in the order in which they came, one batch
	// each, so that a site that floods takes no more than its share.
	turn sync.Mutex
	// statements are those of the one who writes; guarded by turn.
	statements statements
	// seq is the number of the last change; guarded by turn for writing.
	seq sequence

	sites siteBook
	feed  feed

	// full says that the last write did not find room.
	full atomic.Bool

	// remembered is over how many changes removals are remembered.
	remembered int64

	// tables are the rows in memory by the names of their types, from which lists are read. They are of the file that is open.
	tables map[string]*memory.Table
}

// Open opens the index in the folder, making it if there is none. A file that cannot be read is renamed beside the new
// one, with the time in its name.
func Open(ctx context.Context, folder string, types []*Type) (*Index, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the index: %w", err)
	}
	x := &Index{types: types, counts: countsOf(types), path: filepath.Join(folder, "index.db"), now: time.Now, remembered: tombstones, rebuilt: make(chan struct{})}
	x.sites.clear()
	err := x.open(ctx)
	if err != nil && (broken(err) || errors.Is(err, errLayout)) {
		err = x.restart(ctx)
		x.epoch = 0
	}
	if err != nil {
		return nil, fmt.Errorf("open the index %s: %w", x.path, err)
	}
	return x, nil
}

// Close closes the index.
func (x *Index) Close() error {
	x.turn.Lock()
	defer x.turn.Unlock()
	x.door.Lock()
	defer x.door.Unlock()
	x.feed.close()
	return x.shut()
}

// Rebuilt is closed as soon as the file of an epoch has been set aside: whoever follows a site has to list it again.
func (x *Index) Rebuilt(epoch int) <-chan struct{} {
	x.door.RLock()
	defer x.door.RUnlock()
	if epoch == x.epoch {
		return x.rebuilt
	}
	closed := make(chan struct{})
	close(closed)
	return closed
}

// Types are the types of the index, in their order.
func (x *Index) Types() []*Type {
	return x.types
}

// errLayout says that the file is of another version of Croft.
var errLayout = errors.New("the index has another layout")

// open opens the file and reads what is kept in memory.
func (x *Index) open(ctx context.Context) error {
	write, err := connect(x.path, "rwc", 1, cacheOfWriter)
	if err != nil {
		return err
	}
	x.write, x.statements = write, statements{ready: map[string]*sql.Stmt{}}
	if err := x.prepare(ctx); err != nil {
		return errors.Join(err, x.shut())
	}
	read, err := connect(x.path, "ro", max(4, runtime.NumCPU()), cacheOfReader)
	if err != nil {
		return errors.Join(err, x.shut())
	}
	x.read = read
	if err := x.loadRows(ctx); err != nil {
		return errors.Join(err, x.shut())
	}
	return nil
}

// How many KiB of the file a connection keeps. Lists are read from memory, and what else is read is seen in place.
const (
	cacheOfWriter = 6000
	cacheOfReader = 500
)

// connect opens a pool of connections. Options are given by the data source's name, because a pool makes connections
// whenever it likes.
func connect(path, mode string, connections, cache int) (*sql.DB, error) {
	escaped := strings.NewReplacer("%", "%25", "#", "%23", "?", "%3f").Replace(path)
	source := "file:" + escaped + "?mode=" + mode +
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=wal_autocheckpoint(4000)" +
		"&_pragma=cache_size(-" + strconv.Itoa(cache) + ")&_pragma=temp_store(MEMORY)&_pragma=mmap_size(1073741824)&_txlock=immediate"
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// prepare makes the tables if the file is new and loads the small ones.
func (x *Index) prepare(ctx context.Context) error {
	var have int
	if err := x.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have != 0 && have != x.layout() {
		return errLayout
	}
	// A file that has its tables is not written: a hub whose disk is full has to begin too.
	if have == 0 {
		if err := x.define(ctx); err != nil {
			return err
		}
	}
	for _, load := range []func(context.Context) error{x.loadID, x.loadSequence, x.loadSites} {
		if err := load(ctx); err != nil {
			return err
		}
	}
	return nil
}

// define makes the tables.
func (x *Index) define(ctx context.Context) error {
	statements := "BEGIN IMMEDIATE;" + common + "INSERT INTO identity (id) VALUES ('" + newID() + "');" + x.definitions()
	statements += fmt.Sprintf("PRAGMA user_version = %d; COMMIT;", x.layout())
	_, err := x.write.ExecContext(ctx, statements)
	return err
}

// layout is the version of the tables, with the types' columns worked in, so that a changed column needs no thought.
func (x *Index) layout() int {
	sum := uint32(2166136261)
	for _, char := range []byte(x.definitions()) {
		sum = (sum ^ uint32(char)) * 16777619
	}
	return int(sum>>8)<<4 | layout
}

// definitions are the tables of all types, and how rows are found that are counted.
func (x *Index) definitions() (text string) {
	for _, t := range x.types {
		text += t.definition()
	}
	for _, c := range x.counts {
		text += c.definition()
	}
	return text
}

// shut closes the connections. They stay where they are: whoever still asks gets an error.
func (x *Index) shut() error {
	var errs []error
	for _, db := range []*sql.DB{x.read, x.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// restart puts the file aside and begins an empty one.
func (x *Index) restart(ctx context.Context) error {
	x.epoch++
	aside := x.path + ".broken-" + x.now().UTC().Format("20060102T150405.000000000")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(x.path+suffix, aside+suffix); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("put the broken index aside: %w", err)
		}
	}
	return x.open(ctx)
}

// heal looks at an error of the file. If it says that the file is broken, a new one is begun and ErrRebuilt returned.
// The caller holds turn.
func (x *Index) heal(ctx context.Context, err error) error {
	if !broken(err) {
		return err
	}
	x.door.Lock()
	defer x.door.Unlock()
	if closing := x.shut(); closing != nil {
		err = errors.Join(err, closing)
	}
	sites := x.Sites()
	if again := x.restart(ctx); again != nil {
		return errors.Join(err, again)
	}
	if again := x.keepSites(ctx, sites); again != nil {
		return errors.Join(err, again)
	}
	x.feed.publish([]Event{{Type: RebuiltType}})
	x.feed.close()
	close(x.rebuilt)
	x.rebuilt = make(chan struct{})
	return fmt.Errorf("%w: %w", ErrRebuilt, err)
}

// doubt looks at an error of a reader. If it says that the file is broken, a new one is begun as soon as it is the
// turn; the reader gets its error.
func (x *Index) doubt(err error) error {
	if !broken(err) {
		return err
	}
	epoch := x.epoch
	go func() {
		x.turn.Lock()
		defer x.turn.Unlock()
		if x.epoch == epoch {
			_ = x.heal(context.Background(), err) // the next writer meets whatever is left of the trouble
		}
	}()
	return err
}

// broken says whether an error means that the file itself is at fault.
func broken(err error) bool {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	default:
		return false
	}
}
