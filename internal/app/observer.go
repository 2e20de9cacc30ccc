package app

import (
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/telemetry"
)

// observer counts how logins and refreshes end.
type observer struct {
	login   func(domain.LoginOutcome)
	refresh func(domain.RefreshOutcome)
}

func newObserver(metrics *telemetry.Metrics) *observer {
	return &observer{
		login:   telemetry.Outcomes(metrics, "auth_logins_total", "Logins, by how they ended.", domain.LoginOutcomes()),
		refresh: telemetry.Outcomes(metrics, "auth_refreshes_total", "Refreshes, by how they ended.", domain.RefreshOutcomes()),
	}
}

// LoginEnded implements domain.Observer.
func (o *observer) LoginEnded(outcome domain.LoginOutcome) { o.login(outcome) }

// RefreshEnded implements domain.Observer.
func (o *observer) RefreshEnded(outcome domain.RefreshOutcome) { o.refresh(outcome) }
