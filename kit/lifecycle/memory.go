package lifecycle

import "runtime/debug"

// RelaxGC sets GOGC to 400, unless the environment sets it, so that garbage is collected a quarter
// as often. At 100, collections take some 8 % of a request, and each password hash of a login flood
// causes one, while little of what a request allocates outlives it. It costs some 40 MiB under
// load; GOMEMLIMIT bounds it. It applies to the whole process.
func RelaxGC() {
	const standard, relaxed = 100, 400
	if before := debug.SetGCPercent(relaxed); before != standard {
		debug.SetGCPercent(before)
	}
}
