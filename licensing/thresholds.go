package licensing

import "time"

// The thresholds of what needs action. The alert rules and the pages share them.
const (
	// InfoNotice is how long before its end a license is first reported.
	InfoNotice = 90 * Day
	// DefaultNotice is how long before its end somebody has to act, if neither the operator
	// nor the vendor says.
	DefaultNotice = 30 * Day
	// CriticalNotice is how long before its end a license is critical.
	CriticalNotice = 7 * Day
	// EndedUnused is how long an end is reported if nothing depends on it.
	EndedUnused = 30 * Day
	// EndedCritical and EndedWarning are how long an end is critical, and then a warning, if
	// the vendor does not say what depends on it.
	EndedCritical = 30 * Day
	EndedWarning  = 60 * Day
	// RenewalTime is how long the vendor may take to show an automatic renewal.
	RenewalTime = Day
	// GraceCritical is how long before the end of grace it is critical.
	GraceCritical = 7 * Day
	// MinimumSeats is how many seats must be free, if no policy says.
	MinimumSeats = 1
)

// Warning is how the vendor's own settings want the end of a license to be reported.
type Warning struct {
	// Notice and Critical are how long before the end somebody has to act, and how long
	// before it is critical. They are nil if the vendor does not say.
	Notice, Critical *time.Duration
	// Off is set if no report is wanted.
	Off bool
}
