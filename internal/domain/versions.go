package domain

// VersionCheck reports whether a change is meant for a version, so that it does not undo what its author has not seen. Nil
// means for all of them.
type VersionCheck func(version int64) bool

// check fails with ErrPreconditionFailed. Lock the row first: otherwise the version may change before the row does.
func (c VersionCheck) check(version int64) error {
	if c != nil && !c(version) {
		return ErrPreconditionFailed
	}
	return nil
}
