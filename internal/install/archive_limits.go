package install

// Limits are what archives may come to. They are not for honest archives to meet, but
// for others to end at.
type Limits struct {
	Entries int   // of an archive
	Bytes   int64 // unpacked, of all that an Installer installs
}

// DefaultLimits are more than any sidecar has, and the disk of a staging container:
// 4096 MB, Cloud Controller's staging.minimum_staging_disk_mb.
var DefaultLimits = Limits{Entries: 100_000, Bytes: 4 << 30}
