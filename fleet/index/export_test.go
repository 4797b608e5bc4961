package index

// Remember has removals remembered over so many changes, so that tests need not make many.
func (x *Index) Remember(changes int64) { x.remembered = changes }
