package simulator

// dice is a seed from which numbers are rolled. The same roll of the same dice is the same number, whatever was rolled before.
type dice uint64

// roll is a well-mixed number for the i-th thing of group number o (the finalizer of SplitMix64).
func (d dice) roll(o, i int) uint64 {
	x := uint64(d) + uint64(o)<<32 + uint64(i) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// pick is one of n, from bits of a roll that start at shift.
func pick(roll uint64, shift, n int) int {
	return int(roll >> shift & 0xffff % uint64(n))
}
