package domain

import "context"

// Services are the rules.
type Services struct {
	Users *UserService
	Audit *AuditService // scaffold:only audit
}

// Store is what the rules need.
type Store interface {
	UserStore
	// scaffold:begin audit
	AuditStore
	// scaffold:end audit

	InTx(ctx context.Context, fn func(Store) error) error
}
