package httpapi

// WithoutValidation returns options for a server whose handlers get requests unchecked.
func WithoutValidation(options Options) Options {
	options.unvalidated = true
	return options
}
