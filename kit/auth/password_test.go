package auth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"example.com/plinth/kit/auth"
)

// cheap returns parameters for fast tests.
func cheap() auth.PasswordParams {
	return auth.PasswordParams{MemoryKiB: 64, Iterations: 1, Parallelism: 1}
}

func newHasher(tb testing.TB, params auth.PasswordParams, opts auth.PasswordHasherOptions) *auth.PasswordHasher {
	tb.Helper()
	hasher, err := auth.NewPasswordHasher(params, opts)
	if err != nil {
		tb.Fatalf("NewPasswordHasher: %v", err)
	}
	return hasher
}

func mustHash(tb testing.TB, hasher *auth.PasswordHasher, password string) string {
	tb.Helper()
	hash, err := hasher.Hash(tb.Context(), password)
	if err != nil {
		tb.Fatalf("Hash: %v", err)
	}
	return hash
}

func mustVerify(tb testing.TB, hasher *auth.PasswordHasher, hash, password string) auth.PasswordMatch {
	tb.Helper()
	match, err := hasher.Verify(tb.Context(), hash, password)
	if err != nil {
		tb.Fatalf("Verify: %v", err)
	}
	return match
}

func bcryptHash(tb testing.TB, password string) string {
	tb.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		tb.Fatalf("bcrypt: %v", err)
	}
	return string(hash)
}

func TestHashWithDefaultParams(t *testing.T) {
	t.Parallel()
	hasher := newHasher(t, auth.DefaultPasswordParams(), auth.PasswordHasherOptions{})
	hash := mustHash(t, hasher, "correct horse battery staple")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash has other parameters: %s", hash)
	}
	if match := mustVerify(t, hasher, hash, "correct horse battery staple"); match != (auth.PasswordMatch{OK: true}) {
		t.Errorf("match = %+v, want OK and no rehash", match)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const base = "0123456789012345678901234567890123456789012345678901234567890123456789ab" // 72 bytes
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	weaker := cheap()
	weaker.MemoryKiB = 32
	hash := func(password string) string { return mustHash(t, hasher, password) }
	weak := mustHash(t, newHasher(t, weaker, auth.PasswordHasherOptions{}), "p\u00e4ssword!")
	long := mustHash(t, hasher, base+"x")

	tests := []struct {
		name, hash, password string
		want                 auth.PasswordMatch
	}{
		{"same password", hash("passphrase"), "passphrase", auth.PasswordMatch{OK: true}},
		{"other password", hash("passphrase"), "passphrasf", auth.PasswordMatch{}},
		{"empty password", hash("passphrase"), "", auth.PasswordMatch{}},
		{"decomposed form", hash("p\u00e4ssword!"), "pa\u0308ssword!", auth.PasswordMatch{OK: true}},
		{"compatibility form", hash("passphrase"), "\uff50assphrase", auth.PasswordMatch{OK: true}},
		{"other case", hash("passphrase"), "Passphrase", auth.PasswordMatch{}},
		{"differs at byte 73", long, base + "y", auth.PasswordMatch{}},
		{"ends at byte 72", long, base, auth.PasswordMatch{}},
		{"over 1,024 bytes", hash(strings.Repeat("x", 1024)), strings.Repeat("x", 1025), auth.PasswordMatch{}},
		{"weaker parameters", weak, "p\u00e4ssword!", auth.PasswordMatch{OK: true, NeedsRehash: true}},
		{"weaker parameters, other password", weak, "password!", auth.PasswordMatch{}},
		{"bcrypt", bcryptHash(t, "passphrase"), "passphrase", auth.PasswordMatch{OK: true, NeedsRehash: true}},
		{"bcrypt, other password", bcryptHash(t, "passphrase"), "passphrasf", auth.PasswordMatch{}},
		{"bcrypt compares bytes", bcryptHash(t, "p\u00e4ssword!"), "pa\u0308ssword!", auth.PasswordMatch{}},
		{"bcrypt, 72 bytes", bcryptHash(t, base), base, auth.PasswordMatch{OK: true, NeedsRehash: true}},
		{"bcrypt, 73 bytes", bcryptHash(t, base), base + "x", auth.PasswordMatch{}},
		{
			"bcrypt 2b",
			"$2b" + bcryptHash(t, "passphrase")[3:],
			"passphrase",
			auth.PasswordMatch{OK: true, NeedsRehash: true},
		},
		{
			"bcrypt 2y",
			"$2y" + bcryptHash(t, "passphrase")[3:],
			"passphrase",
			auth.PasswordMatch{OK: true, NeedsRehash: true},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := mustVerify(t, hasher, test.hash, test.password); got != test.want {
				t.Errorf("Verify = %+v, want %+v", got, test.want)
			}
		})
	}
}

// The vectors are those of the reference implementation's test.c.
func TestVerifyReferenceVectors(t *testing.T) {
	t.Parallel()
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	for _, hash := range []string{
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	} {
		if got := mustVerify(t, hasher, hash, "password"); got != (auth.PasswordMatch{OK: true, NeedsRehash: true}) {
			t.Errorf("Verify(%s) = %+v, want a match that needs a rehash", hash, got)
		}
	}
}

func TestVerifyRejectsMalformedHashes(t *testing.T) {
	t.Parallel()
	const pbkdf2Key = "XoThOHSBkxD/OH+nYmzrrBnC+wigV3nRPXfcMAgATWk="
	const salt, key = "c2FsdHNhbHRzYWx0c2FsdA", "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U"
	bcrypted := bcryptHash(t, "passphrase")
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	if _, err := hasher.Verify(t.Context(), "$argon2id$v=19$m=64,t=1,p=1$"+salt+"$"+key, ""); err != nil {
		t.Fatalf("the hash that the rows below change is rejected: %v", err)
	}

	tests := map[string]string{
		"empty":                  "",
		"plain text":             "passphrase",
		"argon2i":                "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key,
		"version 16":             "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key,
		"no version":             "$argon2id$m=64,t=1,p=1$" + salt + "$" + key,
		"memory of 4 TiB":        "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key,
		"memory over the bound":  "$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + key,
		"memory below 8 p":       "$argon2id$v=19$m=15,t=1,p=2$" + salt + "$" + key,
		"memory overflows":       "$argon2id$v=19$m=4294967360,t=1,p=1$" + salt + "$" + key,
		"no iterations":          "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key,
		"too many iterations":    "$argon2id$v=19$m=64,t=17,p=1$" + salt + "$" + key,
		"no lanes":               "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key,
		"too many lanes":         "$argon2id$v=19$m=128,t=1,p=9$" + salt + "$" + key,
		"lanes overflow":         "$argon2id$v=19$m=64,t=1,p=257$" + salt + "$" + key,
		"negative":               "$argon2id$v=19$m=-64,t=1,p=1$" + salt + "$" + key,
		"leading zero":           "$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + key,
		"leading plus":           "$argon2id$v=19$m=+64,t=1,p=1$" + salt + "$" + key,
		"other order":            "$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + key,
		"parameter twice":        "$argon2id$v=19$m=64,m=64,t=1,p=1$" + salt + "$" + key,
		"parameter missing":      "$argon2id$v=19$m=64,t=1$" + salt + "$" + key,
		"extra parameter":        "$argon2id$v=19$m=64,t=1,p=1,keyid=AA$" + salt + "$" + key,
		"salt too short":         "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbA$" + key,
		"salt too long":          "$argon2id$v=19$m=64,t=1,p=1$" + strings.Repeat("AAAA", 17) + "$" + key,
		"key too short":          "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$a2V5a2V5a2V5a2V5a2V5",
		"key too long":           "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("AAAA", 22),
		"key missing":            "$argon2id$v=19$m=64,t=1,p=1$" + salt,
		"extra field":            "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key + "$",
		"padding":                "$argon2id$v=19$m=64,t=1,p=1$" + salt + "==$" + key,
		"spare bits":             "$argon2id$v=19$m=64,t=1,p=1$" + salt[:len(salt)-1] + "B$" + key,
		"base64url":              "$argon2id$v=19$m=64,t=1,p=1$__" + salt[2:] + "$" + key,
		"line break":             "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key + "\n",
		"one megabyte":           "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 1<<20),
		"bcrypt of cost 31":      "$2a$31$" + bcrypted[7:],
		"bcrypt of cost 15":      "$2a$15$" + bcrypted[7:],
		"bcrypt of cost 3":       "$2a$03$" + bcrypted[7:],
		"bcrypt of cost +4":      "$2a$+4$" + bcrypted[7:],
		"PBKDF2 of SHA-1":        "pbkdf2_sha1$1000$salt$" + pbkdf2Key,
		"PBKDF2 without salt":    "pbkdf2_sha256$1000$$" + pbkdf2Key,
		"PBKDF2, long salt":      "pbkdf2_sha256$1000$" + strings.Repeat("x", 129) + "$" + pbkdf2Key,
		"PBKDF2, too many":       "pbkdf2_sha256$2000001$salt$" + pbkdf2Key,
		"PBKDF2, none":           "pbkdf2_sha256$0$salt$" + pbkdf2Key,
		"PBKDF2, overflow":       "pbkdf2_sha256$4294968296$salt$" + pbkdf2Key,
		"PBKDF2, short key":      "pbkdf2_sha256$1000$salt$" + pbkdf2Key[4:],
		"PBKDF2, extra field":    "pbkdf2_sha256$1000$salt$" + pbkdf2Key + "$",
		"PBKDF2, line break":     "pbkdf2_sha256$1000$salt$" + pbkdf2Key + "\n",
		"bcrypt without variant": "$2$" + bcrypted[4:] + "A",
		"bcrypt too short":       bcrypted[:59],
		"bcrypt too long":        bcrypted + "A",
		"bcrypt alphabet":        bcrypted[:59] + "!",
		"bcrypt prefix alone":    "$2",
	}
	for name, hash := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			match, err := hasher.Verify(t.Context(), hash, "passphrase")
			if !errors.Is(err, auth.ErrMalformedHash) || match.OK {
				t.Fatalf("Verify = %+v, %v, want ErrMalformedHash", match, err)
			}
			if strings.Contains(err.Error(), salt) || strings.Contains(err.Error(), bcrypted[10:20]) {
				t.Errorf("the error quotes the hash: %v", err)
			}
		})
	}
}

func TestLongHashIsNotParsed(t *testing.T) {
	t.Parallel()
	_, _, err := auth.ReformatArgon2id("$argon2id$v=19$m=64,t=1,p=1$" + strings.Repeat("A", 229))
	if err == nil || !strings.HasSuffix(err.Error(), "too long") {
		t.Errorf("err = %v, want too long", err)
	}
}

// Logins with equal work take equal time, and work can be compared without a clock.
func TestVerificationsDoEqualWork(t *testing.T) {
	t.Parallel()
	today := auth.PasswordParams{MemoryKiB: 256, Iterations: 2, Parallelism: 1}
	older := auth.PasswordParams{MemoryKiB: 96, Iterations: 3, Parallelism: 1}
	dearer := auth.PasswordParams{MemoryKiB: 512, Iterations: 2, Parallelism: 1}
	hashed := func(params auth.PasswordParams) string {
		return mustHash(t, newHasher(t, params, auth.PasswordHasherOptions{}), "passphrase")
	}
	current, old, dear, bcrypted := hashed(today), hashed(older), hashed(dearer), bcryptHash(t, "passphrase")
	topUp := auth.PasswordParams{MemoryKiB: 112, Iterations: 2, Parallelism: 1} // (256×2 − 96×3) / 2

	tests := []struct {
		name       string
		bcryptCost int
		verify     func(h *auth.PasswordHasher) error
		want       []auth.PasswordParams
	}{
		{"unknown account", 0, dummy(t, "passphrase"), []auth.PasswordParams{today}},
		{"unknown account, long password", 0, dummy(t, strings.Repeat("x", 2000)), []auth.PasswordParams{today}},
		{"wrong password", 0, verify(t, current, "wrong"), []auth.PasswordParams{today}},
		{"right password", 0, verify(t, current, "passphrase"), []auth.PasswordParams{today}},
		{"password too long", 0, verify(t, current, strings.Repeat("x", 1025)), []auth.PasswordParams{today}},
		{"older row, wrong password", 0, verify(t, old, "wrong"), []auth.PasswordParams{older, topUp}},
		{"older row, right password", 0, verify(t, old, "passphrase"), []auth.PasswordParams{older, topUp}},
		{"dearer row", 0, verify(t, dear, "wrong"), []auth.PasswordParams{dearer}},
		{"bcrypt row", 0, verify(t, bcrypted, "wrong"), nil},
		{"bcrypt row among imports", 4, verify(t, bcrypted, "wrong"), []auth.PasswordParams{today}},
		{"wrong password among imports", 4, verify(t, current, "wrong"), []auth.PasswordParams{today}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hasher := newHasher(t, today, auth.PasswordHasherOptions{ImportedBcryptCost: test.bcryptCost})
			seen := hasher.RecordDerivations()
			if err := test.verify(hasher); err != nil {
				t.Fatal(err)
			}
			if got, want := *seen, test.want; len(got) != len(want) || (len(got) > 0 && got[0] != want[0]) ||
				(len(got) > 1 && got[1] != want[1]) {
				t.Errorf("derivations = %+v, want %+v", got, want)
			}
		})
	}
}

func dummy(t *testing.T, password string) func(*auth.PasswordHasher) error {
	t.Helper()
	return func(h *auth.PasswordHasher) error { return h.VerifyDummy(t.Context(), password) }
}

func verify(t *testing.T, hash, password string) func(*auth.PasswordHasher) error {
	t.Helper()
	return func(h *auth.PasswordHasher) error {
		_, err := h.Verify(t.Context(), hash, password)
		return err
	}
}

func TestEachHashHasASalt(t *testing.T) {
	t.Parallel()
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	if first, second := mustHash(t, hasher, "passphrase"), mustHash(t, hasher, "passphrase"); first == second {
		t.Errorf("two hashes of one password are the same: %s", first)
	}
}

func TestHashIsArgon2idOfTheNormalizedPassword(t *testing.T) {
	t.Parallel()
	random := bytes.NewReader(append(make([]byte, 48), "saltsaltsaltsalt"...)) // 48 bytes for the dummy
	hash := mustHash(t, newHasher(t, cheap(), auth.PasswordHasherOptions{Rand: random}), "pa\u0308ssword!")
	want := argon2.IDKey([]byte("p\u00e4ssword!"), []byte("saltsaltsaltsalt"), 1, 64, 1, 32)
	if got := decodeBase64(t, hash[strings.LastIndex(hash, "$")+1:]); !bytes.Equal(got, want) {
		t.Errorf("key = %x, want %x", got, want)
	}
}

func TestHashRejectsLongPasswords(t *testing.T) {
	t.Parallel()
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	if _, err := hasher.Hash(t.Context(), strings.Repeat("x", 1025)); !errors.Is(err, auth.ErrPasswordTooLong) {
		t.Errorf("err = %v, want ErrPasswordTooLong", err)
	}
}

func TestHashReportsAFailingRandomSource(t *testing.T) {
	t.Parallel()
	_, err := auth.NewPasswordHasher(cheap(), auth.PasswordHasherOptions{Rand: new(bytes.Reader)})
	if !errors.Is(err, io.EOF) {
		t.Errorf("NewPasswordHasher: err = %v, want EOF", err)
	}
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{Rand: bytes.NewReader(make([]byte, 48))})
	if hash, err := hasher.Hash(t.Context(), "passphrase"); !errors.Is(err, io.EOF) || hash != "" {
		t.Errorf("Hash = %q, %v, want EOF", hash, err)
	}
}

func TestNewPasswordHasherRejectsBadSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		params auth.PasswordParams
		opts   auth.PasswordHasherOptions
	}{
		"zero parameters":   {},
		"no iterations":     {params: auth.PasswordParams{MemoryKiB: 64, Parallelism: 1}},
		"too little memory": {params: auth.PasswordParams{MemoryKiB: 7, Iterations: 1, Parallelism: 1}},
		"too much memory":   {params: auth.PasswordParams{MemoryKiB: 1 << 20, Iterations: 1, Parallelism: 1}},
		"bcrypt cost 3":     {cheap(), auth.PasswordHasherOptions{ImportedBcryptCost: 3}},
		"bcrypt cost 15":    {cheap(), auth.PasswordHasherOptions{ImportedBcryptCost: 15}},
		"negative slots":    {cheap(), auth.PasswordHasherOptions{Gate: auth.HashingGateOptions{Slots: -1}}},
		"negative queue":    {cheap(), auth.PasswordHasherOptions{Gate: auth.HashingGateOptions{QueueSize: -1}}},
		"negative wait":     {cheap(), auth.PasswordHasherOptions{Gate: auth.HashingGateOptions{MaxWait: -1}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.NewPasswordHasher(test.params, test.opts)
			if err == nil || errors.Is(err, auth.ErrMalformedHash) {
				t.Errorf("err = %v, want one about a setting", err)
			}
		})
	}
}

func TestCanceledContextComputesNothing(t *testing.T) {
	t.Parallel()
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	hash := mustHash(t, hasher, "passphrase")
	seen := hasher.RecordDerivations()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, hashErr := hasher.Hash(ctx, "passphrase")
	_, verifyErr := hasher.Verify(ctx, hash, "passphrase")
	_, bcryptErr := hasher.Verify(ctx, bcryptHash(t, "passphrase"), "passphrase")
	for _, err := range []error{hashErr, verifyErr, bcryptErr, hasher.VerifyDummy(ctx, "passphrase")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want context.Canceled", err)
		}
	}
	if len(*seen) != 0 {
		t.Errorf("%d hashes were computed", len(*seen))
	}
}

// Hashes of Django and of faulty implementations of bcrypt.
func TestVerifyImportedHashes(t *testing.T) {
	t.Parallel()
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	const phrase = "correct horse battery staple"
	const django = "pbkdf2_sha256$10000$SaltOfDjango22chars0ok$XoThOHSBkxD/OH+nYmzrrBnC+wigV3nRPXfcMAgATWk="
	ascii, umlauts := bcryptHash(t, phrase), bcryptHash(t, "pässwörter")
	for name, test := range map[string]struct {
		hash, password string
		want           bool
	}{
		"PBKDF2":                        {django, phrase, true},
		"PBKDF2, another password":      {django, phrase + "s", false},
		"PBKDF2, another key":           {strings.Replace(django, "$Xo", "$XO", 1), phrase, false},
		"PBKDF2, another salt":          {strings.Replace(django, "Salt", "salt", 1), phrase, false},
		"PBKDF2, other iterations":      {strings.Replace(django, "10000", "10001", 1), phrase, false},
		"bcrypt 2x":                     {"$2x" + ascii[3:], phrase, true},
		"bcrypt 2x, another password":   {"$2x" + ascii[3:], phrase + "s", false},
		"bcrypt 2x, where it is faulty": {"$2x" + umlauts[3:], "pässwörter", false},
		"bcrypt 2y":                     {"$2y" + umlauts[3:], "pässwörter", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			match, err := hasher.Verify(t.Context(), test.hash, test.password)
			if err != nil || match.OK != test.want || match.NeedsRehash != test.want {
				t.Errorf("Verify = %+v, %v, want %t and a new hash", match, err, test.want)
			}
		})
	}
}
