// Package goname has the names that oapi-codegen gives to what a contract names.
package goname

import (
	"regexp"
	"strings"
	"unicode"
)

// initialisms has those of oapi-codegen, and those that applications add to its configuration.
const initialisms = " ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON QPS RAM RPC SLA SMTP SQL SSH TCP TLS TTL " +
	"UDP UI GID UID UUID URI URL UTF8 VM XML XMPP XSRF XSS SIP RTP AMQP DB TS ULID JWKS "

var goWord = regexp.MustCompile(`[\p{Lu}\d]+([\p{Ll}\d]+|$)`)

// Of writes a name of the contract as oapi-codegen's ToCamelCaseWithInitialisms does: http_url
// is HTTPURL, userId UserID.
func Of(name string) string {
	var camel strings.Builder
	capital := true
	for _, char := range name {
		switch {
		case unicode.IsLower(char) && capital:
			camel.WriteRune(unicode.ToUpper(char))
		case unicode.IsLetter(char), unicode.IsDigit(char):
			camel.WriteRune(char)
		}
		capital = !unicode.IsLetter(char)
	}
	words := goWord.FindAllString(camel.String(), -1)
	for i, word := range words {
		if upper := strings.ToUpper(word); strings.Contains(initialisms, " "+upper+" ") {
			words[i] = upper
		}
	}
	return strings.Join(words, "")
}
