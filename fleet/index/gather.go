package index

// arrival is what has come of an object from one source: its part, or nil if it is gone there.
type arrival struct {
	source int
	part   []byte
}

// object is what has come of one object, in the order in which it came.
type object struct {
	key  Key
	news []arrival
}

// gathered are the objects of some batches. Each change of the first is an object for itself, in its order; what the others
// bring goes with the first change of the same object, if there is one.
func gathered(batches []Batch) []object {
	count := 0
	for _, batch := range batches {
		count += len(batch.Changes)
	}
	objects, news := make([]object, 0, count), make([]arrival, len(batches)*count)
	places := map[Key]int{}
	for number, batch := range batches {
		for _, change := range batch.Changes {
			key, now := Key{Site: batch.Site, Namespace: change.Namespace, Name: change.Name}, arrival{batch.Source, change.Part}
			if at, known := places[key]; known && number > 0 {
				objects[at].news = append(objects[at].news, now)
				continue
			}
			if _, known := places[key]; !known && len(batches) > 1 {
				places[key] = len(objects)
			}
			objects = append(objects, object{key, append(news[:0:len(batches)], now)})
			news = news[len(batches):]
		}
	}
	return objects
}
