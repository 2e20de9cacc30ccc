package httpapi

import (
	"regexp"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/internal/domain"
)

// etag is a strong validator (RFC 9110, section 8.8.3): what others see of a user changes with its version, and only so.
func etag(user domain.User) string { return `"` + formatVersion(user.Version) + `"` }

func formatVersion(version int64) string { return strconv.FormatInt(version, 10) }

const entityTag = `(W/)?"([^"\x00-\x20\x7f]*)"`

var (
	entityTags    = regexp.MustCompile(entityTag)
	entityTagList = regexp.MustCompile(`^[ ,]*` + entityTag + `( *,[ ,]*` + entityTag + `)*[ ,]*$`)
)

var errInvalidIfMatch = validationProblem([]fieldError{{
	In: openapi3.ParameterInHeader, Name: "If-Match", Code: "invalid_format",
	Detail: "Must be * or a list of entity tags, in quotation marks.",
}})

// toVersions reads If-Match (RFC 9110, section 13.1.1). The comparison is strong, so a weak tag matches nothing, and nor
// does one that we never give out; * matches whatever is there.
func toVersions(ifMatch *string) (domain.Versions, error) {
	if ifMatch == nil || *ifMatch == "*" {
		return nil, nil
	}
	if !entityTagList.MatchString(*ifMatch) {
		return nil, errInvalidIfMatch
	}
	versions := domain.Versions{}
	for _, tag := range entityTags.FindAllStringSubmatch(*ifMatch, -1) {
		isWeak, opaque := tag[1] != "", tag[2]
		version, err := strconv.ParseInt(opaque, 10, 64)
		if err == nil && !isWeak && formatVersion(version) == opaque {
			versions = append(versions, version)
		}
	}
	return versions, nil
}
