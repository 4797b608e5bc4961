package index_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"crofthci.io/croft/fleet/index"
)

// TestLeavesWithoutATrace gives a site everything that a site can have in the file, takes it away, and looks into every
// column of every table for its id and its name.
func TestLeavesWithoutATrace(t *testing.T) {
	const leaving, title = "c-m-leaving", "Leaving Site"
	folder := t.TempDir()
	x := open(t, folder)
	for _, site := range []index.Site{{ID: leaving, Name: title, Connected: true}, {ID: "c-m-staying", Name: "Staying"}} {
		if err := x.SetSite(t.Context(), site); err != nil {
			t.Fatal(err)
		}
		apply(t, x, site.ID, 0, put("n1", "web", `{"state":"Stopped","labels":{"app":"web"}}`), put("n1", "gone", `{}`))
		apply(t, x, site.ID, 1, put("n1", "web", `{"addresses":["10.0.0.1"]}`), put("n1", "waits", `{}`))
		apply(t, x, site.ID, 0, gone("n1", "gone"))
	}
	file := filepath.Join(folder, "index.db")
	if found := traces(t, file, leaving, title); len(found) < 4 {
		t.Fatalf("the site is to be found in %v alone: it is not looked for where it is", found)
	}
	if err := x.RemoveSite(t.Context(), leaving); err != nil {
		t.Fatal(err)
	}
	if found := traces(t, file, leaving, title); len(found) > 0 {
		t.Errorf("the site has left and is still in %v", found)
	}
	if found := traces(t, file, "c-m-staying", "Staying"); len(found) < 4 {
		t.Errorf("the other site is in %v alone", found)
	}
}

// traces are the columns, as table and column, that hold one of some texts.
func traces(t *testing.T, file string, texts ...string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var found []string
	for _, column := range columns(t, db) {
		for _, text := range texts {
			count := 0
			table, name, _ := strings.Cut(column, ".")
			query := fmt.Sprintf("SELECT count(*) FROM %q WHERE instr(CAST(%q AS TEXT), ?)", table, name)
			if err := db.QueryRowContext(context.Background(), query, text).Scan(&count); err != nil {
				t.Fatal(err)
			}
			if count > 0 {
				found = append(found, column)
			}
		}
	}
	return found
}

// columns are all columns of all tables.
func columns(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		all = append(all, column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
