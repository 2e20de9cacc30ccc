package rename

import (
	"crypto/sha1" //nolint:gosec // G505: the object ids of git, against edits and not against attackers
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
)

// kitFolder holds the module that copies share. Its files are copied unchanged, and its module path is kept.
const kitFolder = "kit"

func inKit(file string) bool { return strings.HasPrefix(file, kitFolder+"/") }

// kitDigest returns what this command prints in the copy, which kit/scripts/check-kit.sh compares:
//
//	git ls-files kit | LC_ALL=C sort | git hash-object --no-filters --stdin-paths | git hash-object --stdin
func kitDigest(root *os.Root, files []string) (string, error) {
	var ids strings.Builder
	for _, file := range slices.Sorted(slices.Values(files)) {
		if !inKit(file) {
			continue
		}
		content, err := root.ReadFile(file)
		if err != nil {
			return "", err
		}
		ids.WriteString(blobID(content) + "\n")
	}
	return blobID([]byte(ids.String())), nil
}

// blobID returns the id that git gives to a file of this content.
func blobID(content []byte) string {
	hash := sha1.New() //nolint:gosec // G401: as above
	fmt.Fprintf(hash, "blob %d\x00", len(content))
	hash.Write(content)
	return hex.EncodeToString(hash.Sum(nil))
}
