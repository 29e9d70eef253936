package licensing

import "time"

// moment is a time in microseconds since the zero time, which is 0. It takes a third of the memory
// of a time.Time.
type moment int64

func momentOf(t time.Time) moment { return moment(t.UnixMicro() - time.Time{}.UnixMicro()) }

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(m) + time.Time{}.UnixMicro()).UTC()
}

// earlier returns the earlier of two moments. 0 means no time.
func (m moment) earlier(o moment) moment {
	if m == 0 || o != 0 && o < m {
		return o
	}
	return m
}
