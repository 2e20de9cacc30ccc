package httpapi_test

type fixture struct{}

// fixtures lists all nouns.
var fixtures = []fixture{
	auditFixture, // scaffold:only audit
	userFixture, healthFixture,
}
