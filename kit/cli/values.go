package cli

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// ParseDays parses a number of days such as 365d.
func ParseDays(text string) (time.Duration, error) {
	days, ok := strings.CutSuffix(text, "d")
	n, err := strconv.ParseUint(days, 10, 16)
	if !ok || err != nil {
		return 0, errors.New("want a number of days such as 365d")
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

// ReadPassword returns the first line of stdin, or a random password if there is none or stdin is
// a terminal.
func ReadPassword(stdin io.Reader) (password string, isRandom bool, err error) {
	if file, ok := stdin.(*os.File); ok {
		info, err := file.Stat()
		if err != nil || info.Mode()&os.ModeCharDevice != 0 {
			return rand.Text(), true, nil //nolint:nilerr // stdin is unusable
		}
	}
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", false, fmt.Errorf("reading the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line != "" {
		return line, false, nil
	}
	return rand.Text(), true, nil
}
