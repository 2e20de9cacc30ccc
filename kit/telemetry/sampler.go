package telemetry

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// sampler is one of the standard samplers that strangers cannot talk into recording more: whoever may call the service
// may choose the flags and the id of a trace, and recording costs us, not them.
type sampler struct {
	root        sdktrace.Sampler // decides about traces that begin here
	parentBased bool             // goes by what the caller does
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
	switch believed := p.ParentContext.Value(believedKey{}) != nil; {
	case !parent.IsValid():
		return s.root.ShouldSample(p)
	case !parent.IsRemote(), s.parentBased && believed, s.parentBased && !parent.IsSampled():
		return follow(parent)
	case believed:
		return s.root.ShouldSample(p)
	default:
		return s.asOurOwn(p, parent)
	}
}

// follow does with a span what is done with its parent.
func follow(parent trace.SpanContext) sdktrace.SamplingResult {
	decision := sdktrace.Drop
	if parent.IsSampled() {
		decision = sdktrace.RecordAndSample
	}
	return sdktrace.SamplingResult{Decision: decision, Tracestate: parent.TraceState()}
}

// asOurOwn decides about a stranger's trace as if it began here, under an id that they cannot have chosen.
func (s sampler) asOurOwn(p sdktrace.SamplingParameters, parent trace.SpanContext) sdktrace.SamplingResult {
	p.ParentContext = trace.ContextWithSpanContext(p.ParentContext, trace.SpanContext{})
	binary.BigEndian.PutUint64(p.TraceID[8:], rand.Uint64()) //nolint:gosec // G404: a share, not a secret
	result := s.root.ShouldSample(p)
	result.Tracestate = parent.TraceState()
	return result
}

// believedKey marks, in a context, a caller who may decide that a trace is recorded.
type believedKey struct{}

func believe(ctx context.Context) context.Context { return context.WithValue(ctx, believedKey{}, true) }
