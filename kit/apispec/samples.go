package apispec

import (
	"slices"

	yaml "github.com/oasdiff/yaml3"

	"example.com/plinth/kit/internal/yamldoc"
)

// CodeSample is a call of an operation in one language, for the extension x-codeSamples.
type CodeSample struct {
	Lang   string
	Source string
}

// Clients are the packages that code samples use. Without a client there are no samples in its language.
type Clients struct {
	Go         string // the client, such as notes
	GoTypes    string // its generated types, such as apiclient
	GoWithout  string // a header that it does not send, see [Overlay]
	TypeScript string // the client, such as @notes/client
}

// Samples returns the code samples of each operation by its operationId, the one for a shell first.
// They set what the operation requires, with the values of its examples.
func Samples(contract []byte, clients Clients) (map[string][]CodeSample, error) {
	operations, err := sampleOperations(contract)
	if err != nil {
		return nil, err
	}
	samples := make(map[string][]CodeSample, len(operations))
	for _, op := range operations {
		samples[op.id] = op.samples(clients)
	}
	return samples, nil
}

func (o sampleOperation) samples(clients Clients) []CodeSample {
	samples := []CodeSample{{"Shell", o.curl()}}
	if clients.TypeScript != "" {
		samples = append(samples, CodeSample{"TypeScript", o.typescript(clients.TypeScript)})
	}
	if clients.Go != "" {
		samples = append(samples, CodeSample{"Go", o.golang(clients)})
	}
	return samples
}

// addSamples adds the code samples below the operationId of each operation.
func (d document) addSamples(clients Clients) {
	for path, item := range yamldoc.Members(d.At("paths")) {
		for method, spec := range yamldoc.Members(item) {
			position := slices.IndexFunc(spec.Content, func(key *yaml.Node) bool { return key.Value == "operationId" })
			if position < 0 {
				continue // parameters, which the operations of the path share
			}
			samples := &yaml.Node{Kind: yaml.SequenceNode}
			for _, sample := range d.operation(path, method, item, spec).samples(clients) {
				source := yamldoc.Text(sample.Source)
				source.Style = yaml.LiteralStyle
				samples.Content = append(samples.Content,
					yamldoc.Mapping(yamldoc.Scalar("lang"), yamldoc.Scalar(sample.Lang), yamldoc.Scalar("source"), source))
			}
			spec.Style = 0
			spec.Content = slices.Insert(spec.Content, position+2, yamldoc.Scalar("x-codeSamples"), samples)
		}
	}
}
