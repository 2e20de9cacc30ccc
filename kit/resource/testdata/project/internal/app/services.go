package app

// NewServices returns the services on a store.
func NewServices(store domain.Store) (domain.Services, error) {
	if store == nil {
		return domain.Services{}, nil
	}
	return domain.Services{
		Audit: domain.NewAuditService(store), // scaffold:only audit
		Users: domain.NewUserService(store,
			domain.UserOptions{
				Max: 1,
			}),
	}, nil
}
