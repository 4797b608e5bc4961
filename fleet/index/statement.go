package index

import (
	"context"
	"database/sql"
)

// mostStatements is how many statements are kept ready. There are as many as there are columns that change together.
const mostStatements = 256

// statements are kept ready for the one who writes: to read a statement takes longer than to write a row with it. There is
// one connection to write, and a transaction has it, so that what it lacks is made ready before the next begins.
type statements struct {
	ready  map[string]*sql.Stmt
	lacked []string
}

// prepare makes ready what the transaction before has lacked. What cannot be will be found out by who needs it.
func (s *statements) prepare(ctx context.Context, db *sql.DB) {
	for _, query := range s.lacked {
		if statement, err := db.PrepareContext(ctx, query); err == nil {
			s.ready[query] = statement
		}
	}
	s.lacked = s.lacked[:0]
}

// of gives a statement within a transaction.
func (s *statements) of(ctx context.Context, tx *sql.Tx, query string) (*sql.Stmt, error) {
	if statement, ok := s.ready[query]; ok {
		return tx.StmtContext(ctx, statement), nil
	}
	if len(s.ready)+len(s.lacked) < mostStatements {
		s.lacked = append(s.lacked, query)
	}
	return tx.PrepareContext(ctx, query)
}
