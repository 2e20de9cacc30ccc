//go:build scale

package scale_test

import (
	"strings"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
)

// operations are the operations whose cost must not depend on the number of accounts.
func operations() []operation {
	admin, no := domain.RoleAdmin, false
	all := []operation{
		{name: "who calls, which each request asks", do: func(p *population, i int) error {
			_, err := p.store.GetActor(p.ctx, p.id(i), p.id(i))
			return err
		}},
		{name: "log in", do: func(p *population, i int) error {
			_, err := p.sessions.LoginUser(p.ctx, p.emails[i%samples], pgtest.Password, domain.Client{})
			return err
		}},
		{name: "refresh", do: func(p *population, i int) error {
			_, err := p.sessions.RefreshTokens(p.ctx, p.tokens[i].Reveal(), domain.Client{})
			return err
		}},
		{name: "log out", do: func(p *population, i int) error {
			return p.sessions.LogoutUser(p.ctx, p.tokens[len(p.tokens)-1-i].Reveal(), domain.Client{})
		}},
		{name: "list my sessions", do: func(p *population, i int) error {
			_, err := p.store.ListLiveSessions(p.ctx, p.id(i))
			return err
		}},
		{name: "register", do: func(p *population, i int) error {
			_, err := p.store.CreateUser(p.ctx, p.newUser(i))
			return err
		}},
		{name: "delete an account", do: func(p *population, i int) error { return p.store.DeleteUser(p.ctx, p.victim(i)) }},
		{name: "clean up, with nothing to do", do: func(p *population, _ int) error {
			_, err := p.sessions.CleanUpSessions(p.ctx)
			return err
		}},
	}
	for _, sort := range []domain.UserSort{domain.UsersByAge, domain.UsersByEmail} {
		list := func(name string, query domain.UserQuery) operation {
			query.Sort, query.Limit = sort, 21
			return operation{name: name + ", by " + string(sort), query: &query, do: func(p *population, _ int) error {
				_, err := p.store.ListUsers(p.ctx, query)
				return err
			}}
		}
		search := func(name, text string) operation { return list(name, domain.UserQuery{Search: text}) }
		growing := func(o operation) operation {
			o.grows = true
			return o
		}
		all = append(all,
			list("first page", domain.UserQuery{}), at(list("page in the middle", domain.UserQuery{}), 0.5), at(list("last page", domain.UserQuery{}), 0.999),
			list("admins", domain.UserQuery{Role: &admin}), list("inactive ones", domain.UserQuery{IsActive: &no}),
			search("search without a match", "xyzzy"), search("search a rare name", "quixwood"), search("search a whole e-mail", needleEmail),
			search("search the beginning of an e-mail", needleEmail[:12]), search("search that all match", ".example"),
			search("search two letters that some begin with", "be"), search("search two letters that no e-mail begins with", "xq"),
			search("search what 1 of 200 has", "belo"), search("search digits", "4711"),
			growing(search("search what the oldest hundredth has", "imported")), growing(search("search what e-mails late in the alphabet begin with", "wuwi")),
			operation{name: "search the local part of an e-mail, by " + string(sort), grows: true, do: func(p *population, i int) error {
				localPart, _, _ := strings.Cut(p.emails[i%samples], "@")
				_, err := p.store.ListUsers(p.ctx, domain.UserQuery{Range: paging.Range{Limit: 21}, Sort: sort, Search: localPart})
				return err
			}},
		)
	}
	return all
}

// at starts a list after the given share of all accounts.
func at(o operation, share float64) operation {
	query := *o.query
	o.do = func(p *population, _ int) error {
		query.After = p.position(query.Sort, share)
		_, err := p.store.ListUsers(p.ctx, query)
		return err
	}
	return o
}
