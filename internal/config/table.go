package config

//go:generate go test -run=^TestDocuments$ -update .

import (
	"log/slog"
	"net/netip"
	"time"

	"example.com/plinth/kit/settings"
)

// Config is the table of settings: a field with a tag is a row, and its comment is the help text.
// Package settings explains the tags. A new row reaches .env.example, docs/settings.md and `server
// config` by `make generate`. Fields without a tag are derived from rows. A Config can be printed
// and logged: secrets stay hidden.
type Config struct {
	// The name of the service in its documentation and logs.
	AppName string `envconfig:"APP_NAME" default:"Plinth" range:"1..100" section:"Application"`
	// How strict the service is. Unset means production, so that forgetting it can only make the
	// service stricter; `make run` sets development. In .env it can only be development.
	Environment Environment `envconfig:"ENVIRONMENT" default:"production" development:"development" oneof:"development staging production"`
	// Whether to log SQL statements too, without their arguments. Refused in production.
	Debug bool `envconfig:"DEBUG" default:"false"`

	// The address to listen on. The container image sets 0.0.0.0.
	Host string `envconfig:"HOST" default:"127.0.0.1" kind:"host" section:"HTTP"`
	// The port to listen on; 0 picks a free one.
	Port int `envconfig:"PORT" default:"8000" range:"0..65535"`
	// Connections that may be open at once; an idle one takes about 28 KiB. Beyond it a new
	// connection replaces the one that has been idle longest, and waits while none is idle.
	MaxConnections int `envconfig:"MAX_CONNECTIONS" default:"2048" range:"16..1000000"`

	// The database, PostgreSQL 15 or newer with pg_trgm. `make run` starts its own if this is
	// empty. Several hosts are separated by commas. Example:
	// postgres://user:password@localhost:5432/plinth?sslmode=verify-full
	DatabaseURL settings.URL `envconfig:"DATABASE_URL" required:"true" kind:"postgres" section:"PostgreSQL and Redis"`
	// Where cmd/migrate connects; empty means DATABASE_URL. It may name another role, which owns
	// the tables: `migrate up` then grants the role of DATABASE_URL what the server needs.
	// Migrations require it if DATABASE_POOLER is transaction, to bypass the pooler. The server
	// does not use it.
	MigrateDatabaseURL settings.URL `envconfig:"MIGRATE_DATABASE_URL" kind:"postgres"`
	// transaction if DATABASE_URL leads to PgBouncer, or a similar pooler, in transaction mode:
	// docs/scaling.md.
	DatabasePooler string `envconfig:"DATABASE_POOLER" default:"none" oneof:"none transaction"`
	// Connections that are kept open.
	DatabasePoolSize int32 `envconfig:"DATABASE_POOL_SIZE" default:"5" range:"1..1000"`
	// Connections that may be opened on top of DATABASE_POOL_SIZE under load.
	DatabaseMaxOverflow int32 `envconfig:"DATABASE_MAX_OVERFLOW" default:"10" range:"0..1000"`
	// Where replicas share rate limits; empty keeps them in each process, as does a Redis that does
	// not answer.
	RedisURL settings.URL `envconfig:"REDIS_URL" kind:"redis"`

	// The key that signs access tokens; `make run` makes one for itself. Outside development,
	// placeholders, published secrets, repetitions and phrases are refused.
	JWTSecret settings.Secret `envconfig:"JWT_SECRET" required_if:"JWT_ALGORITHM=HS256" kind:"key" section:"Access tokens"`
	// HS256 signs with JWT_SECRET, the others with the active key of JWT_KEYS_FILE.
	JWTAlgorithm string `envconfig:"JWT_ALGORITHM" default:"HS256" oneof:"HS256 EdDSA ES256 RS256"`
	// The key set, which `admin keys generate` makes. Refused with HS256.
	JWTKeysFile string `envconfig:"JWT_KEYS_FILE" required_if:"JWT_ALGORITHM!=HS256" kind:"path"`
	// The issuer that tokens must name.
	JWTIssuer string `envconfig:"JWT_ISSUER" default:"plinth" range:"1..100"`
	// The audience that tokens must name.
	JWTAudience string `envconfig:"JWT_AUDIENCE" default:"plinth" range:"1..100"`
	// Minutes until an access token expires.
	AccessTokenTTL time.Duration `envconfig:"ACCESS_TOKEN_EXPIRE_MINUTES" default:"15" range:"1..1440" unit:"1m"`

	// Days until an unused session ends; at most SESSION_EXPIRE_DAYS.
	RefreshTokenTTL time.Duration `envconfig:"REFRESH_TOKEN_EXPIRE_DAYS" default:"7" range:"1..365" unit:"24h" section:"Sessions"`
	// Days until any session ends.
	SessionTTL time.Duration `envconfig:"SESSION_EXPIRE_DAYS" default:"30" range:"1..365" unit:"24h"`
	// Seconds in which a client whose response was lost may repeat a refresh, and gets the same
	// tokens.
	RefreshGrace time.Duration `envconfig:"REFRESH_GRACE_SECONDS" default:"10" range:"0..60" unit:"1s"`
	// Sessions that a user may have; one more ends the oldest.
	MaxSessionsPerUser int `envconfig:"MAX_SESSIONS_PER_USER" default:"20" range:"1..1000"`
	// Days until an ended session is deleted.
	SessionRetention time.Duration `envconfig:"SESSION_RETENTION_DAYS" default:"7" range:"0..365" unit:"24h"`
	// scaffold:begin audit

	// Days until an audit event is deleted, at least 90; 0 keeps all. The database refuses to
	// delete younger ones.
	AuditRetention time.Duration `envconfig:"AUDIT_RETENTION_DAYS" default:"400" range:"0..36500" unit:"24h"`
	// scaffold:end audit

	// The minimum length of a new password. NIST SP 800-63B-4 requires 15 if it is the only factor.
	// Accounts with shorter passwords can still log in.
	PasswordMinLength int `envconfig:"PASSWORD_MIN_LENGTH" default:"15" range:"12..64" section:"Passwords"`
	// The memory of argon2id in KiB. Outside development it must be at least 47104 with 1
	// iteration, 19456 with 2, 12288 with 3, 9216 with 4, 7168 with 5 or more.
	PasswordHashMemoryKiB uint32 `envconfig:"PASSWORD_HASH_MEMORY_KIB" default:"19456" range:"8..262144"`
	// The iterations of argon2id.
	PasswordHashIterations uint32 `envconfig:"PASSWORD_HASH_ITERATIONS" default:"2" range:"1..16"`
	// The threads of argon2id.
	PasswordHashParallelism uint8 `envconfig:"PASSWORD_HASH_PARALLELISM" default:"1" range:"1..8"`

	// confirmed: a new e-mail of an account takes effect once its mailbox has confirmed it.
	// immediate: at once, without an undo by the old one; also the default while no mail can be sent.
	EmailChange string `envconfig:"EMAIL_CHANGE" default:"confirmed" oneof:"confirmed immediate" section:"Accounts"`
	// Whether to tell owners by mail that their account was used on a device never seen before.
	NewDeviceMails bool `envconfig:"NEW_DEVICE_MAILS" default:"true"`
	// Hours until the link that verifies an e-mail expires.
	VerificationTTL time.Duration `envconfig:"VERIFICATION_EXPIRE_HOURS" default:"24" range:"1..720" unit:"1h"`
	// Minutes until the link that resets a password expires.
	PasswordResetTTL time.Duration `envconfig:"PASSWORD_RESET_EXPIRE_MINUTES" default:"30" range:"5..1440" unit:"1m"`
	// Hours until the link that confirms a new e-mail expires.
	EmailChangeTTL time.Duration `envconfig:"EMAIL_CHANGE_EXPIRE_HOURS" default:"24" range:"1..720" unit:"1h"`
	// Days until the link that undoes a change of the e-mail expires. No other account can get the
	// old e-mail meanwhile.
	EmailUndoTTL time.Duration `envconfig:"EMAIL_UNDO_EXPIRE_DAYS" default:"7" range:"1..90" unit:"24h"`
	// scaffold:begin invitations

	// Days until an invitation expires.
	InvitationTTL time.Duration `envconfig:"INVITATION_EXPIRE_DAYS" default:"7" range:"1..90" unit:"24h"`
	// scaffold:end invitations

	// false disables the limits of this section, for load tests; in development only.
	RateLimitEnabled bool `envconfig:"RATE_LIMIT_ENABLED" default:"true" section:"Limits"`
	// Requests of the class "read" that an account may make, or an address that has not logged in:
	// that many at once, and from then on that many in each window. The contract names the class of
	// each operation (x-rate-class).
	RateLimitRead settings.Rate `envconfig:"RATE_LIMIT_READ" default:"300/1m"`
	// The same for "write".
	RateLimitWrite settings.Rate `envconfig:"RATE_LIMIT_WRITE" default:"60/1m"`
	// The same for "session". It also limits the refreshes of one session, from any address.
	RateLimitSession settings.Rate `envconfig:"RATE_LIMIT_SESSION" default:"60/1m"`
	// The same for "credentials", which checks passwords, by account and by address.
	RateLimitCredentials settings.Rate `envconfig:"RATE_LIMIT_CREDENTIALS" default:"20/1m"`
	// The same for "mail", which sends a mail to an address that the client chooses.
	RateLimitMail settings.Rate `envconfig:"RATE_LIMIT_MAIL" default:"20/1h"`
	// The same for "disclosing", which reveals whether an e-mail has an account, by account and by
	// address.
	RateLimitDisclosing settings.Rate `envconfig:"RATE_LIMIT_DISCLOSING" default:"20/1h"`
	// Failed logins without delay for one account from one address or known device. Each further
	// one doubles the wait, from 15 seconds to 15 minutes. Of the three limits only this one
	// applies to a device that the account has logged in from.
	LoginFailuresPerAccount int `envconfig:"LOGIN_FAILURES_PER_ACCOUNT" default:"5" range:"2..100"`
	// Failed logins without delay from one address for all accounts.
	LoginFailuresPerAddress int `envconfig:"LOGIN_FAILURES_PER_ADDRESS" default:"50" range:"2..1000000"`
	// Failed logins without delay for one account from all addresses; at least
	// LOGIN_FAILURES_PER_ACCOUNT.
	LoginFailuresPerAccountTotal int `envconfig:"LOGIN_FAILURES_PER_ACCOUNT_TOTAL" default:"100" range:"2..100"`

	// The SMTP server that mails go through, with port 587 (smtp) or 465 (smtps) if it names none.
	// Outside development smtp requires STARTTLS. Empty sends nothing; in development /dev/mail then
	// shows the mails: docs/mail.md.
	MailURL settings.URL `envconfig:"MAIL_URL" kind:"smtp" section:"Mail"`
	// The sender of mails; without a name it is APP_NAME. Required with MAIL_URL.
	MailFrom settings.Mailbox `envconfig:"MAIL_FROM" development:"no-reply@localhost"`
	// Where the app for browsers is, which links in mails lead to. Required with MAIL_URL.
	AppURL settings.URL `envconfig:"APP_URL" development:"http://localhost:5173" kind:"site"`
	// true limits accounts with an unverified e-mail to the operations that the contract marks with
	// x-allow-unverified. Outside development it requires MAIL_URL.
	RequireVerifiedEmail bool `envconfig:"REQUIRE_VERIFIED_EMAIL" default:"false"`

	// Origins that may call the API from a browser, exactly as browsers send them. `*` allows all,
	// in development only.
	CORSOrigins []string `envconfig:"CORS_ORIGINS" kind:"origins" section:"Browsers and proxies"`
	// Whether pages of the API's own origin and of CORS_ORIGINS may keep refresh tokens in cookies
	// that scripts cannot read: docs/sessions.md. The pages must be on the same site as the API.
	TokenCookiesEnabled bool `envconfig:"TOKEN_COOKIES_ENABLED" default:"false"`
	// The proxies whose X-Forwarded-For is trusted; empty trusts none. Example:
	// 10.0.0.0/8,192.0.2.7
	TrustedProxies []netip.Prefix `envconfig:"TRUSTED_PROXIES"`

	// The lowest level of log lines. The default is debug if DEBUG is true.
	LogLevel slog.Level `envconfig:"LOG_LEVEL" default:"info" oneof:"debug info warn error" section:"Logs and error reports"`
	// The format of log lines.
	LogFormat string `envconfig:"LOG_FORMAT" default:"json" oneof:"json text"`
	// The Sentry project that gets panics and server errors; empty reports nothing.
	SentryDSN settings.URL `envconfig:"SENTRY_DSN" kind:"dsn"`
	// The share of requests that are traced to Sentry.
	SentryTracesSampleRate float64 `envconfig:"SENTRY_TRACES_SAMPLE_RATE" default:"0.1" range:"0..1"`

	Tracing settings.Tracing

	// Where jobs run, such as sending mail: inline runs them in the server, off leaves them to
	// cmd/worker.
	Jobs string `envconfig:"JOBS" default:"inline" oneof:"inline off" section:"Operation"`
	// The address that serves metrics for Prometheus (/metrics), or off. It must not be public.
	// Example: :9464
	MetricsAddr string `envconfig:"METRICS_ADDR" default:"127.0.0.1:9464" development:"127.0.0.1:0" kind:"address"`
	// The address that serves profiles (/debug/pprof), to this machine only, or off. Example:
	// 127.0.0.1:6060
	DebugAddr string `envconfig:"DEBUG_ADDR" default:"off" kind:"address"`
	// Whether to serve the API documentation at /api/docs and /api/redoc, and the contract.
	DocsEnabled bool `envconfig:"DOCS_ENABLED" default:"true" production:"false"`
	// How long a stopping service reports that it is not ready and still accepts requests, so that
	// load balancers notice. Jobs have as long to finish, at least a second.
	ShutdownDelay time.Duration `envconfig:"SHUTDOWN_DELAY" default:"5s" development:"0s" range:"0s..5m"`

	// The folder of the PostgreSQL programs (initdb, postgres) for `make run` and `make test`.
	// Empty searches the usual places.
	PostgresBin string `envconfig:"POSTGRES_BIN" kind:"path" section:"Development"`
	// The Maven repository that serves PostgreSQL if none is installed. Empty means the standard
	// one.
	PostgresMirror settings.URL `envconfig:"POSTGRES_MIRROR" kind:"http"`

	// The folder in which /dev/mail keeps mails, for all processes. Empty keeps them in memory.
	MailDir string `envconfig:"MAIL_DIR" kind:"path"`

	// RateLimits are the rates by the class of operations in the contract.
	RateLimits map[string]settings.Rate
	settings.Report
}
