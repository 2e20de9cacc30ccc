package settings_test

import (
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/kit/settings"
)

func TestPrecedence(t *testing.T) {
	t.Parallel()
	opts := settings.Options{
		DotEnv: writeDotEnv(t, "PORT=1002\nAPP_NAME='From $file # 1'\nJWT_ISSUER=file\nJWT_AUDIENCE=\n"),
		Fallbacks: map[string]string{
			"ENVIRONMENT": "development", "PORT": "1003", "APP_NAME": "program", "JWT_ISSUER": "program",
			"JWT_AUDIENCE": "program", "HOST": "::1",
		},
	}
	read, err := loadFrom(map[string]string{
		"DATABASE_URL": "postgres://localhost/plinth", "JWT_SECRET": randomHex, "PORT": "1001", "JWT_ISSUER": "",
	}, opts)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]settings.Setting{
		"PORT":         {Value: "1001", Source: settings.SourceEnvironment},
		"APP_NAME":     {Value: "From $file # 1", Source: settings.SourceDotEnv},
		"JWT_ISSUER":   {Value: "program", Source: settings.SourceProgram}, // empty in the environment hides the file
		"JWT_AUDIENCE": {Value: "program", Source: settings.SourceProgram}, // empty in the file counts as none
		"HOST":         {Value: "::1", Source: settings.SourceProgram},
		"LOG_FORMAT":   {Value: "json", Source: settings.SourceDefault},
	}
	for _, got := range read.Settings() {
		if w, ok := want[got.Name]; ok && (got.Value != w.Value || got.Source != w.Source) {
			t.Errorf("%s: got %q from %s, want %q from %s", got.Name, got.Value, got.Source, w.Value, w.Source)
		}
	}
	if read.Port != 1001 || read.JWTIssuer != "program" || read.Host != "::1" {
		t.Errorf("settings and fields differ: %+v", read)
	}
}

func TestUnsetEnvironmentIsProduction(t *testing.T) {
	t.Parallel()
	path := writeDotEnv(t, "ENVIRONMENT=development\nJWT_SECRET=changeme-changeme-changeme-changeme\n")
	environ := map[string]string{"CORS_ORIGINS": "*"}
	_, err := loadFrom(environ, settings.Options{DotEnv: path})
	found := problemsOf(t, err)
	for _, name := range []string{"CORS_ORIGINS", "JWT_SECRET", "DATABASE_URL"} {
		if found[name] == "" {
			t.Errorf("%s was not refused: %v", name, found)
		}
	}
	if !strings.Contains(err.Error(), path+" was not read") {
		t.Errorf("no hint that the file was not read: %v", err)
	}
}

func TestDotEnvSetsNoOtherEnvironment(t *testing.T) {
	t.Parallel()
	opts := settings.Options{DotEnv: writeDotEnv(t, "ENVIRONMENT=production\n")}
	if found := problems(t, development(nil), opts); !strings.Contains(found["ENVIRONMENT"], "read in development only") {
		t.Errorf("got %v", found)
	}
}

func TestDotEnvMayBeMissing(t *testing.T) {
	t.Parallel()
	_, err := loadFrom(development(nil), settings.Options{DotEnv: filepath.Join(t.TempDir(), ".env")})
	if err != nil {
		t.Error(err)
	}
}

func TestUnreadableDotEnvIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := loadFrom(development(nil), settings.Options{DotEnv: t.TempDir()}); err == nil {
		t.Error("a folder was taken for a file")
	}
}

func TestMalformedDotEnvNamesTheLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		line string
	}{
		"no equals sign":              {"PORT=1\n# comment\nhunter2hunter2\nHOST=::1\n", "line 3"},
		"no equals sign at the end":   {"PORT=1\nhunter2hunter2", "line 2"},
		"a space in the name":         {"PORT=1\nJWT SECRET=hunter2hunter2\nHOST=::1\n", "line 2"},
		"an open quote":               {"PORT=1\n\nJWT_SECRET=\"hunter2hunter2\nHOST=::1\n", "line 3"},
		"a strange name":              {"hunter2-hunter2=1\n", "line 1"},
		"after a value of many lines": {"APP_NAME=\"a\nb\nc\"\nhunter2 hidden\nPORT=1\n", "line 4"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadFrom(development(nil), settings.Options{DotEnv: writeDotEnv(t, tt.text)})
			if err == nil || !strings.Contains(err.Error(), ".env "+tt.line+":") {
				t.Errorf("want %s, got %v", tt.line, err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the file is quoted: %v", err)
			}
		})
	}
}

func TestOptionalSettingsMayBeMissing(t *testing.T) {
	t.Parallel()
	environ := map[string]string{"DATABASE_URL": "postgres://localhost/plinth"}
	read, err := loadFrom(environ, settings.Options{Optional: []string{"JWT_SECRET"}})
	if err != nil || read.JWTSecret.IsSet() {
		t.Errorf("got %v, %v", read.JWTSecret, err)
	}
	found := problems(t, map[string]string{}, settings.Options{Optional: []string{"DATABASE_URL"}})
	if len(found) != 1 || found["JWT_SECRET"] == "" {
		t.Errorf("want only JWT_SECRET to be missing, got %v", found)
	}
}

func TestUnknownFallbackIsAnError(t *testing.T) {
	t.Parallel()
	_, err := loadFrom(development(nil), settings.Options{Fallbacks: map[string]string{"PROT": "1"}})
	if err == nil || !strings.Contains(err.Error(), "PROT") {
		t.Errorf("got %v", err)
	}
}

func TestDotEnvOfWindowsEditors(t *testing.T) {
	t.Parallel()
	read, err := loadFrom(development(nil), settings.Options{DotEnv: writeDotEnv(t, "\ufeffAPP_NAME=Orders\r\n")})
	if err != nil || read.AppName != "Orders" {
		t.Errorf("with a byte order mark: %q, %v", read.AppName, err)
	}
	path := writeDotEnv(t, "\xff\xfeA\x00P\x00P\x00")
	if found := problems(t, development(nil), settings.Options{DotEnv: path}); !strings.Contains(found[path], "UTF-8") {
		t.Errorf("in UTF-16: %v", found)
	}
}

// The environment of the process is shared, so this test is not parallel.
func TestEnviron(t *testing.T) {
	for name, text := range production(map[string]string{"PORT": "8123", "PGSERVICE": "prod", "APP_NAME": ""}) {
		t.Setenv(name, text)
	}
	t.Setenv("MAIL_PASSWORD_FILE", writeFile(t, "password", "hunter2\n"))
	environ, err := settings.Environ(new(table))
	if err != nil {
		t.Fatal(err)
	}
	if text, found := environ["PGSERVICE"]; !found || text != "" {
		t.Errorf("PGSERVICE is %q, want its name without its value", text)
	}
	read, err := loadFrom(environ, settings.Options{DotEnv: writeDotEnv(t, "PORT=1\n")})
	if err != nil {
		t.Fatal(err)
	}
	if read.Port != 8123 || read.AppName != "Plinth" || read.JWTSecret.Reveal() != randomHex ||
		read.MailPassword.Reveal() != "hunter2" {
		t.Errorf("got %+v", read)
	}
}

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "secret", randomHex+"\r\n")
	environ := production(map[string]string{"JWT_SECRET_FILE": path, "JWT_SECRET": ""})
	if read := load(t, environ); read.JWTSecret.Reveal() != randomHex {
		t.Errorf("read %q", read.JWTSecret.Reveal())
	}
	read, err := loadFrom(map[string]string{"ENVIRONMENT": "development"}, settings.Options{DotEnv: writeDotEnv(t,
		"JWT_SECRET_FILE="+path+"\nDATABASE_URL_FILE="+writeFile(t, "url", "postgres://localhost/plinth"))})
	if err != nil || read.JWTSecret.Reveal() != randomHex || read.DatabaseURL.Reveal() != "postgres://localhost/plinth" {
		t.Errorf("from .env: %v, %v", read, err)
	}
	environ["PORT_FILE"] = writeFile(t, "port", "1")
	if read := load(t, environ); read.Port != 8000 {
		t.Errorf("PORT_FILE, which is no setting, is read: %d", read.Port)
	}
	environ["JWT_SECRET"] = randomHex
	if found := problems(t, environ, settings.Options{}); !strings.Contains(found["JWT_SECRET_FILE"], "set one of them") {
		t.Errorf("both are set: %v", found)
	}
	_, err = loadFrom(production(map[string]string{"JWT_SECRET": "", "JWT_SECRET_FILE": "canary"}), settings.Options{})
	found := problemsOf(t, err)
	if len(found) != 2 || !strings.Contains(found["JWT_SECRET_FILE"], "no such file") ||
		strings.Contains(err.Error(), "canary") {
		t.Errorf("no file: %v", err)
	}
}
