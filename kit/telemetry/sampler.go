package telemetry

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// sampler is a standard sampler that only trusted clients can make record more. Any client can
// choose the flags and the id of its trace, and recording costs the service.
type sampler struct {
	root        sdktrace.Sampler // for traces that begin here
	parentBased bool
}

var _ sdktrace.Sampler = sampler{}

// newSampler returns the sampler of OTEL_TRACES_SAMPLER.
func newSampler(name string, ratio float64) sampler {
	kind, parentBased := strings.CutPrefix(name, "parentbased_")
	switch kind {
	case "always_off":
		return sampler{sdktrace.NeverSample(), parentBased}
	case "traceidratio":
		return sampler{sdktrace.TraceIDRatioBased(ratio), parentBased}
	default:
		return sampler{sdktrace.AlwaysSample(), parentBased}
	}
}

// Description implements sdktrace.Sampler.
func (s sampler) Description() string { return s.root.Description() }

// ShouldSample implements sdktrace.Sampler.
func (s sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	switch trusted := p.ParentContext.Value(trustedKey{}) != nil; {
	case !parent.IsValid():
		return s.root.ShouldSample(p)
	case !parent.IsRemote(), s.parentBased && trusted, s.parentBased && !parent.IsSampled():
		return follow(parent)
	case trusted:
		return s.root.ShouldSample(p)
	default:
		return s.asRoot(p, parent)
	}
}

// follow samples a span if its parent is sampled.
func follow(parent trace.SpanContext) sdktrace.SamplingResult {
	decision := sdktrace.Drop
	if parent.IsSampled() {
		decision = sdktrace.RecordAndSample
	}
	return sdktrace.SamplingResult{Decision: decision, Tracestate: parent.TraceState()}
}

// asRoot samples the trace of an untrusted client as if it began here, by a random id that the
// client cannot choose.
func (s sampler) asRoot(p sdktrace.SamplingParameters, parent trace.SpanContext) sdktrace.SamplingResult {
	p.ParentContext = trace.ContextWithSpanContext(p.ParentContext, trace.SpanContext{})
	binary.BigEndian.PutUint64(p.TraceID[8:], rand.Uint64()) //nolint:gosec // G404: a share, not a secret
	result := s.root.ShouldSample(p)
	result.Tracestate = parent.TraceState()
	return result
}

// trustedKey marks a context whose client may decide that its trace is recorded.
type trustedKey struct{}

func trust(ctx context.Context) context.Context { return context.WithValue(ctx, trustedKey{}, true) }
