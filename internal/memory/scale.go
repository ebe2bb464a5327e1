package memory

import "math/big"

// Apportion divides columns among sizes, in proportion to them. The parts add up to columns unless
// all sizes are 0; every size above 0 gets at least one column, as long as there are any. Sizes
// must not be negative.
func Apportion(sizes []Size, columns int) []int {
	parts := make([]int, len(sizes))
	var whole big.Int
	least := 0
	for i, size := range sizes {
		whole.Add(&whole, big.NewInt(int64(size)))
		if size > 0 && least < columns {
			parts[i] = 1
			least++
		}
	}
	for left := columns - least; left > 0 && least > 0; left-- {
		parts[neediest(sizes, parts, columns, &whole)]++
	}
	return parts
}

// neediest returns the part that is furthest below its exact share.
func neediest(sizes []Size, parts []int, columns int, whole *big.Int) int {
	best := 0
	var largest big.Int
	for i, size := range sizes {
		// The missing amount, multiplied by the whole: an integer.
		lack := new(big.Int).Mul(big.NewInt(int64(size)), big.NewInt(int64(columns)))
		lack.Sub(lack, new(big.Int).Mul(big.NewInt(int64(parts[i])), whole))
		if i == 0 || lack.Cmp(&largest) > 0 {
			best, largest = i, *lack
		}
	}
	return best
}
