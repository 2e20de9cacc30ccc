package useragent_test

import (
	"fmt"
	"testing"

	"example.com/plinth/kit/useragent"
)

func Example() {
	fmt.Println(useragent.Name("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"))
	fmt.Println(useragent.Name("Click https://evil.example"))
	// Output:
	// Firefox on Linux
	// an unknown device
}

func TestName(t *testing.T) {
	t.Parallel()
	const webkit = " AppleWebKit/537.36 (KHTML, like Gecko) "
	for userAgent, want := range map[string]string{
		"": useragent.Unknown,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64)" + webkit + "Chrome/140.0.0.0 Safari/537.36":               "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64)" + webkit + "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)" + webkit + "Version/18.6 Safari/605.1.15":           "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)" + webkit + "CriOS/140.0 Mobile Safari/604.1": "Chrome on iPhone",
		"Mozilla/5.0 (Linux; Android 10; K)" + webkit + "Chrome/140.0.0.0 Mobile Safari/537.36":               "Chrome on Android",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)" + webkit + "Chrome/140.0.0.0 Safari/537.36":                "Chrome on ChromeOS",
		"Mozilla/5.0 (compatible; Konqueror/5.0; Linux)":                                                      "a device with Linux",
		"curl/8.14.1":                         "curl",
		"Shop/3 CFNetwork/1568 Darwin/24.0.0": "an app on macOS or iOS",
		"python-requests/2.32":                "a script",
		"Go-http-client/1.1":                  "a program",
	} {
		if got := useragent.Name(userAgent); got != want {
			t.Errorf("%s is named %q, want %q", userAgent, got, want)
		}
	}
}
