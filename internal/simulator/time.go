package simulator

import "time"

// Midnight is the start of the day in UTC. All dates of an answer are relative to it, so that they stay the same for a day.
func Midnight(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// Moment is the time so many days and seconds after the start of today.
func Moment(today time.Time, days, seconds int) time.Time {
	return today.AddDate(0, 0, days).Add(time.Duration(seconds) * time.Second)
}
