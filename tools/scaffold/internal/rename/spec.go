package rename

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// specLiteral is how oapi-codegen embeds a contract: JSON, deflated, in base64, in lines of 80.
var specLiteral = regexp.MustCompile(`(?s)(var swaggerSpec = \[\]string\{\n)(.*?)(\n\})`)

const specWidth = 80

// replaceInSpecs applies replace to the contracts that are embedded in generated Go code, and encodes them just as the
// generator does, so that the copy's generated code is fresh. A contract without a change is left as it is.
func replaceInSpecs(text string, replace func(string) string) (string, error) {
	match := specLiteral.FindStringSubmatchIndex(text)
	if match == nil {
		return text, nil
	}
	start, end := match[4], match[5] // the lines between the braces
	contract, err := decodeSpec(text[start:end])
	if err != nil {
		return "", fmt.Errorf("decoding the embedded contract: %w", err)
	}
	renamed := replace(contract)
	if renamed == contract {
		return text, nil
	}
	literal, err := encodeSpec(renamed)
	if err != nil {
		return "", fmt.Errorf("encoding the embedded contract: %w", err)
	}
	return text[:start] + literal + text[end:], nil
}

func decodeSpec(literal string) (string, error) {
	encoded := strings.NewReplacer("\t", "", "\n", "", `"`, "", ",", "").Replace(literal)
	deflated, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", err
	}
	contract, err := io.ReadAll(flate.NewReader(bytes.NewReader(deflated)))
	return string(contract), err
}

func encodeSpec(contract string) (string, error) {
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(w, contract); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	encoded := base64.StdEncoding.EncodeToString(deflated.Bytes())
	var lines []string
	for encoded != "" {
		width := min(specWidth, len(encoded))
		lines = append(lines, "\t\""+encoded[:width]+"\",")
		encoded = encoded[width:]
	}
	return strings.Join(lines, "\n"), nil
}
