package licensing

import "slices"

// Table is a map for facts. There are many tables with few keys, and maps would take much more
// memory. It yields its keys in the order in which they were added. The zero value is empty and
// ready for use.
type Table[K comparable, V any] struct {
	data *tableData[K, V] // nil if the table has always been empty
}

type tableData[K comparable, V any] struct {
	entries []tableEntry[K, V]
	// index contains the places of the keys in entries, if there are more than unindexed.
	index map[K]int
}

type tableEntry[K comparable, V any] struct {
	key   K
	value V
}

// unindexed is the number of entries up to which a table is searched from the start, without an
// index.
const unindexed = 16

// Len returns the number of keys.
func (t Table[K, V]) Len() int { return len(t.entries()) }

// All yields the keys and their values.
func (t Table[K, V]) All(yield func(K, V) bool) {
	for i := range t.entries() {
		if e := &t.data.entries[i]; !yield(e.key, e.value) {
			return
		}
	}
}

// Keys yields the keys.
func (t Table[K, V]) Keys(yield func(K) bool) {
	for i := range t.entries() {
		if !yield(t.data.entries[i].key) {
			return
		}
	}
}

// Get returns the value of a key, and whether there is one.
func (t Table[K, V]) Get(key K) (value V, found bool) {
	if i := t.find(key); i >= 0 {
		return t.data.entries[i].value, true
	}
	return value, false
}

// Set sets the value of a key.
func (t *Table[K, V]) Set(key K, value V) { *t.At(key) = value }

// At returns the value of a key, which may be changed until the next call of At or Set. It adds a
// zero value if there is none.
func (t *Table[K, V]) At(key K) *V {
	if t.data == nil {
		t.data = &tableData[K, V]{}
	}
	i := t.find(key)
	if d := t.data; i < 0 {
		i = len(d.entries)
		d.entries = append(d.entries, tableEntry[K, V]{key: key})
		if d.index != nil {
			d.index[key] = i
		} else if len(d.entries) > unindexed {
			d.index = make(map[K]int, 2*unindexed)
			for i := range d.entries {
				d.index[d.entries[i].key] = i
			}
		}
	}
	return &t.data.entries[i].value
}

// Compact frees the memory that only further keys would need.
func (t Table[K, V]) Compact() {
	if d := t.data; d != nil {
		d.entries, d.index = slices.Clip(slices.Clone(d.entries)), nil
	}
}

func (t Table[K, V]) entries() []tableEntry[K, V] {
	if t.data == nil {
		return nil
	}
	return t.data.entries
}

func (t Table[K, V]) find(key K) int {
	if t.data == nil {
		return -1
	}
	if t.data.index != nil {
		if i, found := t.data.index[key]; found {
			return i
		}
		return -1
	}
	return slices.IndexFunc(t.data.entries, func(e tableEntry[K, V]) bool { return e.key == key })
}

// merge sets all values of o.
func (t *Table[K, V]) merge(o Table[K, V]) {
	for key, value := range o.All {
		t.Set(key, value)
	}
}
