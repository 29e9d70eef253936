package web

import (
	"slices"
	"strconv"
	"testing"
)

func TestTablesShareTheRowsOfAPage(t *testing.T) {
	for _, test := range []struct {
		sizes  []int
		budget int
		want   []int // rows
	}{
		{nil, 10, nil},
		{[]int{1, 2, 3}, 6, []int{1, 2, 3}},
		{[]int{4, 1, 9}, 11, []int{4, 1, 6}},
		{[]int{100}, 10, []int{10}},
		{[]int{10}, 10, []int{10}},
		{[]int{100, 200}, 10, []int{5, 5}},
		{[]int{9, 9, 9, 2}, 4, []int{minRows, minRows, minRows, 2}},
	} {
		var tables []*table
		for _, size := range test.sizes {
			table := &table{Heads: []string{"Number"}}
			fill(table, make([]struct{}, size), "all", func(struct{}) []cell { return []cell{words("1")} })
			tables = append(tables, table)
		}
		showRows(tables, test.budget)
		var got []int
		for i, table := range tables {
			got = append(got, len(table.Rows))
			if left := test.sizes[i] - len(table.Rows); table.More != map[bool]string{true: strconv.Itoa(left)}[left > 0] {
				t.Errorf("%v: %q rows are left out, want %d", test.sizes, table.More, left)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%v: %v rows, want %v", test.sizes, got, test.want)
		}
	}
}

func TestTablesHaveNoEmptyColumns(t *testing.T) {
	all := &table{Heads: []string{"Name", "Empty", "Sometimes"}}
	fill(all, []string{"", "x"}, "", func(s string) []cell { return []cell{nil, nil, words(s)} })
	showRows([]*table{all}, 10)
	if !slices.Equal(all.Heads, []string{"Name", "Sometimes"}) || len(all.Rows[0]) != 2 || len(all.Rows[1]) != 2 || all.Rows[1][1][0].Text != "x" {
		t.Errorf("%v", all)
	}
}
