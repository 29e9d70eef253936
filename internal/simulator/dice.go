package simulator

// Dice is a seed from which numbers are rolled. The same roll of the same dice is the same number, whatever was rolled before.
type Dice uint64

// Roll is a well-mixed number for the i-th thing of group number o (the finalizer of SplitMix64).
func (d Dice) Roll(o, i int) uint64 {
	x := uint64(d) + uint64(o)<<32 + uint64(i) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Pick is one of n, from bits of a roll that start at shift.
func Pick(roll uint64, shift, n int) int {
	return int(roll >> shift & 0xffff % uint64(n))
}
