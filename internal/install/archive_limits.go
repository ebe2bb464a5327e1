package install

// Limits stop hostile archives. They are far above what an honest archive needs.
type Limits struct {
	Entries int   // in an archive
	Bytes   int64 // unpacked, by one Installer in all
}

// DefaultLimits exceed any sidecar. The limit of bytes is the disk of a staging container: 4096 MB,
// Cloud Controller's staging.minimum_staging_disk_mb.
var DefaultLimits = Limits{Entries: 100_000, Bytes: 4 << 30}
