//go:build linux

package supervise

import (
	"time"
)

func seconds(number, otherwise int) time.Duration {
	if number == 0 {
		number = otherwise
	}
	return time.Duration(number) * time.Second
}
