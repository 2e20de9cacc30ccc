package keyfile

import (
	"flag"
	"fmt"
	"io"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/cli"
)

// DefaultOverlap covers the longest life of an access token, a day, and a day for the roll-out.
const DefaultOverlap = 48 * time.Hour

// Usage describes the commands in the help of a program, where they follow `keys`.
const Usage = `  keys generate [--algorithm EdDSA|ES256|RS256] [--force] FILE
        Write new keys for access tokens to FILE (EdDSA unless given), which only its owner can read. --force
        replaces an existing FILE, as after a leak of it: all access tokens become invalid.
  keys rotate [--overlap DURATION] FILE
        Sign with the next key of FILE. The previous key verifies for the overlap, 48h unless given, which has to
        cover the roll-out and the life of an access token; 0 drops it, as after a leak of that key alone.
  keys list FILE
        Print the keys of FILE and their states, without secrets.
`

// Run runs generate, rotate or list with their arguments. now is the clock of rotations. It fails
// with [cli.ErrUsage], or with flag.ErrHelp if help was requested.
func Run(args []string, stdout io.Writer, now func() time.Time) error {
	if len(args) == 0 {
		return cli.ErrUsage
	}
	switch command, rest := args[0], args[1:]; command {
	case "generate":
		return generateKeys(rest, stdout)
	case "rotate":
		return rotateKeys(rest, stdout, now)
	case "list":
		path, err := parsePath(cli.NewFlags(), rest)
		if err != nil {
			return err
		}
		set, err := Read(path)
		if err == nil {
			list(stdout, path, set)
		}
		return err
	default:
		return cli.ErrUsage
	}
}

func generateKeys(args []string, stdout io.Writer) error {
	flags := cli.NewFlags()
	algorithm := flags.String("algorithm", auth.AlgorithmEdDSA, "")
	force := flags.Bool("force", false, "")
	path, err := parsePath(flags, args)
	if err != nil {
		return err
	}
	set, err := auth.GenerateKeySet(*algorithm)
	if err != nil {
		return err
	}
	if *force {
		err = replace(path, set)
	} else {
		err = create(path, set)
	}
	if err != nil {
		return err
	}
	list(stdout, path, set)
	fmt.Fprintf(stdout, "Next: set JWT_ALGORITHM=%s and JWT_KEYS_FILE to the file, and restart every replica.\n"+
		"This ends access tokens of other keys; clients get new ones with their refresh tokens.\n", set.Algorithm())
	return nil
}

func rotateKeys(args []string, stdout io.Writer, now func() time.Time) error {
	flags := cli.NewFlags()
	overlap := flags.Duration("overlap", DefaultOverlap, "")
	path, err := parsePath(flags, args)
	if err != nil {
		return err
	}
	set, err := Read(path)
	if err != nil {
		return err
	}
	rotated, err := set.Rotate(now(), *overlap)
	if err != nil {
		return err
	}
	if err := replace(path, rotated); err != nil {
		return err
	}
	list(stdout, path, rotated)
	fmt.Fprintln(stdout, "Next: copy the file to every replica and restart them one after another, before you rotate "+
		"again.")
	if *overlap == 0 {
		fmt.Fprintf(stdout, "Each replica refuses the tokens of %s from its restart on; "+
			"clients get new ones with their refresh tokens.\n"+
			"Other services that verify tokens may keep the key for 5 minutes more.\n", set.ActiveKeyID())
	}
	return nil
}

// parsePath parses flags and the one argument after them.
func parsePath(flags *flag.FlagSet, args []string) (string, error) {
	others, err := cli.Parse(flags, args, 1)
	if err != nil {
		return "", err
	}
	return others[0], nil
}

// list prints the keys of a file, without secrets.
func list(stdout io.Writer, path string, set *auth.KeySet) {
	fmt.Fprintf(stdout, "%s: %s\n", path, set.Algorithm())
	for _, key := range set.Keys() {
		until := ""
		if !key.Expires.IsZero() {
			until = " until " + key.Expires.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(stdout, "  %-7s  %s%s\n", key.State, key.ID, until)
	}
	if othersCanRead(path) {
		fmt.Fprintf(stdout, "Other users can read %[1]s: chmod 600 %[1]s\n", path)
	}
}
